/** Compares a recorded body with the simulator's, value by value. What the service chooses (ids, times, addresses) must only be chosen consistently. */

export interface Difference {
  kind: 'missing' | 'extra' | 'type' | 'value' | 'identity';
  /** `properties.storageProfile.dataDisks[0].lun`. */
  path: string;
  expected: unknown;
  actual: unknown;
}

const GUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}';
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`;
const CHOSEN = new RegExp(`(${GUID})|(${TIME})`, 'gi');
const SIGNED = /^https:\/\/[^?]+\?.*sig=/;

/** Which of the simulator's ids stands for which recorded one. */
export class Identities {
  readonly #ours = new Map<string, string>();
  readonly #recorded = new Map<string, string>();

  /** Whether both name the same thing; the first meeting decides. */
  same(recorded: string, ours: string): boolean {
    const [a, b] = [recorded.toLowerCase(), ours.toLowerCase()];
    const known = this.#ours.get(a);
    if (known !== undefined) return known === b;
    if (this.#recorded.has(b)) return false;
    this.#ours.set(a, b);
    this.#recorded.set(b, a);
    return true;
  }

  /** A recorded text with the simulator's ids in it. */
  translate<T>(value: T): T {
    const text = JSON.stringify(value);
    if (text === undefined) return value;
    return JSON.parse(text.replace(new RegExp(GUID, 'gi'), id => this.#ours.get(id.toLowerCase()) ?? id));
  }
}

/** All differences between two bodies. `undefined` stands for no body. */
export function compare(expected: unknown, actual: unknown, identities: Identities, path = ''): Difference[] {
  if (expected === undefined && actual === undefined) return [];
  if (expected === undefined) return [{ kind: 'extra', path, expected, actual }];
  if (actual === undefined) return [{ kind: 'missing', path, expected, actual }];
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(expected, actual, identities, path);
  if (isObject(expected) && isObject(actual)) {
    return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap(key =>
      compare(expected[key], actual[key], identities, path === '' ? key : `${path}.${key}`),
    );
  }
  if (kindOf(expected) !== kindOf(actual)) return [{ kind: 'type', path, expected, actual }];
  if (typeof expected === 'string' && typeof actual === 'string') return compareTexts(expected, actual, identities, path);
  return Object.is(expected, actual) ? [] : [{ kind: 'value', path, expected, actual }];
}

function compareLists(expected: unknown[], actual: unknown[], identities: Identities, path: string): Difference[] {
  const differences: Difference[] = [];
  for (let index = 0; index < Math.max(expected.length, actual.length); index++)
    differences.push(...compare(expected[index], actual[index], identities, `${path}[${index}]`));
  return differences;
}

function compareTexts(expected: string, actual: string, identities: Identities, path: string): Difference[] {
  const value = { kind: 'value' as const, path, expected, actual };
  // A signed address is the service's own; that there is one is what a client can rely on.
  if (SIGNED.test(expected)) return SIGNED.test(actual) ? [] : [value];
  const [left, right] = [expected.split(CHOSEN), actual.split(CHOSEN)];
  if (left.length !== right.length) return [value];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    // Every third and second of three parts are what was chosen: an id, a time.
    const place = index % 3;
    if (place === 0 && !sameWords(part, other ?? '', path)) return [value];
    if (place !== 0 && (part === undefined) !== (other === undefined)) return [value];
    if (place === 1 && part !== undefined && other !== undefined && !identities.same(part, other)) return [{ ...value, kind: 'identity' }];
  }
  return [];
}

/** Resource ids, their types and groups are without case on Azure; other texts are not. */
function sameWords(a: string, b: string, path: string): boolean {
  if (a === b) return true;
  return /(^|\.)(id|managedBy|sourceResourceId)$/i.test(path) && a.toLowerCase() === b.toLowerCase();
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many values a body holds: what a comparison has looked at. */
export function countValues(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countValues(one), 0);
  if (isObject(value)) return Object.values(value).reduce<number>((sum, one) => sum + countValues(one), 0);
  return value === undefined ? 0 : 1;
}
