import { describe, expect, test } from '@jest/globals';
import type { OutcomeKind } from '../../functions/activities/contract.ts';
import type { FleetItem } from '../../report/fleet.ts';
import { renderFleetHtml, renderFleetMarkdown } from '../../report/index.ts';
import { afterName } from '../../report/words.ts';
import fc from '../fastCheck.ts';
import { hostileText } from './hostility.ts';

const at = '2026-03-01T04:00:00.000Z';
const item = (name: string, outcome: OutcomeKind | null, more: Partial<FleetItem> = {}): FleetItem => ({
  id: 'r-aaaaaaaaaaaa',
  vmId: `/subscriptions/s/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/${name}`,
  state: outcome === null ? 'running' : 'ended',
  outcome,
  headline: `${name} is told.`,
  requestedAt: '2026-03-01T03:00:00.000Z',
  endedAt: outcome === null ? null : '2026-03-01T03:12:00.000Z',
  stopCode: '0x000000EF',
  ...more,
});
const fleet = [
  item('a', 'repaired'),
  item('b', null),
  item('c', 'rolled-back'),
  item('d', 'needs-person'),
  item('e', null, { state: 'waiting-approval' }),
];
/** VMs in the order of the table's rows. */
const order = (html: string) => [...html.matchAll(/data-label="VM"><div><strong>([^<]*)</g)].map(([, name]) => name);

describe('a fleet', () => {
  test('a row a VM, the failures first, and its sentence', () => {
    const html = renderFleetHtml(fleet, at);
    expect(order(html)).toEqual(['d', 'c', 'e', 'b', 'a']);
    expect(html).toContain('<header class="bad">');
    expect(html).toContain('Of 5 VMs 1 needs a person, 1 was rolled back, 1 waits for a person, 1 is under way and 1 is repaired.');
    expect(html).toContain('12 min');
  });
  test('a page that is saved or forwarded names the app that has the repairs; a link only where it is the web', () => {
    const app = 'https://func-repair.azurewebsites.net';
    expect(renderFleetHtml(fleet, at, null, app)).toContain(`<a href="${app}/api/ui" rel="noopener noreferrer">${app}/api/ui</a>`);
    expect(renderFleetMarkdown(fleet, at, null, app)).toContain(`<${app}/api/ui>`);
    expect(renderFleetHtml(fleet, at, null, 'http://127.0.0.1:1')).toContain('<dd>http://127.0.0.1:1/api/ui</dd>');
    expect(renderFleetHtml(fleet, at)).not.toContain('Each repair is at');
  });
  test('of a VM its latest repair, how many came before, and its report; codes and ids stay whole', () => {
    const again = [
      item('a', 'rolled-back', { id: 'r-aaaaaaaaaaaa', requestedAt: '2026-03-01T01:00:00.000Z' }),
      item('a', 'repaired', { id: 'r-bbbbbbbbbbbb', requestedAt: '2026-03-01T02:00:00.000Z', vmId: item('a', null).vmId.toUpperCase() }),
      item('a', 'joined', { id: 'r-cccccccccccc', requestedAt: '2026-03-01T03:00:00.000Z' }),
      item('b', null, { id: 'r-dddddddddddd' }),
    ];
    const html = renderFleetHtml(again, at);
    expect(html).toContain('Of 2 VMs 1 is under way and 1 is repaired.');
    expect(html).toContain('<header class="good">');
    expect(html.match(/\(earlier: 1\)/g)).toHaveLength(1);
    expect(html).toContain('<a class="whole" href="/api/repairs/r-bbbbbbbbbbbb/report.html">r-bbbbbbbbbbbb</a>');
    expect(html).toContain('<a class="whole" href="/api/ui/repairs/r-dddddddddddd">');
    expect(html).toContain('<code class="whole">0x000000EF</code>');
    expect(html).not.toMatch(/r-aaaaaaaaaaaa|r-cccccccccccc/);
    expect(renderFleetMarkdown(again, at)).toContain('`r-bbbbbbbbbbbb`');
  });
  test('is good only where nothing failed and nobody is asked', () => {
    const tone = (items: FleetItem[]) => /<header class="(\w+)">/.exec(renderFleetHtml(items, at))?.[1];
    expect([tone([]), tone([item('a', 'repaired'), item('h', 'healthy')]), tone([item('a', 'repaired'), item('u', 'unknown')])]).toEqual([
      'good',
      'good',
      'warn',
    ]);
  });
  test('Markdown has the same rows', () => {
    const rows = renderFleetMarkdown(fleet, at)
      .split('\n')
      .filter(line => line.startsWith('| **'));
    expect(rows.map(row => row.slice(4, 5))).toEqual(['d', 'c', 'e', 'b', 'a']);
  });
  test('hostile names and headlines are text', () =>
    fc.assert(
      fc.property(hostileText, hostileText, (name, headline) => {
        const html = renderFleetHtml([item('a', 'unknown', { vmId: `/${name}`, headline })], at);
        expect(html).not.toMatch(/<script|<img|onerror=globalThis[^&]*>/i);
      }),
      { numRuns: 50 },
    ));
});

test('the VM is named once, also where the sentence of an earlier version does not begin with it', () => {
  expect(afterName('web-01', 'web-01 was repaired.')).toBe(' was repaired.');
  expect(afterName('web-01', 'Repaired: it boots again.')).toBe(': Repaired: it boots again.');
});
