/** The clients of Azure Resource Manager: one pair a subscription, and plain reads for what has no client of its own. */
import { ComputeManagementClient } from '@azure/arm-compute';
import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type PipelinePolicy,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { AzureError, fail, operationFault, retryAfter, toFault } from './errors.ts';
import type { Fault } from './fault.ts';

export interface ArmOptions {
  /** `https://management.azure.com`, or a simulator's. */
  endpoint: string;
  credential: TokenCredential;
  /** Name and version, for Azure's own logs. */
  userAgent: string;
  /** Seen by every request; the last ones stand nearest to the wire. */
  policies: PipelinePolicy[];
}

/** A write that Azure has taken on. Seconds are service seconds (`retryAfterPolicy`). */
export interface Accepted {
  /** Where the operation tells how it fares; null = it is over, or the service gave no address. */
  operationUrl: string | null;
  retryAfterSeconds: number | null;
}

/** `gone`: Azure has forgotten the operation, the resource itself must be looked at. */
export type OperationState =
  | { status: 'running'; retryAfterSeconds: number | null }
  | { status: 'succeeded' }
  | { status: 'gone' }
  | { status: 'failed'; fault: Fault };

export interface Arm {
  compute(subscriptionId: string): ComputeManagementClient;
  resources(subscriptionId: string): ResourceManagementClient;
  /** GET of a path below the endpoint; throws AzureError, also when the body is not as expected. */
  read<T>(path: string, apiVersion: string, schema: z.ZodType<T>): Promise<T>;
  /** A list below the endpoint, at most so many pages of it; an entry that is not as expected is left out: it must not hide the others. */
  list<T>(path: string, apiVersion: string, entry: z.ZodType<T>, pages: number): Promise<T[]>;
  /** A POST that only asks; without a question it has no body. Throws as `read` does, also when no answer comes in so many wall milliseconds. */
  ask<T>(path: string, apiVersion: string, question: object | null, schema: z.ZodType<T>, timeoutMs?: number): Promise<T>;
  operation(url: string): Promise<OperationState>;
  /** POST to an address that the caller has found to be Azure's: the bearer token goes with it. Throws AzureError. */
  post(url: string, body: object): Promise<void>;
  /** An access token for ARM: a secret. */
  token(): Promise<string>;
  /** Host and port of the endpoint. */
  readonly host: string;
}

const scope = 'https://management.azure.com/.default';

/** The library lets the timer of a request that fails run on, and a process with it. */
function withOwnTimeout(client: HttpClient): HttpClient {
  return {
    async sendRequest(request) {
      const { timeout, abortSignal } = request;
      if (timeout === 0 || abortSignal) return client.sendRequest(request);
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), timeout);
      Object.assign(request, { timeout: 0, abortSignal: late.signal });
      try {
        return await client.sendRequest(request);
      } finally {
        clearTimeout(timer);
        Object.assign(request, { timeout, abortSignal });
      }
    },
  };
}

