/** What is answered when a request cannot be served: RFC 9457 problem details. */
import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Problem } from '../problems.ts';

/** The body of every answer from 400 on. */
export const problemBody = z.object({
  type: z.string().meta({ description: 'Stable name of the kind of problem: `urn:bootmedic:problem:…`' }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), problem: z.string(), remedy: z.string() })).meta({
    description: 'What is wrong where, and what to do about it; empty when no field is to blame',
  }),
});

/** The kinds of problem, each with its status and title. */
const KINDS = {
  'invalid-request': [400, 'The request is not right'],
  'invalid-json': [400, 'The body is not JSON'],
  'not-signed-in': [401, 'Nobody is known to call'],
  'role-missing': [403, 'The caller may not do this'],
  'own-request': [403, 'Another person must decide'],
  'no-rights-on-vm': [403, 'The caller has no such rights on the VM'],
  'foreign-form': [403, 'The form was not taken'],
  'not-found': [404, 'There is no such thing'],
  'wrong-method': [405, 'It is not done by this method'],
  'not-acceptable': [406, 'None of the accepted media types can be given'],
  'no-sweep-yet': [404, 'There has been no sweep yet'],
  'no-report-yet': [409, 'There is no report yet'],
  'damaged-record': [409, 'What is kept of the repair cannot be read'],
  'already-ended': [409, 'The repair has already ended'],
  'not-waiting': [409, 'The repair waits for no approval'],
  'other-plan': [409, 'The repair has another plan'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body must be JSON'],
  range: [416, 'There is no such part'],
  internal: [500, 'Something went wrong inside bootmedic'],
  'authentication-off': [503, 'Nobody checks who calls'],
  'azure-away': [503, 'Azure could not be asked'],
  'not-taken': [503, 'It could not be taken now'],
} as const satisfies Record<string, [number, string]>;
export type ProblemKind = keyof typeof KINDS;

/** Thrown by a route; rendered where all routes are wrapped. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly errors: Problem[];
  /** Beside those that its status always has. */
  readonly headers: Record<string, string>;
  constructor(kind: ProblemKind, detail: string, errors: Problem[] = [], headers: Record<string, string> = {}) {
    super(detail);
    this.kind = kind;
    this.errors = errors;
    this.headers = headers;
  }
}

export function problemResponse({ kind, message, errors, headers: more }: ProblemError): HttpResponseInit {
  const [status, title] = KINDS[kind];
  const body: z.infer<typeof problemBody> = { type: `urn:bootmedic:problem:${kind}`, title, status, detail: message, errors };
  // RFC 9110 wants it with every 401.
  const challenge = { ...(status === 401 && { 'www-authenticate': 'Bearer' }) };
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...challenge, ...more };
  return { status, headers, body: JSON.stringify(body) };
}

/** Titles of the problems with this status, for the description of the API. */
export function problemTitles(status: number): string {
  const titles = Object.values(KINDS).flatMap(([of, title]) => (of === status ? [title] : []));
  return titles.join('; or: ');
}
