/** Every exchange with ARM, kept for whoever holds it against a specification. */
import { appendFileSync } from 'node:fs';
import type { ArmResponse, Cloud, RawRequest } from './arm/cloud.ts';

/** One request and what was answered, as on the wire; a line of a file of them is one as JSON. */
export interface ArmExchange {
  method: string;
  /** Path and query. */
  url: string;
  /** Without the token. */
  requestHeaders: Record<string, string>;
  request?: unknown;
  status: number;
  headers: Record<string, string>;
  response?: unknown;
}

/** Appends each exchange from now on to a file. */
export function keepExchanges(cloud: Cloud, file: string): void {
  cloud.watch = (request, response) => appendFileSync(file, `${JSON.stringify(exchangeOf(request, response))}\n`);
}

function exchangeOf({ method, url, headers, body }: RawRequest, { status, headers: own, body: answered }: ArmResponse): ArmExchange {
  const { authorization: _, ...requestHeaders } = headers;
  // As the server sends it.
  const type: Record<string, string> = answered === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return { method, url, requestHeaders, request: body, status, headers: { ...type, ...own }, response: answered };
}
