import { describe, expect, test } from '@jest/globals';
import type { Finding, ScriptEnd } from '../../functions/activities/contract.ts';
import { judgeProbe, parseResult } from '../../playbooks/index.ts';
import type { ScriptResult } from '../../playbooks/types.ts';
import fc from '../fastCheck.ts';

const token = 'token-0123456789';
const good: ScriptResult = { outcome: 'fixed', code: 'set', findings: [], actions: [], warnings: [] };
const line = (result: object, as = token): string => `BOOTMEDIC-RESULT ${JSON.stringify({ token: as, ...result })}`;

const id = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const text = fc.string({ maxLength: 40 });
const result: fc.Arbitrary<ScriptResult> = fc.record({
  outcome: fc.constantFrom('fixed', 'nothing-to-do', 'not-applicable', 'failed', 'reverted'),
  code: id,
  findings: fc.array(fc.record({ id, confidence: fc.constantFrom('certain', 'likely', 'possible'), evidence: text }), { maxLength: 3 }),
  actions: fc.array(fc.record({ what: text, target: text, before: fc.option(text), after: fc.option(text), revertable: fc.boolean() }), {
    maxLength: 3,
  }),
  warnings: fc.array(text, { maxLength: 3 }),
});
const noise = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant('BOOTMEDIC-RESULT'),
    fc.constant('BOOTMEDIC-RESULT {'),
    fc.constant(line(good, 'another-token-1')),
  ),
);

describe('parseResult', () => {
  test('finds the result behind any output', () => {
    fc.assert(
      fc.property(noise, result, (before, said) => {
        expect(parseResult([...before, line(said)].join('\n'), token)).toEqual(said);
        expect(parseResult(`${[...before, line(said)].join('\r\n')}\r\n`, token)).toEqual(said);
      }),
    );
  });

  test('answers null, and never throws, when the last result is not ours', () => {
    fc.assert(fc.property(noise, fc.string(), (output, wanted) => expect(parseResult(output.join('\n'), `x${wanted}`)).toBeNull()));
    fc.assert(fc.property(result, said => expect(parseResult(`${line(said)}\n${line(said, 'another-token-1')}`, token)).toBeNull()));
    fc.assert(fc.property(fc.json(), anything => expect(() => parseResult(`BOOTMEDIC-RESULT ${anything}`, token)).not.toThrow()));
  });

  test('takes nothing for granted', () => {
    expect(parseResult(line(good), '')).toBeNull();
    expect(parseResult(line(good, ''), '')).toBeNull();
    expect(parseResult(` ${line(good)}`, token)).toBeNull();
    expect(parseResult(line({ ...good, outcome: 'repaired' }), token)).toBeNull();
    expect(parseResult(line({ ...good, code: undefined }), token)).toBeNull();
    expect(parseResult(line({ ...good, findings: [{ id: '<b>', confidence: 'certain', evidence: '' }] }), token)).toBeNull();
    expect(
      parseResult(line({ ...good, warnings: ['x'.repeat(900), 'x'.repeat(900), 'x'.repeat(900), 'x'.repeat(900)] }), token),
    ).toBeNull();
  });
});

describe('judgeProbe', () => {
  const finding: Finding = {
    id: 'azure-0xef',
    title: '',
    stopCode: '0x000000EF',
    stopName: '',
    parameters: [],
    whatFailed: null,
    confidence: 'certain',
    harm: 'low',
    playbook: 'stop-0xef',
    article: null,
    advice: [],
    basis: [],
    contradictions: [],
    evidence: [],
  };
  const judge = (said: Partial<ScriptResult> | null, consents: string[] = []) => {
    const end: ScriptEnd = {
      run: '1-probe',
      script: 'probe',
      scriptSha256: '',
      startedAt: '',
      endedAt: '',
      result: said === null ? null : { ...good, outcome: 'nothing-to-do', code: 'probed', ...said },
      state: said === null ? 'timed-out' : 'succeeded',
      exitCode: 0,
      log: 'log',
      tail: '',
    };
    return judgeProbe({ probe: end, finding, consents });
  };
  const found = (name: string, evidence = 'e') => ({ findings: [{ id: name, confidence: 'certain' as const, evidence }] });

  test('goes on when nothing speaks against it', () => {
    expect(judge({})).toMatchObject({ verdict: 'go', consent: null });
    expect(judge(found('pending-servicing'))).toMatchObject({ verdict: 'go' });
  });
  test('stops without a result, at a ransom note, at BitLocker, and at every failure', () => {
    expect(judge(null)).toMatchObject({ verdict: 'stop', code: 'probe-failed' });
    expect(judge({ outcome: 'failed', code: 'ransom-note', ...found('ransom-note', '\\HOW_TO_DECRYPT.txt') })).toMatchObject({
      verdict: 'stop',
      code: 'ransom-note',
      reason: expect.stringContaining('HOW_TO_DECRYPT'),
    });
    expect(judge(found('ransom-note'))).toMatchObject({ verdict: 'stop', code: 'ransom-note' });
    expect(judge(found('bitlocker'))).toMatchObject({
      verdict: 'stop',
      code: 'bitlocker-locked',
      remedy: expect.stringContaining('recovery key'),
    });
    fc.assert(
      fc.property(id, code =>
        expect(judge({ outcome: 'failed', code })).toMatchObject({ verdict: 'stop', code, remedy: expect.stringMatching(/./) }),
      ),
    );
  });
  test('asks before a domain controller is touched, once', () => {
    expect(judge(found('domain-controller'))).toMatchObject({ verdict: 'consent', consent: 'domain-controller' });
    expect(judge(found('domain-controller'), ['domain-controller'])).toMatchObject({ verdict: 'go' });
    expect(
      judge({ findings: [...found('domain-controller').findings, ...found('ransom-note').findings] }, ['domain-controller']),
    ).toMatchObject({ verdict: 'stop' });
  });
});