export function createArm(options: ArmOptions): Arm {
  const { endpoint, credential, policies } = options;
  const clientOptions = {
    endpoint,
    userAgentOptions: { userAgentPrefix: options.userAgent },
    // A write is never repeated below the durable timer; reads are repeated by our own policy.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: policies.map(policy => ({ policy, position: 'perRetry' as const })),
  };
  const pipeline = createPipelineFromOptions(clientOptions);
  for (const policy of policies) pipeline.addPolicy(policy, { afterPhase: 'Sign' });
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
  const http = withOwnTimeout(createDefaultHttpClient());
  const get = (url: string) => pipeline.sendRequest(http, createPipelineRequest({ url, method: 'GET' }));
  const host = new URL(endpoint).host;
  /** The bearer token goes with the request: an address elsewhere, or one that is none, is not ours to ask. */
  const isOurs = (url: string) => URL.canParse(url) && new URL(url).host === host;
  const addressOf = (path: string, apiVersion: string) =>
    new URL(`${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`, endpoint).href;
  const postTo = (url: string, body?: object, timeout = 60_000) =>
    pipeline.sendRequest(
      http,
      createPipelineRequest({
        ...{ url, method: 'POST', timeout },
        ...(body && { body: JSON.stringify(body), headers: createHttpHeaders({ 'content-type': 'application/json' }) }),
      }),
    );
  const readBody = async <T>(url: string, schema: z.ZodType<T>, asked = get(url)): Promise<T> => {
    const answer = await asked;
    if (answer.status !== 200) throw new AzureError(refusal(answer));
    const body = schema.safeParse(parse(answer.bodyAsText));
    if (body.success) return body.data;
    throw new AzureError({ kind: 'fatal', code: 'unexpectedBody', message: `${new URL(url).pathname}: ${z.prettifyError(body.error)}` });
  };

  return {
    compute: remember(id => new ComputeManagementClient(credential, id, clientOptions)),
    resources: remember(id => new ResourceManagementClient(credential, id, clientOptions)),

    read: (path, apiVersion, schema) => readBody(addressOf(path, apiVersion), schema),

    ask(path, apiVersion, question, schema, timeoutMs) {
      const url = addressOf(path, apiVersion);
      return readBody(url, schema, postTo(url, question ?? undefined, timeoutMs));
    },

    async list(path, apiVersion, entry, pages) {
      const entries: ReturnType<typeof entry.parse>[] = [];
      let next: string | null = addressOf(path, apiVersion);
      for (let page = 0; page < pages && next !== null && isOurs(next); page++) {
        const { value, nextLink }: z.infer<typeof listBody> = await readBody(next, listBody);
        entries.push(...value.flatMap(each => entry.safeParse(each).data ?? []));
        next = nextLink || null;
      }
      return entries;
    },

    host,

    async post(url, body) {
      const answer = await postTo(url, body);
      if (answer.status !== 200) throw new AzureError(refusal(answer));
    },

    async token() {
      const issued = await credential.getToken(scope);
      if (issued === null) throw fail('transient', 'noToken', 'the identity gave no token for Azure Resource Manager');
      return issued.token;
    },

    async operation(url) {
      if (!isOurs(url)) return { status: 'gone' };
      const answer = await get(url);
      if (answer.status === 404 || answer.status === 410) return { status: 'gone' };
      if (answer.status >= 400) throw new AzureError(refusal(answer));
      return operationState(answer);
    },
  };
}

/** Sends a long operation's first request, and no other: `start` is a `client.group.method(…)` that makes a poller. */
export async function submit(start: (options: { onResponse: OnResponse }) => { submitted(): Promise<void> }): Promise<Accepted> {
  let accepted: Accepted = { operationUrl: null, retryAfterSeconds: null };
  const poller = start({
    onResponse({ headers }) {
      accepted = {
        operationUrl: headers.get('azure-asyncoperation') ?? headers.get('location') ?? null,
        retryAfterSeconds: retryAfter(name => headers.get(name)),
      };
    },
  });
  await poller.submitted();
  return accepted;
}
type OnResponse = (response: { headers: { get(name: string): string | undefined } }) => void;

const operationBody = z.object({
  status: z.string(),
  error: z
    .object({
      code: z.string().optional(),
      message: z.string().optional(),
      details: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).optional(),
    })
    .nullish(),
});

function operationState(answer: PipelineResponse): OperationState {
  const running: OperationState = { status: 'running', retryAfterSeconds: retryAfter(name => answer.headers.get(name)) };
  if (answer.status === 202) return running;
  // A `Location` that has ended answers with the result itself, which has no status.
  const body = operationBody.safeParse(parse(answer.bodyAsText)).data;
  const status = body?.status.toLowerCase() ?? 'succeeded';
  if (status === 'succeeded') return { status: 'succeeded' };
  if (status === 'failed' || status === 'canceled') return { status: 'failed', fault: operationFault(body?.error ?? undefined) };
  return running;
}

const listBody = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });
const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

function refusal(answer: PipelineResponse): Fault {
  const error = errorBody.safeParse(parse(answer.bodyAsText)).data?.error;
  const message = error?.message ?? `HTTP ${answer.status}`;
  return toFault({ statusCode: answer.status, code: error?.code, message, response: answer });
}

function parse(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function remember<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return key => {
    const found = made.get(key) ?? make(key);
    made.set(key, found);
    return found;
  };
}
