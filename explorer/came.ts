/** What came about of what a schedule orders: a fault needs a call that can have it, and one that comes. */
import { canHave } from './mishaps.ts';
import { type Event, eventText } from './schedule.ts';
import type { Call } from './wire.ts';

/** Of a schedule that was run before this was noted: by the calls that stood there in the run without a fault, as the ledger tells them. */
export function reckoned(events: readonly Event[], where: string, deaths: number): string[] {
  const places = where.split(', ');
  return events
    .filter((event, n) => {
      if (event.on === 'activity') return deaths > 0;
      const call = callIn(places[n] ?? '');
      return call !== undefined && (event.on !== 'call' || canHave(call, event.fault));
    })
    .map(eventText);
}

/** `c17 PUT /resourceGroups/…`; undefined = no call stood there. */
function callIn(place: string): Call | undefined {
  const [, n, method, path] = /^c(\d+) ([A-Z]+) (\/.*)$/.exec(place) ?? [];
  if (method === undefined || path === undefined) return undefined;
  return { n: Number(n), service: serviceOf(path), method, path, status: 0, at: 0 };
}

function serviceOf(path: string): Call['service'] {
  if (/^\/(bootmedic|md)\//.test(path)) return 'blob';
  if (path.startsWith('/msi/')) return 'identity';
  return path.startsWith('/api/') ? 'host' : 'arm';
}
