/** The HTTP API of bootmedic, as its command line calls it. */
import { z } from 'zod';
import { CliError, errorText, exitCodes } from './errors.ts';
import {
  admission,
  alerted,
  fleetView,
  type Item,
  itemPage,
  leftoverList,
  problem,
  record,
  started,
  sweep,
  sweepStarted,
  view,
} from './views.ts';

export interface Wish {
  vmId: string;
  mode: string | null;
  playbook: string | null;
  consents: string[];
  restartFirst?: boolean;
  force?: boolean;
  script?: { name: string; content: string } | null;
  requestedBy: string;
}
export const reportFormats = ['html', 'md', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface BundlePart {
  bytes: Uint8Array;
  etag: string;
  /** Of its first byte. */
  from: number;
  /** Of the whole. */
  size: number;
}

export type Client = ReturnType<typeof createClient>;

type More = Pick<RequestInit, 'redirect'> & { headers?: Record<string, string> };

/** Whatever comes back is an answer; CliError when nothing does. */
function sender(url: string, signal: AbortSignal, token?: string) {
  return async (method: 'GET' | 'POST', path: string, body?: unknown, more: More = {}): Promise<Response> => {
    const headers = {
      ...more.headers,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const init = { ...more, method, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
    try {
      return await fetch(`${url.replace(/\/+$/, '')}/api/${path}`, init);
    } catch (error) {
      signal.throwIfAborted();
      throw new CliError(`cannot reach ${url}: ${errorText(error)}`, 'look whether the app runs there', exitCodes.unreachable);
    }
  };
}

/**
 * @param url address of the app, without `/api`
 * @param token shows who calls: of Microsoft Entra ID for a deployed app, of `run.json` for an embedded host
 * @param signal ends every call; its reason is thrown. Every call throws CliError when it is refused or gets no answer.
 */
export function createClient(url: string, signal: AbortSignal, token?: string) {
  const send = sender(url, signal, token);
  const call = async (...request: Parameters<typeof send>): Promise<Response> => {
    const response = await send(...request);
    if (!response.ok) throw await refusal(response, url);
    return response;
  };
  const ask = async <T>(schema: z.ZodType<T>, ...request: Parameters<typeof call>): Promise<T> => {
    const answer = schema.safeParse(await (await call(...request)).json().catch(() => undefined));
    if (answer.success) return answer.data;
    const remedy = 'look whether it is a bootmedic app, of the version of this command';
    throw new CliError(`${url} answers something else: ${z.prettifyError(answer.error)}`, remedy, exitCodes.unreachable);
  };
  return {
    start: (wish: Wish) => ask(started, 'POST', 'repairs', wish),
    alert: (alert: unknown) => ask(alerted, 'POST', 'alerts', alert),
    view: (id: string) => ask(view, 'GET', `repairs/${id}`),
    /** All of them, page by page. */
    async list(): Promise<Item[]> {
      const items: Item[] = [];
      let next: string | null = 'repairs';
      while (next !== null) {
        const page: z.infer<typeof itemPage> = await ask(itemPage, 'GET', next);
        items.push(...page.items);
        next = page.next === null ? null : page.next.replace(/^\/api\//, '');
      }
      return items;
    },
    cancel: (id: string) => ask(started, 'POST', `repairs/${id}/cancel`),
    decide: (id: string, verb: 'approve' | 'reject', planHash: string, by: string) =>
      ask(started, 'POST', `repairs/${id}/${verb}`, { planHash, by }),
    /** @param timeZone whose clocks it shows beside UTC; null = as the app's settings say */
    report: async (id: string, format: ReportFormat, timeZone: string | null): Promise<string> => {
      const zone = timeZone === null || format === 'json' ? '' : `?${new URLSearchParams({ timeZone })}`;
      return (await call('GET', `repairs/${id}/report.${format}${zone}`)).text();
    },
    /** A part of the support bundle from a byte on, at most what the app gives at once; the whole from its first byte where it is another version. */
    bundlePart: async (id: string, from: number, etag: string): Promise<BundlePart> => {
      const headers = { range: `bytes=${from}-`, ...(etag && { 'if-range': etag }) };
      // It is asked for in parts: an address where the whole is, is given when it was packed anew.
      const response = await send('GET', `repairs/${id}/bundle`, undefined, { headers, redirect: 'manual' });
      if (from > 0 && (response.status === 416 || (response.status >= 300 && response.status < 400))) return beyond(response, from, etag);
      if (!response.ok) throw await refusal(response, url);
      const bytes = await response.bytes().catch((error: unknown) => {
        throw new CliError(`the download broke: ${errorText(error)}`, 'start it again: it goes on where it stopped', exitCodes.unreachable);
      });
      const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
      const whole = response.status !== 206 || first === undefined || size === undefined;
      return {
        bytes,
        etag: response.headers.get('etag') ?? '',
        from: whole ? 0 : Number(first),
        size: whole ? bytes.length : Number(size),
      };
    },
    record: (id: string) => ask(record, 'GET', `repairs/${id}/report.json`),
    admission: () => ask(admission, 'GET', 'admission'),
    resetBreaker: (finding: string, by: string) =>
      ask(admission, 'POST', `admission/breakers/${encodeURIComponent(finding)}/reset`, { by }),
    leftovers: () => ask(leftoverList, 'GET', 'leftovers'),
    startFleet: (wish: { vmIds: string[]; mode: string | null; atOnce?: number; mostFailures?: number }) =>
      ask(fleetView, 'POST', 'fleets', wish),
    fleet: (id: string) => ask(fleetView, 'GET', `fleets/${id}`),
    sweep: () => ask(sweepStarted, 'POST', 'sweeps'),
    /** Null = none has ended yet. */
    latestSweep: async () => ((await ask(leftoverList, 'GET', 'leftovers')).at === null ? null : ask(sweep, 'GET', 'sweeps/latest')),
    /** For machines: exactly what the app answers. */
    raw: (path: string) => ask(z.unknown(), 'GET', path),
  };
}

/** No part of it: what is there already is the whole of this version, or of another one, and then it begins anew. */
function beyond(response: Response, from: number, etag: string): BundlePart {
  const [, size] = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const whole = etag !== '' && Number(size) === from;
  return whole ? { bytes: new Uint8Array(), etag, from, size: from } : { bytes: new Uint8Array(), etag: '', from: 0, size: Infinity };
}

/** Items of these repairs only. */
export function only(items: Item[], ids: string[]): Item[] {
  return ids.flatMap(id => items.find(each => each.id === id) ?? []);
}

async function refusal(response: Response, url: string): Promise<CliError> {
  const told = problem.safeParse(await response.json().catch(() => undefined));
  const exitCode = response.status >= 500 || !told.success ? exitCodes.unreachable : exitCodes.wrongUse;
  if (!told.success) {
    const unknown = response.status === 401 || response.status === 403;
    const token = 'az account get-access-token --resource <application id URI of the app> --query accessToken -o tsv';
    const remedy = unknown ? `set BOOTMEDIC_APP_TOKEN to what this prints: ${token}` : 'look whether it is a bootmedic app';
    return new CliError(`${url} answered ${response.status} ${response.statusText}`, remedy, exitCode);
  }
  const { title, detail, errors } = told.data;
  const fields = errors.map(error => `${error.field} ${error.problem}`).join('; ');
  const remedy =
    errors.map(error => error.remedy).join('; ') ||
    (response.status === 404 ? 'bootmedic status lists all repairs' : 'bootmedic status tells more');
  return new CliError(fields || detail || title, remedy, exitCode);
}
