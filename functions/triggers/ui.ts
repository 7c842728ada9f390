/** The live page, for people: what repairs do now, and what can be said to them. It needs no JavaScript, and asks the same routes as programs do. */
import { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { shotsOf } from '../../report/sections/pictures.ts';
import { renderConfirmation, renderList, renderRepair, renderSettings } from '../../report/ui/index.ts';
import { getAdmission } from './admission.ts';
import { admissionView } from './admissionSchemas.ts';
import { approveRepair, cancelRepair, rejectRepair } from './decide.ts';
import { readInstance } from './instances.ts';
import { allItems } from './listRepairs.ts';
import { readPicture } from './pictures.ts';
import { ProblemError } from './problem.ts';
import { type Call, type Route, route } from './route.ts';
import { idParams } from './schemas.ts';
import { forPeople, htmlPage } from './uiAnswer.ts';
import { csrfFor, readForm, saidCookie, saidOf } from './uiForms.ts';
import { itemOf, readKnown, type View, viewOf } from './views.ts';

const html = { content: { 'text/html': null } };
/** A page is for people: what an address has beside or beyond what is known (a tracker's mark, a word too long) changes nothing. */
const short = z.string().max(300).default('').catch('');
const listQuery = z.object({ state: short, subscription: short, finding: short, vm: short, after: short });
const anything = z.object({});

const verbs = { approve: approveRepair, reject: rejectRepair, cancel: cancelRepair };
const verb = z.enum(['approve', 'reject', 'cancel']);
/** The first digits of a plan's hash. */
const planStart = z.string().regex(/^[0-9a-f]{12}$/);
const verbParams = idParams.extend({ verb });

const uiList = route({
  name: 'uiList',
  method: 'GET',
  role: 'Repair.Read',
  path: 'ui',
  summary: 'The live page: all repairs',
  query: listQuery,
  answers: { 200: { description: 'The page', ...html } },
  async handle({ query, client, services, request }) {
    return htmlPage(request, renderList({ all: await allItems(client, services.records), query }));
  },
});

const uiSettings = route({
  name: 'uiSettings',
  method: 'GET',
  role: 'Repair.Read',
  path: 'ui/settings',
  summary: 'The live page: settings in force',
  query: anything,
  answers: { 200: { description: 'The page', ...html } },
  async handle({ request, client, context, services }) {
    const answer = await getAdmission.run(request, client, context, services);
    const admission = admissionView.safeParse(JSON.parse(String(answer.body))).data ?? null;
    return htmlPage(
      request,
      renderSettings({ settings: services.settings, admission, sweep: (await services.records.readLatestSweep()) ?? null }),
    );
  },
});

const uiRepair = route({
  name: 'uiRepair',
  method: 'GET',
  role: 'Repair.Read',
  path: 'ui/repairs/{id}',
  summary: 'The live page: one repair',
  params: idParams,
  query: anything,
  answers: { 200: { description: 'The page', ...html } },
  problems: [404],
  async handle(call) {
    const { view, known } = await shown(call);
    const { record, soFar } = known;
    const diagnosis = record?.story.diagnosis ?? soFar.diagnosis;
    const { roles } = call.caller;
    const may = { decide: roles.includes('Repair.Approve'), cancel: roles.includes('Repair.Start') };
    const told = saidOf(call.request, view.id);
    const said = verb.safeParse(told?.said).data ?? null;
    const live = { view, record: record ?? null, diagnosis, may, said, saidOf: planStart.safeParse(told?.plan).data ?? null };
    return htmlPage(call.request, renderRepair(live));
  },
});

const uiScreen = route({
  name: 'uiScreen',
  method: 'GET',
  role: 'Repair.Read',
  path: 'ui/repairs/{id}/screens/{which}',
  summary: 'A screenshot of a repair, encoded anew',
  params: idParams.extend({ which: z.enum(['before', 'after']) }),
  query: anything,
  answers: { 200: { description: 'The picture', content: { 'image/png': null } } },
  problems: [404],
  async handle({ params: { id, which }, services: { records } }) {
    const { record, soFar } = await readKnown(records, id);
    const seen = record?.story ?? { diagnosis: soFar.diagnosis, restart: null, attempts: [] };
    const shot = shotsOf(seen)[which];
    const bytes = shot && (await readPicture(shot, seen, records));
    if (bytes === undefined) throw new ProblemError('not-found', `Repair ${id} has no such screenshot.`);
    return {
      status: 200,
      headers: { 'content-type': 'image/png', 'x-content-type-options': 'nosniff', 'cache-control': 'private, max-age=60' },
      body: bytes,
    };
  },
});

const uiAsk = route({
  name: 'uiAsk',
  method: 'GET',
  also: 'POST',
  role: 'Repair.Read',
  path: 'ui/repairs/{id}/{verb}',
  summary: 'The question before a decision; it names the VM',
  params: verbParams,
  // A plan that is none is no detail: the question would be about whichever waits.
  query: z.object({ plan: planStart.optional() }),
  answers: { 200: { description: 'The page', ...html } },
  problems: [404, 409],
  async handle(call) {
    const { view } = await shown(call);
    mustStillAsk(view, call.params.verb, call.query.plan);
    const { value, cookie } = csrfFor(call.request);
    return htmlPage(call.request, renderConfirmation({ view, verb: call.params.verb, csrf: value }), [cookie]);
  },
});

/** A question is about what was read: another plan that waits by now is another question. @throws ProblemError 409 */
function mustStillAsk({ id, state, planHash }: View, asked: z.infer<typeof verb>, plan: string | undefined): void {
  if (state === 'ended') throw new ProblemError('already-ended', `Repair ${id} has ended; its page tells how.`);
  if (asked === 'cancel') return;
  if (state !== 'waiting-approval') throw new ProblemError('not-waiting', `Repair ${id} is ${state}; it waits for no approval.`);
  if (plan !== undefined && !planHash.startsWith(plan))
    throw new ProblemError('other-plan', 'Another plan waits than the one that was read. Go back, read it, and decide then.');
}

/** What is said here goes through the very route that programs use: its checks, its roles, its audit. */
const uiDecide = route({
  name: 'uiDecide',
  method: 'POST',
  also: 'GET',
  // Whoever may not decide is told so by the route that takes the decision.
  role: 'Repair.Read',
  path: 'ui/repairs/{id}/{verb}',
  summary: 'Says a decision: a form that the question has shown',
  params: verbParams,
  query: anything,
  answers: { 303: { description: 'Said', location: true } },
  problems: [403, 404, 409, 413, 415],
  async handle({ params, request, client, context, services }) {
    const form = await readForm(request);
    const { id, verb } = params;
    const plan = verb === 'cancel' ? '' : (form.get('planHash') ?? '').slice(0, 12);
    const body = verb === 'cancel' ? undefined : { planHash: form.get('planHash') ?? '', by: 'live page' };
    const answer = await verbs[verb].run(asProgram(request, id, body), client, context, services);
    if ((answer.status ?? 200) >= 400) return answer;
    return {
      status: 303,
      headers: { location: `/api/ui/repairs/${id}`, 'cache-control': 'no-store' },
      cookies: [saidCookie(request, id, verb, plan)],
    };
  },
});

export const uiRoutes: Route[] = [uiList, uiSettings, uiRepair, uiScreen, uiAsk, uiDecide].map(forPeople);

/** The request as a program would send it, by the same caller. */
function asProgram(request: HttpRequest, id: string, body: object | undefined): HttpRequest {
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !/^content-/i.test(name)));
  return new HttpRequest({
    ...{ method: 'POST', url: new URL(`/api/repairs/${id}`, request.url).href, params: { id } },
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: { string: JSON.stringify(body) } }),
  });
}

async function shown<Q, B>({ params: { id }, client, services: { records } }: Call<{ id: string }, Q, B>) {
  const [instance, summary] = await Promise.all([readInstance(client, id), records.readSummary(id)]);
  const item = itemOf(instance, summary);
  if (item === undefined) throw new ProblemError('not-found', `There is no repair ${id}.`);
  const known = await readKnown(records, id);
  return { view: viewOf(item, instance, known), known };
}
