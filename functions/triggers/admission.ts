/** Who may repair now, as a person sees it: who works, who waits for whom and why, and which finding is left alone after failures. */
import { type Overview, overview } from '../../orchestrations/admission.ts';
import { saidBy } from '../principal.ts';
import { limitsOf } from '../settings.ts';
import { admissionView, breakerParams, resetBody } from './admissionSchemas.ts';
import { readAdmission, releaseDead, resetBreaker } from './instances.ts';
import { ProblemError } from './problem.ts';
import { json, pathOf, type Route, route, type Services } from './route.ts';

const admitted = { description: 'As it is now', content: { 'application/json': admissionView } };

export const getAdmission = route({
  name: 'getAdmission',
  method: 'GET',
  role: 'Repair.Read',
  path: 'admission',
  summary: 'Who repairs now, who waits for what, and which findings are not repaired for a time',
  answers: { 200: admitted },
  async handle({ client, services }) {
    return json(200, viewOf(overview(await releaseDead(client), limitsOf(services.settings), new Date().toISOString()), services));
  },
});

const resetBreakerRoute = route({
  name: 'resetBreaker',
  method: 'POST',
  role: 'Repair.Approve',
  path: 'admission/breakers/{finding}/reset',
  summary: 'Lets a finding be repaired again whose repairs failed several times in a row',
  params: breakerParams,
  body: resetBody,
  answers: { 202: { description: 'Said; what failed before is forgotten', content: { 'application/json': admissionView } } },
  problems: [404, 413, 415],
  async handle({ params: { finding }, body: { by }, caller, client, context, services }) {
    const state = await readAdmission(client);
    if (!Object.hasOwn(state.failures, finding)) {
      const remedy = 'give one of the breakers of GET /api/admission';
      const error = { field: 'finding', problem: `no repair for ${finding} has failed since its last success`, remedy };
      throw new ProblemError('not-found', 'Nothing was done.', [error]);
    }
    context.info(`reset breaker ${finding} by ${saidBy(by, caller)} (${caller.id})`);
    await resetBreaker(client, finding);
    const { [finding]: _, ...failures } = state.failures;
    return json(202, viewOf(overview({ ...state, failures }, limitsOf(services.settings), new Date().toISOString()), services));
  },
});

export const admissionRoutes: Route[] = [getAdmission, resetBreakerRoute];

function viewOf({ running, waiting, breakers }: Overview, { settings }: Services) {
  const { repairsAtOnce, repairsPerVmAndDay, scopePercent = 20, breakerFailures = 3 } = limitsOf(settings);
  return {
    limits: { repairsAtOnce, repairsPerVmAndDay, scopePercent, breakerFailures },
    running: running.map(({ scopes = [], parked = false, ...entry }) => ({ ...entry, scopes, parked, self: pathOf(entry.repairId) })),
    waiting: waiting.map(entry => ({ ...entry, self: pathOf(entry.repairId) })),
    breakers: breakers.map(breaker => ({ ...breaker, reset: `/api/admission/breakers/${encodeURIComponent(breaker.finding)}/reset` })),
  };
}
