/**
 * Who may come in. On Azure, App Service's authentication stands before the app and tells it who calls in `X-MS-CLIENT-PRINCIPAL`; here it
 * is whoever holds the token that was made at the start, and the user who started the host is who calls.
 * Source of the header's shape: learn.microsoft.com/azure/app-service/configure-authentication-user-identities.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { userInfo } from 'node:os';

type Headers = Record<string, string>;

export interface Gate {
  readonly token: string;
  /** Path segment of the app's own way to the durable API: it needs no header, because nobody else knows it. */
  readonly key: string;
  /** By `Authorization: Bearer`, or by the cookie that a browser was given. `code`: as Azure's own management addresses carry it. */
  knows(headers: Headers, code?: string | null): boolean;
  /** The headers as the app may see them: none that only a gate may set, no token of ours, and who calls where that is known. */
  pass(headers: Headers): Headers;
  /** What a browser keeps of a token that it brought in an address. @param port cookies are shared by all ports of a machine */
  cookie(port: string): string;
  isToken(text: string): boolean;
}

/** What the host's own user may do: every role that the app knows, because the machine and its sign-in to Azure are theirs. */
const ROLES = ['Repair.Read', 'Repair.Start', 'Repair.Approve', 'ActionGroupsSecureWebhook'];

export function createGate(token = randomBytes(32).toString('base64url')): Gate {
  const isToken = (text: string) => timingSafeEqual(digest(text), digest(token));
  const bearer = (headers: Headers) => /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const crumb = (headers: Headers) => cookies(headers).find(([name]) => name === cookieName(portOf(headers)))?.[1];
  /** The app's own cookies, of which a form of its page may have one. */
  const withoutCrumb = (headers: Headers) => {
    const others = cookies(headers).filter(([name, value]) => name !== cookieName(portOf(headers)) && value !== token);
    return others.length > 0 && { cookie: others.map(([name, value]) => `${name}=${value}`).join('; ') };
  };
  const knows = (headers: Headers, code?: string | null) =>
    isToken(bearer(headers) ?? '') || isToken(code ?? '') || (isToken(crumb(headers) ?? '') && isSamePage(headers));
  return {
    token,
    key: randomBytes(32).toString('base64url'),
    isToken,
    knows,
    pass(headers) {
      const known = knows(headers);
      const { authorization, cookie, ...others } = headers;
      const kept = Object.entries(others).filter(([name]) => !/^x-ms-(?:client-principal|token-)/i.test(name));
      const theirs = {
        ...(authorization !== undefined && !isToken(bearer(headers) ?? '') && { authorization }),
        ...(cookie !== undefined && withoutCrumb(headers)),
      };
      return { ...Object.fromEntries(kept), ...theirs, ...(known && { 'x-ms-client-principal': localPrincipal() }) };
    },
    cookie: port => `${cookieName(port)}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  };
}

function localPrincipal(): string {
  const { username } = userInfo();
  const claims = [
    { typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: `local:${username}` },
    { typ: 'preferred_username', val: username },
    ...ROLES.map(val => ({ typ: 'roles', val })),
  ];
  return Buffer.from(JSON.stringify({ auth_typ: 'local', claims, name_typ: 'preferred_username', role_typ: 'roles' })).toString('base64');
}

/** A cookie goes along with requests that a page of another port of this machine makes: only our own pages may use it. */
function isSamePage(headers: Headers): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

const cookieName = (port: string) => `bootmedic-${port}`;
const portOf = (headers: Headers) => /:(\d+)$/.exec(headers.host ?? '')?.[1] ?? '80';

function cookies(headers: Headers): [string, string][] {
  return (headers.cookie ?? '').split(';').map(part => {
    const [name = '', ...value] = part.trim().split('=');
    return [name, value.join('=')];
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
