/** Times as the reader's clocks show them, beside UTC. */
import type { Report } from './document.ts';

/** Whether it is a zone of the IANA database that this Node knows: `Europe/Amsterdam`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The same report, each of whose times bears what clocks in that zone showed then. @param timeZone null = UTC alone */
export function inZone(report: Report, timeZone: string | null): Report {
  if (timeZone === null || !isTimeZone(timeZone)) return report;
  return { ...withLocal(report, clockOf(timeZone)), timeZone };
}

/** What `localTime` needs of a zone. @throws RangeError when it is none */
export const clockOf = (timeZone: string) => new Intl.DateTimeFormat('en', { timeZone, ...parts });

const parts: Intl.DateTimeFormatOptions = {
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  ...{ hourCycle: 'h23', timeZoneName: 'short' },
};

/** `04:05:48 GMT+1`; with its date where that is another one there. */
export function localTime(iso: string, format: Intl.DateTimeFormat): string {
  const part = new Map(format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  const date = ['year', 'month', 'day'].map(name => part.get(name as 'year')).join('-');
  const time = ['hour', 'minute', 'second'].map(name => part.get(name as 'hour')).join(':');
  return `${date === iso.slice(0, 10) ? '' : `${date} `}${time} ${part.get('timeZoneName')}`;
}

function withLocal<T>(value: T, format: Intl.DateTimeFormat): T {
  if (Array.isArray(value)) return value.map(each => withLocal(each, format)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const told = Object.entries(value).map(([key, inner]) => [key, withLocal(inner, format)]);
  const same = Object.fromEntries(told);
  return isMoment(value) ? { ...same, local: localTime(value.iso, format) } : same;
}

function isMoment(value: object): value is { iso: string; text: string } {
  return 'iso' in value && 'text' in value && typeof value.iso === 'string';
}
