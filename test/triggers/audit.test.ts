/** The audit of what has changed Azure: repairs, and sweeps, which delete what has expired. */
import { expect, test } from '@jest/globals';
import { getAudit } from '../../functions/triggers/getAudit.ts';
import type { Services } from '../../functions/triggers/route.ts';
import { desk, personHeader, problemOf } from './callers.ts';

const by = personHeader('anna', ['Repair.Read']);
const ask = (id: string, writes: object[], instance: object | null) => {
  const records = { readWrites: async (of: string) => (of === id ? writes : []), readSummary: async () => undefined };
  return desk({}, { records } as unknown as Partial<Services>, instance).ask(getAudit, { by, id });
};

test.each(['r-abcdefghijkl', 's-abcdefghijkl'])('of %s is told, also when its history is gone', async id => {
  const writes = [{ operation: 'Microsoft.Compute/disks/delete' }];
  const { status, body } = await ask(id, writes, null);
  expect([status, JSON.parse(String(body))]).toEqual([200, { id, writes }]);
  expect((await ask(id, [], null)).status).toBe(404);
});

test('of a sweep that has deleted nothing is empty; of what is neither a repair nor a sweep there is none', async () => {
  expect((await ask('s-abcdefghijkl', [], { name: 'sweep' })).status).toBe(200);
  expect((await ask('s-abcdefghijkl', [], { name: 'repairVm' })).status).toBe(404);
  expect(problemOf(await ask('f-abcdefghijkl', [], null)).status).toBe(400);
});
