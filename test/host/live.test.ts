/**
 * The recorded scenarios once more, live: their orchestrators' sources run on this host, their requests are sent at the recorded times,
 * and every answer must be the one that the real Functions host gave (times, stacks and keys aside).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOST_JSON, normalEvent, replayLive, SCENARIOS, sourcesOf } from '../../conformance/host/live.ts';
import { type RecordedTurn, readRecordings } from '../../conformance/host/recordings.ts';
import { cleanUp, HostProcess, makeApp } from './hostProcess.ts';

/** Instances whose turns come in one order only: what the SDK is given in each of them is compared too, field by field. */
const COMPARED_TURNS = [
  ...[
    'hello-1',
    'hello-2',
    'appr-event',
    'anyt-cancel',
    'can-plain',
    'can-undefined',
    'can-unwaited',
    'cs-final',
    'en-main',
    'en-throw',
    'en-delete',
  ],
  ...[
    'err-un-Error',
    'err-un-undefined',
    'ev-two',
    'ev-named',
    'ev-before',
    'fan-empty',
    'nd-name',
    'nd-type',
    'oth-later-Error',
    'sr-both',
    'sr-act',
  ],
  ...['ta-2', 'tm-past', 'tm-order', 'va-noarg', 'va-in-null', 'va-in-empty', 'anya-loserfails'],
];
const TURN_HOOK = `
const { appendFileSync } = require('node:fs');
require('@azure/functions').app.hook.preInvocation(({ inputs: [input] }) => {
  if (input?.history) appendFileSync(__dirname + '/turns.jsonl', JSON.stringify(input) + '\\n');
});
`;

const recordings = readRecordings().filter(({ name }) => name in SCENARIOS);
let host: HostProcess;
let appFolder: string;

beforeAll(async () => {
  if (recordings.length === 0) return;
  appFolder = await makeApp(`${TURN_HOOK}\n${sourcesOf(recordings)}`, HOST_JSON);
  host = await HostProcess.start(appFolder);
});
afterAll(cleanUp);

describe('answers of the real host', () => {
  let answers: Map<string, Awaited<ReturnType<typeof replayLive>>>;
  beforeAll(async () => {
    answers = new Map(await Promise.all(recordings.map(async recording => [recording.name, await replayLive(host, recording)] as const)));
  }, 60_000);

  test.each(recordings.map(({ name }) => name))('%s', name => {
    const { received = [], recorded } = answers.get(name) ?? {};
    expect(received).toEqual(recorded);
  });
});

function normalTurn({ history, ...fields }: RecordedTurn['input']): unknown {
  const events = history.map(event => {
    const { Timestamp, ...shown } = event;
    expect(Timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    if ('FireAt' in shown) return { ...shown, FireAt: '<time>' };
    if ('OrchestrationInstance' in shown) return { ...shown, OrchestrationInstance: shown.OrchestrationInstance.InstanceId };
    if ('Details' in shown) return { ...shown, Details: Object.keys(JSON.parse(shown.Details)) };
    return 'Input' in shown && 'Name' in shown
      ? normalEvent({ ...shown, EventType: shown.EventType === 14 ? 'EventSent' : 'EventRaised' })
      : shown;
  });
  return { ...fields, history: events };
}

describe('turns that the SDK is given', () => {
  let ours: RecordedTurn['input'][];
  beforeAll(async () => {
    if (recordings.length === 0) return;
    const lines = (await readFile(join(appFolder, 'turns.jsonl'), 'utf8')).trim().split('\n');
    ours = lines.map(line => JSON.parse(line));
  });

  test.each(recordings.length === 0 ? [] : COMPARED_TURNS)('%s', id => {
    const recorded = recordings.flatMap(({ turns }) => turns.filter(({ instanceId }) => instanceId === id).map(({ input }) => input));
    const given = ours.filter(({ instanceId }) => instanceId === id);
    expect(Math.min(recorded.length, given.length)).toBeGreaterThan(0);
    // The scenario may be cut before its end.
    expect(given.map(normalTurn)).toEqual(recorded.slice(0, given.length).map(normalTurn));
  });
});

test('there is something to compare with, or a notice was printed', () => {
  expect([0, Object.keys(SCENARIOS).length]).toContain(recordings.length);
});
