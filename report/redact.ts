/** Secrets in text that leaves the house: found by their own shape, replaced by what they were, and counted. */

interface Secret {
  what: string;
  /** Linear in the line's length. What it captures first stays. */
  pattern: RegExp;
}

/** Tried in this order. */
const secrets: Secret[] = [
  { what: 'signature of an address', pattern: /([?&;]sig=)[\w%+/=-]{16,}/gi },
  { what: 'token', pattern: /()\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g },
  { what: 'bearer token', pattern: /(\bbearer\s{1,4})[\w.~+/=-]{16,}/gi },
  { what: 'account key', pattern: /\b((?:Account|SharedAccess|Function|Host)Key\s{0,4}[=:]\s{0,4}"?)[\w+/=-]{16,}/gi },
  { what: 'password', pattern: /(\bauthorization["']?\s{0,4}[=:]\s{0,4}["']?basic\s{1,4})[\w+/=-]{4,}/gi },
  { what: 'password', pattern: /((?:password|passwd|pwd|secret)["']?\s{0,4}[=:]\s{0,4}(["']))(?:(?!\2)[^\\]){3,200}/gi },
  { what: 'password', pattern: /((?:password|passwd|pwd|secret)\\?["']?\s{0,4}[=:]\s{0,4}(?:\\?["'])?)(?!\[)[^\s"',;<>\\]{3,}/gi },
  { what: 'password', pattern: /(<(?:\w{1,20}:)?(?:\w{0,20}Password)>\s{0,20}(?:<(?:\w{1,20}:)?Value>)?)(?!\[)[^<\s][^<]{0,200}/gi },
  { what: 'password', pattern: /(\bnet1?(?:\.exe)?\s{1,4}user\s{1,4}[^\s/]{1,100}\s{1,4})(?!\/|\[)\S{3,}/gi },
  { what: 'BitLocker recovery key', pattern: /()\b\d{6}(?:-\d{6}){7}\b/g },
  { what: 'product key', pattern: /()\b[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}\b/g },
];
const begins = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/;
const ends = /-----END [A-Z ]{0,40}PRIVATE KEY-----/;
/** What a key's lines are made of; a key that does not end must not swallow what follows. */
const keyLine = /^[\w+/=:,\s-]{0,200}$/;

export interface Redactor {
  /** One line, without its end. */
  line(text: string): string;
  /** How many of each kind were replaced so far. */
  counts: Record<string, number>;
}

/** Keeps in mind, from line to line, that a private key has begun. */
export function redactor(): Redactor {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  let insideKey = false;
  const shown = (text: string) =>
    secrets.reduce(
      (line, { what, pattern }) =>
        line.replace(pattern, (_, kept: string) => {
          count(what);
          return `${kept}[${what} removed]`;
        }),
      text,
    );
  return {
    counts,
    line(text) {
      if (insideKey && keyLine.test(text)) {
        insideKey = !ends.test(text);
        return '';
      }
      insideKey = false;
      if (begins.test(text)) {
        insideKey = !ends.test(text);
        count('private key');
        return '[private key removed]';
      }
      return shown(text);
    },
  };
}

/**
 * Every text in a value, before anything is written of it: what is escaped for HTML or JSON hides a secret from its pattern, and what is
 * removed afterwards can break the form.
 */
export function redactAll<T>(value: T): { value: T; counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  const clean = (each: unknown): unknown => {
    if (typeof each === 'string') {
      const redact = redactor();
      const shown = each.split('\n').map(redact.line).join('\n');
      for (const [what, n] of Object.entries(redact.counts)) counts[what] = (counts[what] ?? 0) + n;
      return shown;
    }
    if (Array.isArray(each)) return each.map(clean);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, clean(inner)]));
  };
  return { value: clean(value) as T, counts };
}
