/** Callers as App Service tells them, and a route called by one of them, without a host. Not a test itself. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { loadSettings } from '../../functions/settings.ts';
import type { Route, Services } from '../../functions/triggers/route.ts';

const oid = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** The header of a person who signed in, in the shape that App Service documents. */
export function personHeader(name: string, roles: string[]): string {
  return header([
    { typ: oid, val: `oid-of-${name}` },
    { typ: 'preferred_username', val: `${name}@contoso.example` },
    ...roles.map(val => ({ typ: 'roles', val })),
  ]);
}

/** Of an app's own token: an app id, and no scope that a person granted. */
export function appHeader(appId: string, roles: string[]): string {
  return header([{ typ: oid, val: `oid-of-${appId}` }, { typ: 'appid', val: appId }, ...roles.map(val => ({ typ: 'roles', val }))]);
}

export function header(claims: unknown, provider: unknown = 'aad'): string {
  return Buffer.from(JSON.stringify({ auth_typ: provider, claims, name_typ: 'name', role_typ: 'roles' })).toString('base64');
}

export interface Said {
  event: string;
  payload: unknown;
}

export interface Desk {
  services: Services;
  said: Said[];
  started: unknown[];
  client: DurableClient;
  ask(route: Route, asked?: { method?: string; by?: string | undefined; id?: string; body?: unknown }): Promise<HttpResponseInit>;
}

/**
 * @param instance what Durable Functions knows of the one repair that there is
 * @param given a client of the test's own
 */
export function desk(settings: object = {}, more: Partial<Services> = {}, instance: object | null = null, given?: DurableClient): Desk {
  const env = { BOOTMEDIC_BLOB_ENDPOINT: 'https://x.blob.core.windows.net', WEBSITE_AUTH_ENABLED: 'True' };
  const said: Said[] = [];
  const started: unknown[] = [];
  const client =
    given ??
    ({
      getStatus: async () => {
        if (instance === null) throw new Error('HTTP 404 response');
        return instance;
      },
      getStatusBy: async () => [],
      readEntityState: async () => ({ entityState: null }),
      signalEntity: async () => {},
      startNew: async (_: string, { input }: { input: unknown }) => void started.push(input),
      raiseEvent: async (_: string, event: string, payload: unknown) => void said.push({ event, payload }),
    } as unknown as DurableClient);
  const records = {
    findBundle: async () => undefined,
    readWrites: async () => [],
    readTimeline: async () => [],
    readSummary: async () => undefined,
    readRecord: async () => undefined,
    listSummaries: async () => [],
    recentSummaries: async () => [],
    claim: async () => true,
    noteJoined: async () => {},
    joinedBefore: async () => undefined,
  };
  const services = {
    records,
    machines: { called: async () => new Map(), behind: async () => [] },
    known: { playbooks: [], consents: ['upload-dump'] },
    settings: loadSettings({ ...env, BOOTMEDIC_SETTINGS: JSON.stringify(settings) }),
    ...more,
  } as unknown as Services;
  const context = { info: () => {}, warn: () => {}, error: () => {}, invocationId: 'i' } as unknown as InvocationContext;
  return {
    services,
    said,
    started,
    client,
    ask(route, { method = route.method, by, id, body } = {}) {
      const headers = new Headers({ 'content-type': 'application/json', ...(by !== undefined && { 'x-ms-client-principal': by }) });
      const arrayBuffer = async () => new TextEncoder().encode(JSON.stringify(body)).buffer;
      const request = {
        url: `https://app/api/${route.path}`,
        method,
        headers,
        params: id ? { id } : {},
        query: new URLSearchParams(),
        arrayBuffer,
      };
      return route.run(request as unknown as HttpRequest, client, context, services);
    },
  };
}

export const problemOf = ({ status, body }: HttpResponseInit) => ({ status, ...JSON.parse(String(body)) });
