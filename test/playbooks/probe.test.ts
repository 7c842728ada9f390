/** What a probe's end means for a playbook: what stops every repair, and what one is there to repair. */
import { describe, expect, test } from '@jest/globals';
import type { Finding, ScriptEnd } from '../../functions/activities/contract.ts';
import { judgeProbe } from '../../playbooks/probe.ts';

const finding: Finding = {
  ...{ id: 'x', title: 'x', stopCode: '', stopName: '', parameters: [], whatFailed: null, confidence: 'certain', harm: 'low' },
  ...{ playbook: null, basis: [], contradictions: [], evidence: [], article: null, advice: [] },
};
function probe(outcome: 'failed' | 'nothing-to-do', code: string, ...ids: string[]): ScriptEnd {
  const at = '2026-11-21T03:00:00Z';
  const findings = ids.map(id => ({ id, confidence: 'certain' as const, evidence: id }));
  return {
    ...{
      run: '0-probe',
      script: 'probe',
      scriptSha256: '',
      startedAt: at,
      endedAt: at,
      state: 'succeeded',
      exitCode: 0,
      log: '',
      tail: '',
    },
    result: { outcome, code, findings, actions: [], warnings: [] },
  };
}
const judge = (playbook: string, end: ScriptEnd, ...consents: string[]) => judgeProbe({ probe: end, finding, consents, playbook });

describe('a probe that failed', () => {
  test.each([
    ['boot-partition-not-found', 'boot-configuration'],
    ['boot-entry-not-found', 'boot-configuration'],
    ['hive-damaged', 'registry-hive'],
  ])('with %s stops every repair but %s', (code, able) => {
    expect(judge(able, probe('failed', code)).verdict).toBe('go');
    for (const other of ['stop-0xef', 'file-system', 'boot-policy'])
      expect(judge(other, probe('failed', code))).toMatchObject({ verdict: 'stop', code });
  });

  test.each(['ransom-note', 'bitlocker-locked', 'windows-ambiguous', 'disk-not-found'])('with %s stops each of them', code => {
    for (const playbook of ['boot-configuration', 'registry-hive', 'stop-0xef'])
      expect(judge(playbook, probe('failed', code)).verdict).toBe('stop');
  });

  test('and found an encrypted disk stops also the repair that its code is for', () => {
    expect(judge('registry-hive', probe('failed', 'hive-damaged', 'bitlocker'))).toMatchObject({
      verdict: 'stop',
      code: 'bitlocker-locked',
    });
  });
});

test('a domain controller needs consent, and the registry of one is never repaired', () => {
  const end = probe('nothing-to-do', 'probed', 'domain-controller');
  expect(judge('boot-configuration', end).verdict).toBe('consent');
  expect(judge('boot-configuration', end, 'domain-controller').verdict).toBe('go');
  expect(judge('registry-hive', end, 'domain-controller')).toMatchObject({ verdict: 'stop', code: 'domain-controller' });
  expect(judge('registry-hive', probe('failed', 'hive-damaged', 'domain-controller'), 'domain-controller').verdict).toBe('stop');
});

test('a Windows that cannot say whether it is a domain controller needs the same consent', () => {
  const end = probe('failed', 'hive-damaged', 'role-unknown');
  expect(judge('registry-hive', end)).toMatchObject({ verdict: 'consent', code: 'role-unknown', consent: 'domain-controller' });
  expect(judge('registry-hive', end, 'domain-controller').verdict).toBe('go');
  expect(judge('stop-0xef', end, 'domain-controller')).toMatchObject({ verdict: 'stop', code: 'hive-damaged' });
});

test('the registry of a node of a cluster is never repaired; what keeps it from booting otherwise is', () => {
  for (const end of [probe('nothing-to-do', 'probed', 'cluster-node'), probe('failed', 'hive-damaged', 'cluster-node')])
    expect(judge('registry-hive', end, 'cluster-node')).toMatchObject({ verdict: 'stop', code: 'cluster-node' });
  expect(judge('boot-configuration', probe('nothing-to-do', 'probed', 'cluster-node')).verdict).toBe('go');
});
