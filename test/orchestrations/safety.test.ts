/** What a step's safety class lets the runbook do unasked. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Plan, ScriptRun, ScriptStep } from '../../functions/activities/contract.ts';
import { runStep } from '../../orchestrations/phases/scripts.ts';
import { beginStory } from '../../orchestrations/story.ts';
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
