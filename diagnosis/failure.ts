import { adviceFor } from './advice.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { Confidence, Finding, Region } from './types.ts';

/** A failure as one witness tells it. */
export interface Failure {
  entry: CatalogueEntry;
  confidence: Confidence;
  parameters: string[];
  whatFailed: string | null;
  basis: string[];
  /** Where on the screenshot the basis stands; absent = no screenshot tells of it. */
  regions?: Region[];
  contradictions: string[];
}

const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

/** At most five lines of 200 characters: they go through the durable history. */
const cutLines = (lines: string[]): string[] => lines.slice(0, 5).map(line => cut(line.trim(), 200));

export const order: Confidence[] = ['certain', 'likely', 'possible'];
export const weaker = (a: Confidence, b: Confidence): Confidence => (order.indexOf(a) > order.indexOf(b) ? a : b);

export function toFinding({ entry, ...failure }: Failure, evidence: string[]): Finding {
  return {
    id: entry.id,
    title: entry.title,
    stopCode: entry.code,
    stopName: entry.name,
    parameters: failure.parameters,
    whatFailed: failure.whatFailed === null ? null : cut(failure.whatFailed, 120),
    confidence: failure.confidence,
    harm: entry.harm,
    playbook: entry.playbook,
    ...adviceFor(entry),
    basis: cutLines(failure.basis),
    ...(failure.regions === undefined ? {} : { regions: failure.regions.slice(0, 5) }),
    contradictions: failure.contradictions,
    evidence,
  };
}
