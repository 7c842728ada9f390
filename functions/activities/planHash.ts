import { createHash } from 'node:crypto';

/** SHA-256 of a plan, as hex: the same plan has the same hash wherever it is made. */
export function hashOf(plan: object): string {
  return createHash('sha256').update(canonical(plan)).digest('hex');
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
