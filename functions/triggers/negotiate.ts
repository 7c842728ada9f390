/**
 * Which of the offered media types an `Accept` header likes best (RFC 9110, 12.5.1): by the quality of the most specific range
 * that covers a type, then by the order of the offer. Undefined = none is acceptable.
 */
export function negotiate(accept: string | null, offered: string[]): string | undefined {
  const ranges = (accept?.trim() || '*/*').split(',').map(readRange);
  let best: { type: string; quality: number } | undefined;
  for (const type of offered) {
    const covering = ranges.filter(range => covers(range.type, type)).sort((a, b) => specificity(b.type) - specificity(a.type));
    const quality = covering[0]?.quality ?? 0;
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  return best?.type;
}

function readRange(text: string): { type: string; quality: number } {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase());
  const weight = parameters.find(parameter => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

function covers(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function specificity(range: string): number {
  return range === '*/*' ? 0 : range.endsWith('/*') ? 1 : 2;
}
