/**
 * Forms of the live page that change something, safe against forgery from another site: the browser's own word on where the request
 * comes from (Fetch Metadata, else Origin), and a value that only a page of ours knows (double submit: a cookie and a field).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Cookie, HttpRequest } from '@azure/functions';
import { ProblemError } from './problem.ts';

const COOKIE = 'bootmedic-csrf';
const SAID = 'bootmedic-said';
/** Seconds for which the page says what its reader has told it: by then the repair has heard it. */
const TOLD_FOR = 60;
const MAX_FORM_BYTES = 4096;

/** The value for a form of this browser, and the cookie that must come back with it. */
export function csrfFor(request: HttpRequest): { value: string; cookie: Cookie } {
  const value = csrfOf(request) ?? randomBytes(24).toString('base64url');
  const secure = new URL(request.url).protocol === 'https:';
  return { value, cookie: { name: COOKIE, value, path: '/api/ui', httpOnly: true, sameSite: 'Strict', secure } };
}

/** What this browser has just told a repair: an address, which anybody can write and send, could not be believed. @param plan '' = of none */
export function saidCookie(request: HttpRequest, id: string, said: string, plan: string): Cookie {
  const secure = new URL(request.url).protocol === 'https:';
  const kept = { maxAge: TOLD_FOR, httpOnly: true, sameSite: 'Strict', secure } as const;
  return { name: SAID, value: `${id}.${said}.${plan}`, path: `/api/ui/repairs/${id}`, ...kept };
}

/** Null = it has told this repair nothing lately. */
export function saidOf(request: HttpRequest, id: string): { said: string; plan: string } | null {
  const [of, said = '', plan = ''] = (cookieOf(request, SAID) ?? '').slice(0, 100).split('.');
  return of === id ? { said, plan } : null;
}

/** The fields of a form that a page of ours has sent. @throws ProblemError when it may come from elsewhere */
export async function readForm(request: HttpRequest): Promise<URLSearchParams> {
  if (!isOurs(request)) throw new ProblemError('foreign-form', 'It was sent by a page of another site.');
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get('content-type') ?? ''))
    throw new ProblemError('unsupported-media-type', 'Send a form.');
  const text = await request.text();
  if (text.length > MAX_FORM_BYTES) throw new ProblemError('too-large', `At most ${MAX_FORM_BYTES} bytes are taken.`);
  const form = new URLSearchParams(text);
  const known = csrfOf(request);
  if (known === undefined || !same(known, form.get('csrf') ?? ''))
    throw new ProblemError('foreign-form', 'It was sent by no page of this session. Open the page again and send it once more.');
  return form;
}

/** Fetch Metadata where the browser sends it, which is wherever the page is https or on this machine; Origin else. */
function isOurs(request: HttpRequest): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin') ?? '';
  return URL.canParse(origin) && new URL(origin).host === (request.headers.get('x-forwarded-host') ?? request.headers.get('host'));
}

function cookieOf(request: HttpRequest, name: string): string | undefined {
  const cookies = (request.headers.get('cookie') ?? '').split(/;\s*/);
  return cookies.find(each => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

function csrfOf(request: HttpRequest): string | undefined {
  const value = cookieOf(request, COOKIE);
  return value !== undefined && /^[\w-]{32}$/.test(value) ? value : undefined;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
