/**
 * Who calls, as App Service's authentication tells it in `X-MS-CLIENT-PRINCIPAL` (base64 of JSON; it strips that header from whatever comes
 * from outside). Source: learn.microsoft.com/azure/app-service/configure-authentication-user-identities, "Decoding the client principal header".
 */
import { z } from 'zod';
import type { Caller } from './activities/contract.ts';

export const PRINCIPAL_HEADER = 'x-ms-client-principal';

/** App roles, given in Microsoft Entra ID. The last is Azure Monitor's own name for callers of a secure webhook. */
const roles = ['Repair.Read', 'Repair.Start', 'Repair.Approve', 'ActionGroupsSecureWebhook'] as const;
export type Role = (typeof roles)[number];

export interface Principal {
  /** Object id in Microsoft Entra ID: of a person, or of an app's service principal. */
  id: string;
  /** For people who read the report: a sign-in name, or the app's id. One line. */
  name: string;
  roles: Role[];
  /** `local`: the user of an embedded host, whose own sign-in to Azure the repairs use. */
  kind: 'person' | 'app' | 'local';
  /** The client that got the token; null = a browser's own session. */
  appId: string | null;
}

const header = z.object({
  auth_typ: z.enum(['aad', 'local']),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

/** By what App Service calls them, and by what they are called in a token. */
const typesOf = {
  id: ['http://schemas.microsoft.com/identity/claims/objectidentifier', 'oid'],
  name: ['preferred_username', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn', 'upn', 'name'],
  role: ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'],
  app: ['appid', 'azp'],
  /** What a person has let a client do; a token of an app itself has none. */
  scope: ['http://schemas.microsoft.com/identity/claims/scope', 'scp'],
};

/**
 * Undefined = nobody is known: there is no such header, or it does not name exactly one principal of Microsoft Entra ID.
 * @param local whether this is the embedded host, whose user counts too
 */
export function readPrincipal(text: string | null, local: boolean): Principal | undefined {
  const told = header.safeParse(decode(text ?? '')).data;
  if (told === undefined || (told.auth_typ === 'local' && !local)) return undefined;
  const all = (what: keyof typeof typesOf) => told.claims.filter(({ typ }) => typesOf[what].includes(typ)).map(({ val }) => val);
  const [id, ...others] = new Set(all('id').filter(each => each !== ''));
  if (id === undefined || others.length > 0) return undefined;
  const appId = all('app')[0] ?? null;
  const kind = told.auth_typ === 'local' ? 'local' : appId !== null && all('scope').length === 0 ? 'app' : 'person';
  const name = oneLine(all('name')[0] ?? (appId === null ? id : `app ${appId}`));
  return { id, name, roles: roles.filter(role => all('role').includes(role)), kind, appId };
}

export function callerOf({ id, name, kind }: Principal): Caller {
  return { id, name, kind };
}

/** What a request says of itself, and who sent it: the first is a word, the second was checked. @param said `http` says nothing */
export function saidBy(said: string, { name }: Principal): string {
  return said === 'http' || said === name ? name : `${said} (${name})`;
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Names come from a directory that others write. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
