import { describe, expect, test } from '@jest/globals';
import { readSerialLog } from '../../diagnosis/index.ts';
import { matches, type SerialSignature, serialSignatures, signaturesOf } from '../../diagnosis/serial/signatures.ts';

/** What is wrong with a signature: its sample is not matched, a counter-example is, or an anchor refuses none of them. */
function faults(signature: SerialSignature): string[] {
  const { id, anchors, sample, counters } = signature;
  const idle = anchors.filter(
    anchor => !counters.some(counter => matches({ anchors: anchors.filter(other => other !== anchor) }, counter)),
  );
  return [
    ...(matches(signature, sample) ? [] : [`${id} does not match its sample`]),
    ...counters.filter(counter => matches(signature, counter)).map(counter => `${id} matches ${counter}`),
    ...idle.map(anchor => `${id}: ${anchor} refuses no counter-example`),
    ...(counters.length === 0 ? [`${id} has no counter-example`] : []),
  ];
}

describe('each signature of a line', () => {
  test.each(serialSignatures.map(signature => [signature.id, signature] as const))('%s', (id, signature) => {
    expect(faults(signature)).toEqual([]);
    expect(signaturesOf(signature.sample).map(found => found.id)).toContain(id);
    expect(signature.counters.flatMap(counter => signaturesOf(counter).map(found => found.id))).not.toContain(id);
  });

  test.each(serialSignatures.flatMap(signature => signature.anchors.map((_, at) => [signature.id, at, signature] as const)))(
    '%s without its anchor %i is found out',
    (_, at, signature) => {
      expect(faults({ ...signature, anchors: signature.anchors.filter((_, other) => other !== at) })).not.toEqual([]);
    },
  );

  test('ids are unique', () => {
    expect(new Set(serialSignatures.map(({ id }) => id)).size).toBe(serialSignatures.length);
  });

  test.each(serialSignatures.map(signature => [signature.id, signature] as const))(
    '%s is read from a log',
    (_, { sample, system, tells }) => {
      const reading = readSerialLog(`${sample}\r\n`);
      expect(reading.failure).toBeNull();
      expect(reading.system).toBe(system);
      if ('state' in tells) expect(reading.state).toEqual({ state: tells.state, text: sample.trim(), line: 1 });
      if ('services' in tells) expect(reading.progress).toBe('services');
      if ('boot' in tells) expect(reading.boots).toBe(1);
    },
  );
});

describe('what looks like a stop and is none', () => {
  test.each([
    ['an application that logs one', 'app[12]: *** STOP: 0x0000007B (0x1,0x2,0x3,0x4)'],
    ['a sentence about one', '*** STOP: 0x0000007B (0x1,0x2,0x3,0x4) was seen on host 3 last week'],
    ['one that is cut in its code', '*** STOP: 0x0000007'],
    ['an update with a code in its name', 'Installing fix for 0x0000007B (KB5031364)'],
    ['a block that is cut in its code', '<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0xE'],
    ['a chat about a boot that failed', 'bob: boot failed, Status: 0xc0000225 they say'],
    ['a status without a page', 'Status: 0xc0000225'],
  ])('%s', (_, line) => {
    expect(readSerialLog(`${line}\r\n`).failure).toBeNull();
  });
});
