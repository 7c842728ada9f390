/** The live page's list, without a browser: its size, and who is shown first. */
import { expect, test } from '@jest/globals';
import { itemOf, viewOf } from '../../functions/triggers/views.ts';
import { renderConfirmation, renderList, renderRepair } from '../../report/ui/index.ts';
import { summary } from '../records/sample.ts';
import { recordOf, repaired, stories } from './sample/stories.ts';

const query = { state: '', subscription: '', finding: '', vm: '', after: '' };

test('a thousand repairs that wait for a person make no page above 100 KB; twenty are named, the others are one link away', () => {
  const all = Array.from({ length: 1000 }, (_, n) => {
    const id = `r-${String(n).padStart(12, 'a')}`;
    return itemOf(undefined, { ...summary, id, state: 'waiting-approval', outcome: null, endedAt: null }) ?? [];
  }).flat();
  const page = renderList({ all, query });
  expect(Buffer.byteLength(page)).toBeLessThan(100_000);
  expect(page.match(/Read the plan and decide/g)).toHaveLength(20);
  expect(page).toContain('and 980 more that wait');
});

test('what waits for a person is told by the repair’s own sentence, in the box and in its row; where that does not name the VM, the page does', () => {
  const told = (headline: string) => {
    const asks = { state: 'waiting-approval' as const, outcome: null, endedAt: null, headline };
    const page = renderList({ all: [itemOf(undefined, { ...summary, ...asks })!], query });
    const text = (part: string | undefined) => part?.replaceAll(/<[^>]*>/g, '');
    return [text(/<li id="ask-[^>]*>(.*?)<\/span>/.exec(page)?.[1]), text(/<span class="sub what">(.*?)<\/span>/.exec(page)?.[1])];
  };
  const sentence = 'vm-till stopped at 0x000000EF and waits for approval of the plan.';
  expect(told(sentence)).toEqual([sentence, sentence]);
  expect(told('It waits.')).toEqual(['vm-till: It waits.', 'It waits.']);
});

test('each state can be asked for, and the select shows what the address asks', () => {
  const states = ['queued', 'running', 'waiting-approval'] as const;
  const all = states.flatMap((state, n) => {
    const id = `r-${String(n).padStart(12, 'a')}`;
    return itemOf(undefined, { ...summary, id, state, outcome: null, endedAt: null }) ?? [];
  });
  const page = (asked: Partial<typeof query>) => renderList({ all, query: { ...query, ...asked } });
  for (const state of [...states, 'open', 'ended', 'rolled-back', 'none'])
    expect([state, page({ state }).match(/<option value="[^"]+" selected>/g)]).toEqual([state, [`<option value="${state}" selected>`]]);
  for (const [n, state] of states.entries()) {
    const shown = page({ state });
    expect(states.map((_, at) => shown.includes(`id="r-${String(at).padStart(12, 'a')}"`))).toEqual(states.map((_, at) => at === n));
  }
  for (const word of ['under way', 'queued']) expect(page({})).toContain(`>${word}</option>`);
  expect(page({ finding: '"><b>' })).toContain('<option value="&quot;&gt;&lt;b&gt;" selected>');
});

test('the page of one repair that has ended tells what was done, not again what was planned; of one that tried nothing, what was planned', () => {
  const page = (story: typeof repaired) => {
    const record = recordOf(story);
    const item = itemOf(undefined, { ...summary, state: 'ended', outcome: story.outcome })!;
    const view = viewOf(item, undefined, { record, timeline: record.timeline, soFar: { diagnosis: null, plan: null } });
    const live = { view, record, diagnosis: story.diagnosis, may: { decide: true, cancel: true }, said: null, saidOf: null };
    return renderRepair(live);
  };
  const done = page(repaired);
  expect(done).not.toContain('Writes to Azure, in order');
  expect(done).toContain('What was tried');
  expect(Buffer.byteLength(done)).toBeLessThan(100_000);
  expect(page(stories.observed)).toContain('Writes to Azure, in order');
});

test('the question before an approval tells each write that takes something away: what, on what, how often, why, and what undoes it', () => {
  const record = recordOf(repaired);
  const item = itemOf(undefined, { ...summary, state: 'waiting-approval', outcome: null })!;
  const view = viewOf(item, undefined, { record, timeline: [], soFar: { diagnosis: null, plan: null } });
  const write = { ...view.plan!.writes[0]!, operation: 'Microsoft.Compute/virtualMachines/powerOff/action', destructive: true, atMost: 3 };
  const plan = { ...view.plan!, writes: [{ ...write, target: '/x', why: 'only if that boot fails', undo: 'started again' }] };
  const page = renderConfirmation({ view: { ...view, plan }, verb: 'approve', csrf: 'x' });
  const words = page.slice(page.indexOf('<main')).replaceAll(/<[^>]*>/g, '');
  expect(words).toContain('virtualMachines/powerOff on /x, at most 3 times: only if that boot fails. Undone by: started again.');
});
