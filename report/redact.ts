/** Secrets in text that leaves the house: found by their own shape, replaced by what they were, and counted. */

interface Secret {
  what: string;
  /** Linear in the line's length. What it captures first stays. */
  pattern: RegExp;
}

/** As the consoles of Windows call it in the languages that its servers speak most; `ñ` and `ö` also as two characters, or without their marks. */
const password = [
  ...['password', 'passwd', 'pwd', 'passphrase', 'secret', 'passwort', 'kennwort', 'mot de passe', 'wachtwoord', 'senha', 'adgangskode'],
  ...['passord', 'salasana', 'contrase(?:ñ|n\u0303?)a', 'l(?:ö|o\u0308?)senord', 'has(?:ł|l)o', 'heslo', 'jelszó', 'şifre', 'пароль'],
  ...['パスワード', '密码', '密碼', '비밀번호'],
].join('|');
/** A value on a command line: in quotes, or a word; no variable, no expression, no option, and nothing that was removed before. */
const argument = String.raw`(?![$([/-])(?:"[^"]{1,200}"|'[^']{1,200}'|[^\s"']{1,200})`;
const assigned = String.raw`\\?["']?\s{0,4}[=:：]\s{0,4}`;

/** Tried in this order. */
const secrets: Secret[] = [
  { what: 'signature of an address', pattern: /([?&;]sig=)[\w%+/=-]{16,}/gi },
  { what: 'token', pattern: /()\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g },
  { what: 'bearer token', pattern: /(\bbearer\s{1,4})[\w.~+/=-]{16,}/gi },
  { what: 'account key', pattern: /\b((?:Account|SharedAccess|Function|Host)Key\s{0,4}[=:]\s{0,4}"?)[\w+/=-]{16,}/gi },
  { what: 'password', pattern: /(\bauthorization["']?\s{0,4}[=:]\s{0,4}["']?basic\s{1,4})[\w+/=-]{4,}/gi },
  { what: 'password', pattern: new RegExp(`((?:${password})${assigned}(["']))(?!\\[password removed\\])(?:(?!\\2)[^\\\\]){3,200}`, 'gi') },
  { what: 'password', pattern: new RegExp(`((?:${password})${assigned}(?:\\\\?["'])?)(?!\\[)[^\\s"',;<>\\\\]{3,}`, 'gi') },
  { what: 'password', pattern: /(password\s{1,8}REG_(?:EXPAND_|MULTI_)?SZ\s{1,8})(?!\[)\S[^\r\n]{0,200}/gi },
  { what: 'password', pattern: new RegExp(`((?:^|\\s)--?[a-z]{0,30}(?:password|passwd|pwd|secret)\\s{1,4})${argument}`, 'gi') },
  { what: 'password', pattern: new RegExp(`(\\bConvertTo-SecureString\\s{1,4}(?:-String\\s{1,4})?)${argument}`, 'gi') },
  { what: 'password', pattern: /()(?:"[^"|]{1,200}"|'[^'|]{1,200}')(?=\s{0,4}\|\s{0,4}ConvertTo-SecureString\b)/gi },
  { what: 'password', pattern: new RegExp(`(\\s/pass:)${argument}`, 'gi') },
  { what: 'password', pattern: new RegExp(`(\\bschtasks(?:\\.exe)?\\s[^\\r\\n]{0,400}?\\s/rp\\s{1,4})${argument}`, 'gi') },
  {
    what: 'password',
    pattern:
      /(\bnet1?(?:\.exe)?\s{1,4}use\s{1,4}(?:(?:[a-z]:|\*)\s{1,4})?\\\\\S{1,200}\s{1,4})(?![/[])\S{1,200}(?=\s{1,4}\/(?:user|persistent):)/gi,
  },
  {
    what: 'password',
    pattern: new RegExp(`(\\bnet1?(?:\\.exe)?\\s{1,4}use\\s[^\\r\\n]{0,300}?/user:\\S{1,100}\\s{1,4})${argument}`, 'gi'),
  },
  { what: 'password', pattern: /(:\/\/[^\s/:@?#]{0,100}:)(?!\[)[^\s/@]{1,200}(?=@)/g },
  { what: 'token', pattern: /()\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|xox[abprs]-[\w-]{10,255})/g },
  { what: 'access key', pattern: /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  {
    what: 'access key',
    pattern:
      /((?<![a-z])(?:access|api|primary|secondary|subscription|storage|functions)[_-]?key\\?["']?\s{0,4}[=:]\s{0,4}(?:\\?["'])?)[\w+/=.%-]{8,}/gi,
  },
  { what: 'access key', pattern: /([?&]code=)[\w%+/=-]{20,}/gi },
  // Not publicKeyToken, which names an assembly.
  {
    what: 'token',
    pattern: /((?:(?<![a-z])|access|refresh|auth|sas|session)[_-]?token\\?["']?\s{0,4}[=:]\s{0,4}\\?["'])(?!\[)[^"'\\\s]{3,}/gi,
  },
  { what: 'token', pattern: /((?:(?<![a-z])|access|refresh|auth|sas|session)[_-]?token\s{0,4}[=:]\s{0,4})(?!0x)[\w.~+/%-]{16,}/gi },
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
  /** Takes one line, without its end, and answers those that are finished, in order: a secret may go on in the next line. */
  take(line: string): string[];
  /** The lines that `take` still holds. */
  rest(): string[];
  /** A piece of a line too long to wait for its end; what `take` holds must have been asked for. */
  piece(text: string): string;
  /** How many of each kind were replaced so far. */
  counts: Record<string, number>;
}

/** Keeps in mind, from line to line, that a private key has begun, and what may go on in the next line. */
export function redactor(): Redactor {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  let insideKey = false;
  let held: string[] = [];
  const release = () => {
    const lines = uncrossed(held, count).map(line => cleaned(line, count));
    held = [];
    return lines;
  };
  /** Null = the line is of no private key. */
  const ofKey = (text: string): string | null => {
    if (insideKey && keyLine.test(text)) {
      insideKey = !ends.test(text);
      return '';
    }
    insideKey = false;
    if (!begins.test(text)) return null;
    insideKey = !ends.test(text);
    count('private key');
    return '[private key removed]';
  };
  return {
    counts,
    take(line) {
      const key = ofKey(line);
      if (key !== null) return [...release(), key];
      const before = held.at(-1);
      const goesOn = before !== undefined && held.length < mostHeld && wraps(before) && /^\S/.test(line);
      const finished = goesOn ? [] : release();
      held.push(line);
      return wraps(line) ? finished : [...finished, ...release()];
    },
    rest: release,
    piece: text => ofKey(text) ?? cleaned(text, count),
  };
}

function cleaned(text: string, count: (what: string) => void): string {
  return secrets.reduce(
    (line, { what, pattern }) =>
      line.replace(pattern, (_, kept: string) => {
        count(what);
        return `${kept}[${what} removed]`;
      }),
    text,
  );
}

/** Consoles break lines at their width, which is at least this many characters, and not at the end of a word. */
const narrowest = 40;
/** Lines that are looked at together, and characters of each. */
const mostHeld = 64;
const longestHeld = 1000;

const wraps = (line: string) => line.length >= narrowest && line.length <= longestHeld && /\S\r?$/.test(line);

/** Removes the secrets that a break of a line cuts in two; those within a line stay. At most a word too much goes with them. */
function uncrossed(lines: string[], count: (what: string) => void): string[] {
  if (lines.length < 2) return lines;
  const bare = lines.map(line => line.replace(/\r$/, ''));
  const starts = [0];
  for (const line of bare) starts.push((starts.at(-1) ?? 0) + line.length);
  const crosses = (from: number, to: number) => starts.some((at, n) => n > 0 && n < bare.length && from < at && at < to);
  const whole = bare.join('');
  const cuts: { from: number; to: number; what: string }[] = [];
  for (const { what, pattern } of secrets) {
    for (const match of whole.matchAll(pattern)) {
      const [from, to] = [match.index + (match[1] ?? '').length, match.index + match[0].length];
      if (!crosses(match.index, to) || cuts.some(cut => from < cut.to && cut.from < to)) continue;
      cuts.push({ from, to, what });
      count(what);
    }
  }
  return lines.map((line, n) => cuts.toSorted((a, b) => b.from - a.from).reduce((text, cut) => without(text, cut, starts[n] ?? 0), line));
}

/** @param start of the line, in the text that the cut is of. The mark stands where the secret begins. */
function without(line: string, { from, to, what }: { from: number; to: number; what: string }, start: number): string {
  const length = line.replace(/\r$/, '').length;
  const [first, last] = [Math.max(from - start, 0), Math.min(to - start, length)];
  if (first >= last) return line;
  return `${line.slice(0, first)}${from >= start ? `[${what} removed]` : ''}${line.slice(last)}`;
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
      const shown = [...each.split('\n').flatMap(redact.take), ...redact.rest()].join('\n');
      for (const [what, n] of Object.entries(redact.counts)) counts[what] = (counts[what] ?? 0) + n;
      return shown;
    }
    if (Array.isArray(each)) return each.map(clean);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, clean(inner)]));
  };
  return { value: clean(value) as T, counts };
}
