/** VM sizes that the simulator does not know stand for ones that it does: each for another, throughout a recording. */
import { findSize, SIZES } from '../../simulator/arm/sizes.ts';

const SIZE = /"(vmSize)":\s*"([^"]+)"/g;

/** A recording's text with known sizes in it. */
export function withKnownSizes(text: string): string {
  const named = new Set([...text.matchAll(SIZE)].map(([, , size = '']) => size));
  const unknown = [...named].filter(size => findSize(size) === undefined);
  // From the largest on: what fitted there fits here.
  const free = SIZES.toSorted((a, b) => b.dataDisks - a.dataDisks || b.cores - a.cores).filter(
    ({ name, generations }) => !named.has(name) && generations.length > 1,
  );
  const stands = new Map(unknown.map((size, index) => [size, free[index % free.length]?.name ?? size]));
  return text.replace(SIZE, (whole, key: string, size: string) => (stands.has(size) ? `"${key}": "${stands.get(size)}"` : whole));
}
