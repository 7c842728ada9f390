/** How the live page answers: one policy for all its pages, 304 where nothing has changed, and problems as pages. */
import { createHash } from 'node:crypto';
import type { Cookie, HttpRequest, HttpResponseInit } from '@azure/functions';
import { livePolicy, renderTrouble } from '../../report/ui/index.ts';
import { negotiate } from './negotiate.ts';
import { problemBody } from './problem.ts';
import type { Route } from './route.ts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': livePolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not no-referrer: a browser would then send the forms with `Origin: null`.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** A page. Who has it already, by its tag, is told that nothing has changed. */
export function htmlPage(request: HttpRequest, body: string, cookies: Cookie[] = []): HttpResponseInit {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  if (request.headers.get('if-none-match') === etag) return { status: 304, headers: { etag, 'cache-control': 'no-store' } };
  return { status: 200, headers: { ...HEADERS, etag }, body, cookies };
}

const PROBLEM = 'application/problem+json';

/** The same route for people: what it refuses is told to a browser as a page, with a way back. */
export function forPeople(route: Route): Route {
  return {
    ...route,
    async run(request, client, context, services) {
      const answer = await route.run(request, client, context, services);
      const asPage = negotiate(request.headers.get('accept'), [PROBLEM, 'text/html']) === 'text/html';
      if ((answer.status ?? 200) < 400 || !asPage) return answer;
      return answer.status === 401 ? strangerPage() : troublePage(answer, request.params.id);
    },
  };
}

/** A browser has no use for what a program is told: here it says how a person comes in. */
function strangerPage(): HttpResponseInit {
  const detail =
    'A host on your own machine lets in whoever opens the address that it printed when it was started last, which “bootmedic ui” prints too: ' +
    'each start has a token of its own, and the address of an earlier one opens nothing. On Azure, sign in again.';
  const page = { title: 'You are not signed in', detail, errors: [], back: '', backWord: 'Try again' };
  return { status: 401, headers: { ...HEADERS, 'www-authenticate': 'Bearer' }, body: renderTrouble(page) };
}

function troublePage(answer: HttpResponseInit, id: string | undefined): HttpResponseInit {
  const told = problemBody.safeParse(typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.jsonBody);
  const { title, detail, errors } = told.data ?? { title: `It did not work (${answer.status})`, detail: '', errors: [] };
  const known = id !== undefined && /^r-[a-z2-7]{12}$/.test(id) && answer.status !== 404;
  const back = known ? { back: `/api/ui/repairs/${id}`, backWord: 'Back to the repair' } : { back: '/api/ui', backWord: 'All repairs' };
  // A page does not take away what its status must bear (Allow).
  const { 'content-type': _, ...kept } = answer.headers as Record<string, string>;
  return { status: answer.status ?? 500, headers: { ...kept, ...HEADERS }, body: renderTrouble({ title, detail, errors, ...back }) };
}
