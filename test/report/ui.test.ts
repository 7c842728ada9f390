/** The live page's list, without a browser: its size, and who is shown first. */
import { expect, test } from '@jest/globals';
import { itemOf } from '../../functions/triggers/views.ts';
import { renderList } from '../../report/ui/index.ts';
import { summary } from '../records/sample.ts';

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
