/** A record, for people: one HTML page that needs nothing else, or Markdown for tickets and chat. Pure; JSON is the record itself. */
import type { RepairRecord } from '../records/index.ts';
import { compose } from './compose.ts';
import { toHtml, toMarkdown } from './engine.ts';
import { type FleetItem, fleetReport } from './fleet.ts';
import type { Images } from './sections/pictures.ts';
import { supportRequest } from './supportRequest.ts';

/**
 * One HTML file: no script, no network, and a content security policy that forbids both.
 * @param images evidence pictures (PNG, JPEG, BMP) by the name of their blob; those that lack are said to lack
 */
export function renderHtml(record: RepairRecord, images: Images): string {
  return toHtml(compose(record, images));
}

/** CommonMark with GitHub's tables. Pictures are left out, the text that was read from them is not. */
export function renderMarkdown(record: RepairRecord): string {
  return toMarkdown(compose(record, null));
}

/** A request to Microsoft's support, ready to file, as Markdown. */
export function renderSupportRequest(record: RepairRecord): string {
  // What became of the repair is no business of its title: the request is about the VM.
  return toMarkdown(supportRequest(record), false);
}

/** One page for many repairs, a row a VM, the failures first. */
export function renderFleetHtml(items: FleetItem[], at: string): string {
  return toHtml(fleetReport(items, at));
}

export function renderFleetMarkdown(items: FleetItem[], at: string): string {
  return toMarkdown(fleetReport(items, at));
}
