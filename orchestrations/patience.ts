/** What is done about a fault, by its kind: one table, and the bounds that keep anything from being tried for ever. */
import type { Fault } from '../functions/activities/contract.ts';

interface Patience {
  /** So often it is tried again; 0 = it would be in vain. */
  retries: number;
  /** Service seconds before the first of them; doubled each time. */
  first: number;
  /** Service seconds before any of them, unless the service itself asks for more. */
  most: number;
}

const never: Patience = { retries: 0, first: 0, most: 0 };

export const patience: { [kind in Fault['kind']]: Patience } = {
  throttled: { retries: 20, first: 10, most: 120 }, //  Azure’s own buckets fill up again within minutes
  conflict: { retries: 30, first: 10, most: 10 }, //    another operation is under way: it ends
  transient: { retries: 8, first: 2, most: 60 },
  quota: never, //                                      the next size, then refuse (phases/provision.ts)
  skuUnavailable: never, //                             the same
  policyDenied: never, //                               somebody has to change the policy
  forbidden: never, //                                  somebody has to give the permission
  notFound: never, //                                   gone is gone
  fatal: never,
};

/** A service that asks for more than this (15 min) is waited for so long only, so often, and then counts as failed: no repair is held for a day. */
export const longest = 900;
const mostLongWaits = 3;

/** What all retries of one repair may cost together; what puts the VM back has as much again. */
export const budget = { retries: 150, seconds: 4 * 3600 };

/** Service seconds before the n-th retry (from 0); undefined = no more. @param longWaits how often more than the longest wait was asked for before */
export function pauseBefore(fault: Fault, n: number, longWaits: number): number | undefined {
  const { retries, first, most } = patience[fault.kind];
  if (n >= retries || (asksTooMuch(fault) && longWaits >= mostLongWaits)) return undefined;
  return Math.max(Math.min(fault.retryAfterSeconds ?? 0, longest), Math.min(first * 2 ** n, most));
}

/** What lasts is looked at the less often: each look stays in the history, which every turn reads again. */
const lasting = { share: 0.05, most: 60 };

/** Service seconds until an operation is looked at again. @param waited since it was first asked for. @param wanted by the activity that looks */
export const pauseAfter = (waited: number, wanted: number): number =>
  Math.min(Math.max(wanted, Math.min(lasting.share * waited, lasting.most)), longest);

export const asksTooMuch = ({ retryAfterSeconds = 0 }: Fault) => retryAfterSeconds > longest;

/** What is spent of the budget, by the interpreter of one repair. */
export class Budget {
  #retries = 0;
  #seconds = 0;

  /** False = it is spent. */
  take(seconds: number): boolean {
    if (this.#retries >= budget.retries || this.#seconds + seconds > budget.seconds) return false;
    this.#retries++;
    this.#seconds += seconds;
    return true;
  }
}

/**
 * Up to a fifth longer, so that repairs that were refused at once do not come back at once. The same in every replay: made from the
 * repair's id and the retry's number (FNV-1a).
 */
export function spread(seconds: number, repairId: string, n: number): number {
  let hash = 0x811c9dc5;
  for (const letter of `${repairId} ${n}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return seconds * (1 + (hash >>> 0) / 2 ** 32 / 5);
}
