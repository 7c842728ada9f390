/** Edit distances, bounded in size by their callers. */

/** Taken once: inner loops. */
const { min } = Math;

/** Levenshtein distance of two short words. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      next.push(min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (left === right ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/**
 * Edits between `phrase` and the part of `text` that is nearest to it (Sellers' algorithm: a match may begin anywhere).
 * Cost is phrase length x text length.
 */
export function nearest(phrase: string, text: string): number {
  let column = Uint16Array.from({ length: phrase.length + 1 }, (_, at) => at);
  let next = new Uint16Array(phrase.length + 1);
  let best = phrase.length;
  for (let j = 0; j < text.length; j++) {
    next[0] = 0;
    for (let i = 0; i < phrase.length; i++) {
      const replaced = (column[i] ?? 0) + (phrase.charCodeAt(i) === text.charCodeAt(j) ? 0 : 1);
      next[i + 1] = min(replaced, (column[i + 1] ?? 0) + 1, (next[i] ?? 0) + 1);
    }
    best = min(best, next[phrase.length] ?? best);
    [column, next] = [next, column];
  }
  return best;
}

/**
 * Whether some part of `text` is `phrase` but for at most so many edits. Of that many parts and one more, the edits leave one as it is:
 * a text that has none of them letter by letter is not compared further.
 */
export function hasWithin(edits: number, phrase: string, text: string): boolean {
  const part = phrase.length / (edits + 1);
  for (let n = 0; n <= edits; n++)
    if (text.includes(phrase.slice(Math.floor(n * part), Math.floor((n + 1) * part)))) return nearest(phrase, text) <= edits;
  return false;
}
