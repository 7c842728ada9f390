/** Blobs of our own account that somebody has cut, overwritten or filled with other things hide no others, and answer no 5xx. */
import { expect, test } from '@jest/globals';
import type { BlobStore } from '../../azure/blobs.ts';
import { getRepair } from '../../functions/triggers/getRepair.ts';
import { reportRoutes } from '../../functions/triggers/getReport.ts';
import { listRepairs } from '../../functions/triggers/listRepairs.ts';
import { createRecords } from '../../records/index.ts';
import fc from '../fastCheck.ts';
import { record, summary } from '../records/sample.ts';
import { desk, personHeader } from '../triggers/callers.ts';
import { isUnpolluted, mutated, oddText, oddValue } from './odd.ts';
import { named } from './routes.ts';

const id = record.story.repairId;
const by = personHeader('anna', ['Repair.Read']);
const others = ['getAudit', 'getFleetReport', 'uiList', 'uiRepair', 'getLatestSweep'].map(named);
const routes = [getRepair, listRepairs, ...reportRoutes, ...others];

/** A store that holds what it is given. */
function holding(blobs: Record<string, string | Uint8Array>): BlobStore {
  const bytes = (name: string) => {
    const blob = Object.hasOwn(blobs, name) ? blobs[name] : undefined;
    return blob === undefined ? undefined : new Uint8Array(Buffer.from(blob));
  };
  return {
    ...{ put: async () => {}, append: async () => {}, delegatedUrl: async () => '', properties: async () => undefined },
    get: async (_: string, name: string) => bytes(name),
    async *list() {
      yield* Object.keys(blobs);
    },
  } as unknown as BlobStore;
}

async function statuses(blobs: Record<string, string | Uint8Array>): Promise<number[]> {
  const { ask } = desk({}, { records: createRecords(holding(blobs)) });
  const answers = await Promise.all(
    routes.map(route => ask(route, { by, ...(route.path.includes('{id}') && { id }), ...(route.params && {}) })),
  );
  return answers.map(({ status = 0 }) => status);
}

const sound = { [`${id}/summary.json`]: JSON.stringify(summary), [`${id}/record.json`]: JSON.stringify(record) };

test('the sound ones are served', async () => {
  const answered = await statuses(sound);
  // No sweep has been.
  expect(answered).toEqual(routes.map(({ name }) => (name === 'getLatestSweep' ? 404 : 200)));
});

test('a record or summary with one thing wrong in it', async () => {
  await fc.assert(
    fc.asyncProperty(mutated(record), mutated(summary), async (oneRecord, oneSummary) => {
      const [wrongRecord, wrongSummary] = [JSON.stringify(oneRecord) ?? '', JSON.stringify(oneSummary) ?? ''];
      for (const blobs of [
        { ...sound, [`${id}/record.json`]: wrongRecord },
        { ...sound, [`${id}/summary.json`]: wrongSummary },
      ])
        expect((await statuses(blobs)).filter(status => status >= 500 || status === 0)).toEqual([]);
      expect(isUnpolluted()).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('any bytes in any of them', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    oddText,
    oddValue.map(value => JSON.stringify(value) ?? ''),
  );
  const name = fc.constantFrom(
    `${id}/summary.json`,
    `${id}/record.json`,
    `${id}/timeline.jsonl`,
    `${id}/plan.json`,
    `${id}/diagnosis.json`,
    `${id}.jsonl`,
    'sweeps/latest.json',
    'x/summary.json',
    '__proto__/summary.json',
  );
  await fc.assert(
    fc.asyncProperty(name, bytes, async (blob, content) => {
      const answered = await statuses({ ...sound, [blob]: content });
      expect([blob, answered.filter(status => status >= 500 || status === 0)]).toEqual([blob, []]);
    }),
    { numRuns: 160 },
  );
});
