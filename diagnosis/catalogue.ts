/** Code or name -> record: what it is, and the playbook that repairs it. Data only: the playbooks' signatures and a table of the rest. */
import { signatures } from '../playbooks/catalogue.ts';
import type { Signature } from '../playbooks/types.ts';
import { knownBootStatuses, knownStops } from './knownStops.ts';
import type { Harm } from './types.ts';

export interface CatalogueEntry {
  /** For example `azure-0xef`; `stop-<code>` or `status-<code>` where the catalogue has no record. */
  id: string;
  title: string;
  /** `screen`: known by its text, without a code. */
  kind: 'stop' | 'boot-status' | 'screen';
  /** `0x` and 8 upper-case digits; empty when there is none. */
  code: string;
  name: string;
  harm: Harm;
  /** Null = no safe automatic repair is known. */
  playbook: string | null;
}

/** `0xef` -> `0x000000EF`; undefined when it is no hexadecimal number of at most 32 bits (leading zeros beyond that are allowed). */
export function normaliseCode(code: string): string | undefined {
  const digits = /^0x0*([0-9a-f]{1,8})$/i.exec(code)?.[1];
  return digits === undefined ? undefined : `0x${digits.toUpperCase().padStart(8, '0')}`;
}

/** `0x000000EF` -> `0xEF`, as people say it. */
export const shortCode = (code: string): string => code.replace(/^0x0+(?=.)/, '0x');

function named(kind: 'stop' | 'boot-status', code: string, name: string, id?: string): CatalogueEntry {
  const what = kind === 'stop' ? 'Windows stop error' : 'Windows boot manager error';
  return {
    id: id ?? `${kind === 'stop' ? 'stop' : 'status'}-${shortCode(code).toLowerCase()}`,
    title: `${what} ${shortCode(code)}${name === '' ? '' : ` ${name}`}`,
    kind,
    code,
    name,
    // Nothing is known of what acting would cost, so nothing may run unasked.
    harm: 'high',
    playbook: null,
  };
}

/** First row of a code wins: a stop before a status, the usual name before another one. */
function tabled(): Map<string, CatalogueEntry> {
  const stops = knownStops.map(([code, name, id]) => named('stop', code, name, id));
  const statuses = knownBootStatuses.map(([code, name, id]) => named('boot-status', code, name, id));
  return new Map([...stops, ...statuses].toReversed().map(entry => [entry.code, entry]));
}

/** What the playbooks answer stands above the table. */
function answered(
  { answers, title, stopCodes, derivedStopCodes = [], statusCodes = [], stopNames, harm, playbook }: Signature,
  table: Map<string, CatalogueEntry>,
): CatalogueEntry[] {
  const stops = [...stopCodes, ...derivedStopCodes].map(code => {
    const name = table.get(code)?.name ?? stopNames[0] ?? '';
    return { id: table.get(code)?.id ?? answers[0] ?? playbook, title, kind: 'stop' as const, code, name, harm, playbook };
  });
  const statuses = statusCodes.map(code => ({ ...(table.get(code) ?? named('boot-status', code, '')), harm, playbook }));
  return [...stops, ...statuses];
}

function codes(): Map<string, CatalogueEntry> {
  const table = tabled();
  const answers = signatures.flatMap(signature => answered(signature, table));
  return new Map([...table, ...answers.map(entry => [entry.code, entry] as const)]);
}

/** Every code that is known, in normal form. */
export const knownCodes: ReadonlyMap<string, CatalogueEntry> = codes();

function names(): Map<string, CatalogueEntry> {
  const all = [
    ...signatures.flatMap(({ stopCodes, stopNames }) => stopNames.map(name => [name, stopCodes[0] ?? ''] as const)),
    ...[...knownBootStatuses, ...knownStops].map(([code, name]) => [name, code] as const),
  ];
  return new Map(all.flatMap(([name, code]) => [knownCodes.get(code) ?? []].flat().map(entry => [name, entry] as const)));
}

/** Every symbolic name that is known, in capitals with underscores. */
export const knownNames: ReadonlyMap<string, CatalogueEntry> = names();

/** The record of a code in normal form; a code that nobody knows gets a record that says so. */
export function recordOf(code: string, kind: 'stop' | 'boot-status'): CatalogueEntry {
  return knownCodes.get(code) ?? named(kind, code, '');
}

/** A screen known by its text; a playbook answers it where its signature names the record. */
export const screenRecord = ({ id, title }: { id: string; title: string }): CatalogueEntry => {
  const answer = signatures.find(({ answers }) => answers.includes(id));
  return { id, title, kind: 'screen', code: '', name: '', harm: answer?.harm ?? 'high', playbook: answer?.playbook ?? null };
};

/** A stop screen, or a boot manager's page, whose code cannot be read. */
export const unreadStop = screenRecord({ id: 'azure-bsod-generic', title: 'Windows stop error with a code that cannot be read' });
export const unreadBootError = screenRecord({
  id: 'boot-manager-unread',
  title: 'Windows boot manager error with a code that cannot be read',
});
