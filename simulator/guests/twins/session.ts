/** What every script has by its prelude: parameters, lines of output, and the result line at the end. */
import type { Computer } from '../commands/computer.ts';
import type { ScriptRun } from '../contract.ts';

type Outcome = 'fixed' | 'nothing-to-do' | 'not-applicable' | 'failed' | 'reverted';
export interface End {
  outcome: Outcome;
  code: string;
}

interface Action {
  what: string;
  target: string;
  before: string | null;
  after: string | null;
  revertable: boolean;
}

/** Ends the script with outcome `failed` and a code. */
export class ScriptFailure extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The agent ended the script at its deadline: what was done by then stays. */
export class CutOff extends Error {}

/** What looks like a secret, as the scripts' prelude knows it, and what is left of it. */
const LEAKS: [leak: RegExp, hidden: string][] = [
  [
    /((?<![a-z])(?:sig|pwd)|password|passwd|passphrase|secret|api_?key|account_?key|access_?key)(["']?\s*[=:]\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s&;,"']+)/gi,
    '$1$2***',
  ],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/"'<>]+@/gi, '$1***@'],
  [/(?<![0-9])[0-9]{6}(?:[- ][0-9]{6}){7}(?![0-9])/g, '***'],
  [/\bbearer\s+\S{16,}/gi, 'Bearer ***'],
  [/eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/gi, '***'],
];

const MAX_TEXT = 240;
const MAX_RESULT = 3000;

export class Session {
  readonly computer: Computer;
  /** The network, for a script that uploads. */
  readonly fetch: typeof fetch;
  readonly scriptId: string;
  mode: string;
  readonly repairId: string;
  /** Hidden wherever they would be printed. */
  readonly secrets: string[] = [];
  readonly findings: { id: string; confidence: 'certain' | 'likely' | 'possible'; evidence: string }[] = [];
  readonly actions: Action[] = [];
  readonly warnings: string[] = [];
  readonly #parameters: Map<string, string>;
  readonly #lines: string[] = [];
  readonly #deadline: number;

  constructor(
    scriptId: string,
    parameters: Map<string, string>,
    computer: Computer,
    { fetch, timeoutSeconds = Number.POSITIVE_INFINITY }: Pick<ScriptRun, 'fetch' | 'timeoutSeconds'>,
  ) {
    this.scriptId = scriptId;
    this.computer = computer;
    this.fetch = fetch;
    this.#deadline = timeoutSeconds;
    this.#parameters = parameters;
    this.mode = this.parameter('Mode');
    this.repairId = this.parameter('RepairId');
    this.print(`bootmedic ${scriptId}, mode ${this.mode}, repair ${this.repairId}, PowerShell 5.1`);
  }

  /** For a twin that acts outside the machine: not after its deadline. @throws CutOff */
  mustNotBeCutOff(): void {
    if (this.computer.seconds > this.#deadline) throw new CutOff('the script was cut off');
  }

  parameter(name: string): string {
    return this.#parameters.get(name.toLowerCase()) ?? '';
  }

  print(line: string): void {
    this.#lines.push(ascii(this.#redact(line)));
  }

  step(text: string): void {
    this.print(`BOOTMEDIC-PROGRESS ${text}`);
  }

  find(id: string, confidence: 'certain' | 'likely' | 'possible', evidence: string): void {
    this.findings.push({ id, confidence, evidence: this.#limit(evidence) });
    this.print(`finding ${id}: ${evidence}`);
  }

  act(action: Action): void {
    const limit = (text: string | null) => (text === null ? null : this.#limit(text));
    this.actions.push({ ...action, target: this.#limit(action.target), before: limit(action.before), after: limit(action.after) });
    this.print(`action ${action.what}: ${action.target}`);
  }

  warn(text: string): void {
    this.warnings.push(this.#limit(text));
    this.print(`warning: ${text}`);
  }

  /** The log, with the result line last. The longest list loses entries until that line fits into its 3 KB. */
  end({ outcome, code }: End): string {
    const lists = { findings: [...this.findings], actions: [...this.actions], warnings: [...this.warnings] };
    for (let dropped = 0; ; dropped++) {
      const warnings = dropped === 0 ? lists.warnings : [...lists.warnings, `${dropped} more entries are in the log`];
      const { findings, actions } = lists;
      const line = `BOOTMEDIC-RESULT ${ascii(JSON.stringify({ token: this.parameter('Token'), outcome, code, findings, actions, warnings }))}`;
      if (line.length <= MAX_RESULT) return this.log(line);
      const longest = Object.values(lists).reduce((a, b) => (b.length > a.length ? b : a));
      longest.pop();
    }
  }

  /** Everything printed so far, and a last line. */
  log(lastLine: string): string {
    return [...this.#lines, lastLine, ''].join('\r\n');
  }

  #limit(text: string): string {
    const plain = this.#redact(text);
    return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT - 3)}...` : plain;
  }

  #redact(text: string): string {
    const known = this.secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    return LEAKS.reduce((rest, [leak, hidden]) => rest.replaceAll(leak, hidden), known);
  }
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
