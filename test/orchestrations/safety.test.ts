/** What a step's safety class lets the runbook do unasked. */
import { expect, test } from '@jest/globals';
import type { Plan, ScriptRun, ScriptStep } from '../../functions/activities/contract.ts';
import { judgeProbe } from '../../functions/activities/judgeProbe.ts';
import { probe } from '../../orchestrations/phases/probe.ts';
import { runStep } from '../../orchestrations/phases/scripts.ts';
import type { Command } from '../../orchestrations/steps.ts';
import { beginStory } from '../../orchestrations/story.ts';
import fc from '../fastCheck.ts';
import { request } from './world.ts';

/** How a step is run: the first call of its activity. */
function runOf(step: ScriptStep, consents: string[]): ScriptRun {
  const story = beginStory('r-test', request, '2026-01-01T00:00:00Z');
  const steps = runStep(story, { lun: 0, repairVm: { id: '/vm' }, consents } as unknown as Plan, step, '1-x');
  for (let next = steps.next(); !next.done; next = steps.next('2026-01-01T00:00:00Z'))
    if (next.value.do === 'activity') return next.value.input as ScriptRun;
  throw new Error('it was not run');
}

test('a step that can lose something acts only with its own consent, one for a person never, and a dump leaves only with consent', () => {
  const ids = ['upload-dump', 'use-regback', 'domain-controller'];
  const step = fc.record({
    safety: fc.constantFrom('auto_safe', 'auto_with_snapshot', 'consent', 'manual_only'),
    consent: fc.option(fc.constantFrom(...ids), { nil: undefined }),
  });
  fc.assert(
    fc.property(step, fc.subarray(ids), ({ safety, consent }, given) => {
      const base = { script: 'offline-sfc', mode: 'Repair', origin: 'doc', why: '', timeoutSeconds: 1 } as const;
      const run = runOf({ ...base, safety: safety as ScriptStep['safety'], ...(consent && { consent }) }, given);
      const agreed = consent !== undefined && given.includes(consent);
      const unasked = safety.startsWith('auto') && consent === undefined;
      expect(run.mode).toBe(safety !== 'manual_only' && (agreed || unasked) ? 'Repair' : 'Detect');
      expect(run.uploadDump).toBe(run.mode === 'Repair' && consent === 'upload-dump');
    }),
  );
});

test('what the probe asks for is another question than the one that was approved: an approval that was sent twice does not answer it', async () => {
  const first = 'a'.repeat(64);
  const found = { id: 'domain-controller', confidence: 'certain', evidence: 'NTDS' };
  const result = { outcome: 'nothing-to-do', code: 'probed', findings: [found], actions: [], warnings: [] };
  const asked = {
    probe: { result, state: 'succeeded', log: '' },
    finding: { playbook: 'stop-0xef' },
    consents: [],
    playbook: 'stop-0xef',
    planHash: first,
  };
  const judgement = await judgeProbe(asked as never, {} as never);
  expect(judgement).toMatchObject({ verdict: 'consent', planHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const plan = {
    hash: first,
    consents: [],
    lun: 0,
    repairVm: { id: '/vm' },
    repairDisk: { id: '/copy' },
    playbook: { id: 'stop-0xef' },
  } as unknown as Plan;
  const story = beginStory('r-test', request, '2026-01-01T00:00:00Z');
  const waited: string[][] = [];
  const steps = probe(story, plan, {} as never);
  const answers: Record<string, unknown> = {
    judgeProbe: judgement,
    ensureScript: { done: true, value: {} },
    ensureAttached: { done: true, value: {} },
  };
  const answer = (command: Command): unknown => {
    if (command.do === 'activity') return { ok: true, value: answers[command.name] ?? {} };
    if (command.do === 'wait') waited.push(command.events);
    return command.do === 'wait'
      ? { event: command.events[0], payload: { by: 'bert', caller: null, role: 'Repair.Approve' } }
      : '2026-01-01T00:00:00Z';
  };
  for (let next = steps.next(); !next.done; ) next = steps.next(answer(next.value));
  const second = judgement.planHash ?? '';
  expect(waited).toEqual([[`approve.${second.slice(0, 12)}`, `reject.${second.slice(0, 12)}`]]);
  expect(second).not.toBe(first);
  expect(story.decisions).toMatchObject([{ verb: 'approve', by: 'bert', planHash: second, asked: ['domain-controller'] }]);
});
