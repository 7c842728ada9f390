import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBlobStore } from '../../azure/blobs.ts';
import { createRecords, type Records, type TimelineEntry } from '../../records/index.ts';
import { line, readLines } from '../../records/lines.ts';
import { timelineEntry } from '../../records/schemas.ts';
import fc from '../fastCheck.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { entry, record, repairId, summary, write } from './sample.ts';

describe('kept in blobs', () => {
  let azurite: Azurite;
  let records: Records;
  beforeAll(async () => {
    azurite = await startAzurite();
    records = createRecords(createBlobStore(azurite.service));
  });
  afterAll(() => azurite.stop());

  test('what is not there reads as nothing', async () => {
    const id = 'r-222222222222';
    expect(await records.readTimeline(id)).toEqual([]);
    expect(await records.readWrites(id)).toEqual([]);
    expect(await records.readRecord(id)).toBeUndefined();
    expect(await records.readSummary(id)).toBeUndefined();
    expect(await records.readEvidence(`${id}/x.png`)).toBeUndefined();
    expect(await records.listSummaries()).toEqual([]);
  });

  test('a step that ran twice is one entry, with its first end', async () => {
    await records.appendTimeline(repairId, entry);
    await records.appendTimeline(repairId, { ...entry, outcome: 'fault', detail: 'throttled' });
    await records.appendTimeline(repairId, { ...entry, to: '2026-03-01T03:05:00Z' });
    expect(await records.readTimeline(repairId)).toEqual([entry, { ...entry, outcome: 'fault', detail: 'throttled' }]);
  });

  test('the audit keeps every request once, however often it was appended', async () => {
    await Promise.all(
      [write, { ...write, requestId: 'q-2', before: 'on', after: 'off' }, write].map(each => records.appendWrite(repairId, each)),
    );
    const kept = await records.readWrites(repairId);
    expect(kept.map(each => each.requestId).sort()).toEqual(['q-1', 'q-2']);
    expect(kept.find(each => each.requestId === 'q-2')).toMatchObject({ before: 'on', after: 'off' });
  });

  test('the audit tells a request that was about to be sent only where no answer to it is on record', async () => {
    const id = 'r-bbbbbbbbbbbb';
    const { status: _, requestId: __, ...asked } = write;
    const about = (attempt: string) => ({ ...asked, status: 0, requestId: '', answered: false, attempt });
    for (const each of [about('a1'), { ...write, answered: true, attempt: 'a1', by: 'anna', approvedBy: 'bert' }, about('a2')])
      await records.appendWrite(id, each);
    expect((await records.readWrites(id)).map(({ attempt, status, answered, by }) => [attempt, status, answered, by])).toEqual([
      ['a1', write.status, true, 'anna'],
      ['a2', 0, false, undefined],
    ]);
  });

  test('evidence comes back byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
    const blob = await records.putEvidence(repairId, 'diagnose/screenshot.png', bytes, 'image/png');
    expect(blob).toBe(`${repairId}/diagnose/screenshot.png`);
    expect(Buffer.from((await records.readEvidence(blob)) ?? [])).toEqual(Buffer.from(bytes));
  });

  test('a record and a summary come back whole, the later one winning', async () => {
    await records.putRecord({ ...record, story: { ...record.story, cleanedUp: false } });
    await records.putRecord({ ...record, timeline: [entry], writes: [write] });
    expect(await records.readRecord(repairId)).toEqual({ ...record, timeline: [entry], writes: [write] });
    await records.putSummary({ ...summary, state: 'running', outcome: null });
    await records.putSummary(summary);
    expect(await records.readSummary(repairId)).toEqual(summary);
  });

  test('summaries are listed newest first', async () => {
    await records.putSummary({ ...summary, id: 'r-bbbbbbbbbbbb', requestedAt: '2026-03-02T00:00:00Z' });
    await records.putSummary({ ...summary, id: 'r-cccccccccccc', requestedAt: '2026-02-02T00:00:00Z' });
    expect((await records.listSummaries()).map(each => each.id)).toEqual(['r-bbbbbbbbbbbb', repairId, 'r-cccccccccccc']);
  });

  test('a recent list is not read from the store again, and has what this process has written', async () => {
    const other = createRecords(createBlobStore(azurite.service));
    expect((await other.recentSummaries()).map(each => each.id)).toEqual(['r-bbbbbbbbbbbb', repairId, 'r-cccccccccccc']);
    await azurite.service.getContainerClient('records').deleteBlob('r-cccccccccccc/summary.json');
    await other.putSummary({ ...summary, id: 'r-gggggggggggg', requestedAt: '2026-03-03T00:00:00Z' });
    expect((await other.recentSummaries()).map(each => each.id)).toEqual(['r-gggggggggggg', 'r-bbbbbbbbbbbb', repairId, 'r-cccccccccccc']);
    expect((await other.listSummaries()).map(each => each.id)).toEqual(['r-gggggggggggg', 'r-bbbbbbbbbbbb', repairId]);
    expect((await records.listSummaries()).map(each => each.id)).toEqual(['r-gggggggggggg', 'r-bbbbbbbbbbbb', repairId]);
  });

  test('a damaged summary hides no other one', async () => {
    const store = createBlobStore(azurite.service);
    await store.put('records', 'r-eeeeeeeeeeee/summary.json', '{"id":', 'application/json');
    await store.put('records', 'r-ffffffffffff/summary.json', '{"id":"r-ffffffffffff"}', 'application/json');
    expect(await records.listSummaries()).toHaveLength(3);
    await expect(records.readSummary('r-ffffffffffff')).rejects.toThrow();
  });

  test('a blob that is not what it should be is an error, not a guess', async () => {
    const store = createBlobStore(azurite.service);
    await store.put('records', 'r-dddddddddddd/record.json', JSON.stringify({ ...record, schema: 2 }), 'application/json');
    await expect(records.readRecord('r-dddddddddddd')).rejects.toThrow('schema');
  });
});

describe('lines', () => {
  const entries = fc.array(
    fc.record({
      from: fc.constantFrom('2026-03-01T03:04:00Z', '2026-03-01T03:05:00Z'),
      to: fc.constant('2026-03-01T03:06:00Z'),
      phase: fc.constantFrom('inspect', 'protect'),
      step: fc.string(),
      what: fc.string({ unit: 'binary' }),
      outcome: fc.constantFrom('done' as const, 'fault' as const),
      detail: fc.string({ unit: 'grapheme' }),
    }),
    { maxLength: 8 },
  );
  const read = (text: string) => readLines<TimelineEntry>(text, timelineEntry, each => each);
  const distinct = (all: TimelineEntry[]) => [...new Map(all.map(each => [JSON.stringify(each), each])).values()];

  test('appended at least once, read exactly once, in order', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }), (all, extra) => {
        const text = all.flatMap((each, i) => Array.from({ length: 1 + (extra[i] ?? 0) }, () => line(each))).join('');
        expect(read(text)).toEqual(distinct(all));
      }),
    );
  });

  test('cut off anywhere, every whole line is still read', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (all, at) => {
        const text = all.map(line).join('');
        const cut = text.slice(0, at % (text.length + 1));
        const whole = cut.split('\n').length - 1;
        const found = read(cut);
        expect(found.slice(0, distinct(all.slice(0, whole)).length)).toEqual(distinct(all.slice(0, whole)));
        expect(found.length).toBeLessThanOrEqual(distinct(all.slice(0, whole + 1)).length);
      }),
    );
  });
});
