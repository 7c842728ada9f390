/** A record, for people: one HTML page that needs nothing else, or Markdown for tickets and chat. Pure; JSON is the record itself. */
import type { RepairRecord } from '../records/index.ts';
import { compose } from './compose.ts';
import { toHtml, toMarkdown } from './engine.ts';
import { fitting } from './fit.ts';
import { type FleetItem, fleetReport } from './fleet.ts';
import type { Images } from './sections/pictures.ts';
import { supportRequest } from './supportRequest.ts';
import { inZone } from './zone.ts';

/**
 * One HTML file: no script, no network, and a content security policy that forbids both.
 * @param images evidence pictures (PNG, JPEG, BMP) by the name of their blob; those that lack are said to lack
 * @param timeZone IANA name of the reader's; null = times are told in UTC alone
 */
export function renderHtml(record: RepairRecord, images: Images, timeZone: string | null = null): string {
  return toHtml(inZone(compose(record, images), timeZone));
}

/** CommonMark with GitHub's tables. Pictures are left out, the text that was read from them is not. */
export function renderMarkdown(record: RepairRecord, timeZone: string | null = null): string {
  return toMarkdown(inZone(compose(record, null), timeZone));
}

/** A request to Microsoft's support, ready to file, as Markdown. */
export function renderSupportRequest(record: RepairRecord): string {
  // What became of the repair is no business of its title: the request is about the VM.
  return toMarkdown(supportRequest(record), false);
}

/**
 * One page for many repairs, a row a VM, the failures first; of many VMs those that need nobody have a line of their names.
 * @param app address of the app that has the repairs: a page that is saved or forwarded leads nowhere by itself
 */
export function renderFleetHtml(items: FleetItem[], at: string, timeZone: string | null = null, app: string | null = null): string {
  return fitting(measure => toHtml(inZone(fleetReport(items, at, app, measure), timeZone)));
}

export function renderFleetMarkdown(items: FleetItem[], at: string, timeZone: string | null = null, app: string | null = null): string {
  return toMarkdown(inZone(fleetReport(items, at, app), timeZone));
}
