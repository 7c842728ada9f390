/** What the README shows must work as it stands there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadSettings, policyFor } from '../functions/settings.ts';

const root = new URL('..', import.meta.url).pathname;
const readme = readFileSync(`${root}README.md`, 'utf8');

test('its settings are settings, and say what the text says', () => {
  const example = readme.match(/^ {4}(\{ "defaults"[\s\S]*?)\n\n/m)?.[1] ?? '';
  const settings = loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://account.blob.core.windows.net', BOOTMEDIC_SETTINGS: example });
  const modeOf = (group: string, tags: Record<string, string>) => {
    const vmId = `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/v`;
    return policyFor(settings, { vmId, tags, requestedMode: null, requestedConsents: [], requestedRestart: true }).mode;
  };
  expect([modeOf('other', {}), modeOf('rg-test', {}), modeOf('other', { bootmedic: 'yes' })]).toEqual(['observe', 'review', 'auto']);
  expect(modeOf('other', { bootmedic: 'yes', 'bootmedic-mode': 'review' })).toBe('review');
});

test('the files and folders it names are there', () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(match => match[1] ?? '');
  const rooms = [...readme.matchAll(/^\| `([a-z]+\/)`(?: `([a-z]+\/)`)? \|/gm)]
    .flatMap(match => [match[1], match[2]])
    .filter(room => room !== undefined);
  expect(links.length).toBeGreaterThan(4);
  expect(rooms.length).toBeGreaterThan(7);
  for (const path of [...links, ...rooms]) expect([path, existsSync(`${root}${path}`)]).toEqual([path, true]);
});
