/** Ids of repairs: `r-` and twelve base32 characters, 60 bits; also the orchestration's instance id, so never used twice. */
import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function newRepairId(): string {
  return format(randomBytes(12));
}

/** The same id for the same words: what is delivered twice starts one repair. */
export function derivedRepairId(...words: string[]): string {
  return format(createHash('sha256').update(JSON.stringify(words)).digest().subarray(0, 12));
}

function format(bytes: Uint8Array): string {
  return `r-${Array.from(bytes, byte => ALPHABET[byte % 32]).join('')}`;
}
