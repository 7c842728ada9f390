/** What an HTTP trigger is here: a description that is checked, documented and registered from the same place, and a handler. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { CallerRights } from '../../azure/callerRights.ts';
import type { Machines } from '../../azure/machines.ts';
import { DamagedRecord, type Records } from '../../records/index.ts';
import type { Known } from '../known.ts';
import type { Principal, Role } from '../principal.ts';
import { type Problem, problemsOf } from '../problems.ts';
import type { Settings } from '../settings.ts';
import { authorize } from './authorize.ts';
import { readJson, readQuery } from './body.ts';
import { ProblemError, problemResponse } from './problem.ts';

/** What handlers work with. */
export interface Services {
  records: Records;
  settings: Settings;
  rights: CallerRights;
  machines: Machines;
  known: Known;
}

export interface Call<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  /** Has the route's role. */
  caller: Principal;
  request: HttpRequest;
  client: DurableClient;
  context: InvocationContext;
  services: Services;
}

export interface Answer {
  description: string;
  /** By media type; null = text. */
  content?: Record<string, z.ZodType | null>;
  /** The header `Location` is sent. */
  location?: boolean;
}

export interface Route {
  /** Name of the function and of the operation. */
  name: string;
  method: 'GET' | 'POST';
  /** What the caller must have. */
  role: Role;
  /** Below the route prefix, without a slash in front. */
  path: string;
  summary: string;
  params: z.ZodType;
  query: z.ZodType;
  body: z.ZodType | null;
  /** By status, without the problems that every route shares. */
  answers: Record<number, Answer>;
  /** Statuses of problems that this route answers beside those that every route may. */
  problems: number[];
  run(request: HttpRequest, client: DurableClient, context: InvocationContext, services: Services): Promise<HttpResponseInit>;
}

const none = z.strictObject({});
type None = z.infer<typeof none>;

interface Definition<P, Q, B> {
  name: string;
  method: 'GET' | 'POST';
  /** The other method that its path has, by a route of its own. */
  also?: 'GET' | 'POST';
  role: Role;
  path: string;
  summary: string;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  body?: z.ZodType<B>;
  /** Largest body, bytes; absent = what alerts need. */
  bodyBytes?: number;
  answers: Record<number, Answer>;
  problems?: number[];
  /** Who sends it sends it again after these seconds, if it is told so: what fails here is answered 503 and not 500. */
  againAfter?: number;
  handle(call: Call<P, Q, B>): Promise<HttpResponseInit>;
}

/** A route whose handler sees only who has its role, and what has passed the schemas; all that is wrong with a request is told at once. */
export function route<P = None, Q = None, B = undefined>(definition: Definition<P, Q, B>): Route {
  const {
    name,
    method,
    also,
    role,
    path,
    summary,
    params,
    query,
    body,
    bodyBytes,
    answers,
    problems = [],
    againAfter,
    handle,
  } = definition;
  return {
    ...{ name, method, role, path, summary, answers, problems },
    ...{ params: params ?? none, query: query ?? none, body: body ?? null },
    async run(request, client, context, services) {
      try {
        const asked = request.method === 'HEAD' ? 'GET' : request.method;
        if (asked !== method) throw wrongMethod(request.method, [method, ...(also ? [also] : [])]);
        const caller = authorize(request, role, services.settings);
        const wrong: Problem[] = [];
        const check = <T>(schema: z.ZodType<T>, value: unknown, root: string): T | undefined => {
          const { success, data, error } = schema.safeParse(value);
          if (!success) wrong.push(...problemsOf(error, root));
          return data;
        };
        const given = {
          params: check<unknown>(params ?? none, request.params, '') as P,
          query: check<unknown>(query ?? none, readQuery(request), '') as Q,
          body: (body ? check(body, await readJson(request, bodyBytes), 'body') : undefined) as B,
        };
        if (wrong.length > 0) throw new ProblemError('invalid-request', 'Nothing was done. See errors for each field.', wrong);
        const answer = await handle({ ...given, caller, request, client, context, services });
        return request.method === 'HEAD' ? withoutBody(answer) : answer;
      } catch (error) {
        return asProblem(error, context, againAfter);
      }
    },
  };
}

function wrongMethod(asked: string, methods: string[]): ProblemError {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].toSorted().join(', ');
  const why = methods.includes('GET') ? '' : ' A link that is opened decides nothing.';
  return new ProblemError('wrong-method', `${asked} is not taken here, ${allow} is. Nothing was done.${why}`, [], { allow });
}

function withoutBody({ body: _, jsonBody: __, ...answer }: HttpResponseInit): HttpResponseInit {
  return answer;
}

/** What is not our caller's fault is logged whole and told without its text, which may hold what the caller must not see. */
function asProblem(error: unknown, context: InvocationContext, againAfter?: number): HttpResponseInit {
  const again = againAfter === undefined ? undefined : { 'retry-after': String(againAfter) };
  if (error instanceof ProblemError) {
    const isLater = error.kind === 'azure-away' && again;
    return problemResponse(isLater ? new ProblemError(error.kind, error.message, error.errors, { ...error.headers, ...again }) : error);
  }
  context.error(error);
  if (error instanceof DamagedRecord) {
    const remedy = 'look who has changed that blob; its account keeps earlier versions where that is turned on';
    const errors = error.faults.map(problem => ({ field: error.blob, problem, remedy }));
    return problemResponse(new ProblemError('damaged-record', 'A blob of this repair was changed or cut.', errors));
  }
  const where = `The log has it under invocation ${context.invocationId}.`;
  return problemResponse(again ? new ProblemError('not-taken', `Send it again. ${where}`, [], again) : new ProblemError('internal', where));
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }, body: JSON.stringify(body) };
}

/** Paths that answers name: `routePrefix` of host.json, then the route. */
export function pathOf(id: string, action = ''): string {
  return `/api/repairs/${id}${action && `/${action}`}`;
}

export function linksOf(id: string): Record<'self' | 'report' | 'bundle' | 'cancel' | 'approve' | 'reject', string> {
  return {
    self: pathOf(id),
    report: pathOf(id, 'report'),
    bundle: pathOf(id, 'bundle'),
    cancel: pathOf(id, 'cancel'),
    approve: pathOf(id, 'approve'),
    reject: pathOf(id, 'reject'),
  };
}
