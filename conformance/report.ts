/** What an instrument found, and how it is told: as a table to a person, as JSON to a program. */

/** One thing that is not as it should be. */
export interface Failure {
  instrument: string;
  check: string;
  expected: string;
  actual: string;
  /** Where the expectation comes from: a recording and its line, a page, a specification. */
  source: string;
}

/** A difference that is known and has a reason, counted by the rule that explains it. */
export interface Explained {
  rule: string;
  why: string;
  count: number;
  example: string;
}

export interface Table {
  title: string;
  head: string[];
  rows: (string | number)[][];
}

/** The result of one instrument. */
export interface Finding {
  instrument: string;
  /** What was compared and could have failed. */
  checks: number;
  failures: Failure[];
  /** Why it did not run; its numbers are then zero. */
  skipped?: string;
  explained?: Explained[];
  /** What it left out, by kind. */
  exempt?: Record<string, number>;
  tables?: Table[];
  seconds?: number;
}

export interface Conformance {
  checks: number;
  failures: Failure[];
  instruments: Finding[];
}

export function summarize(instruments: Finding[]): Conformance {
  return {
    checks: instruments.reduce((sum, { checks }) => sum + checks, 0),
    failures: instruments.flatMap(({ failures }) => failures),
    instruments,
  };
}

/** Gathers checks and differences of one instrument. */
export class Ledger {
  readonly instrument: string;
  checks = 0;
  readonly failures: Failure[] = [];
  readonly exempt: Record<string, number> = {};
  readonly #explained = new Map<string, Explained>();

  constructor(instrument: string) {
    this.instrument = instrument;
  }

  /** Counts a check; without a difference it is kept. @returns whether it was */
  check(check: string, source: string, expected: unknown, actual: unknown, same = Object.is(expected, actual)): boolean {
    this.checks++;
    if (!same) this.fail(check, source, expected, actual);
    return same;
  }

  fail(check: string, source: string, expected: unknown, actual: unknown): void {
    this.failures.push({ instrument: this.instrument, check, source, expected: show(expected), actual: show(actual) });
  }

  explain(rule: string, why: string, example: string): void {
    const known = this.#explained.get(rule);
    if (known === undefined) this.#explained.set(rule, { rule, why, count: 1, example });
    else known.count++;
  }

  leaveOut(what: string): void {
    this.exempt[what] = (this.exempt[what] ?? 0) + 1;
  }

  get explained(): Explained[] {
    return [...this.#explained.values()].toSorted((a, b) => b.count - a.count);
  }

  finding(tables: Table[] = []): Finding {
    const { instrument, checks, failures, explained, exempt } = this;
    return { instrument, checks, failures, explained, exempt, tables };
  }
}

const LONGEST_VALUE = 300;

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** A table of plain text, columns as wide as their widest cell. */
function tableText({ title, head, rows }: Table): string {
  const lines = [head, ...rows.map(row => row.map(String))];
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  const text = (line: string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [title, ...lines.map(line => `  ${text(line)}`)].join('\n');
}

/** The whole result for a person. */
export function reportText({ checks, failures, instruments }: Conformance): string {
  const overview = tableText({
    title: 'Conformance',
    head: ['instrument', 'checks', 'failures', 'explained', 'left out', 'seconds'],
    rows: instruments.map(({ instrument, checks, failures, explained = [], exempt = {}, seconds = 0, skipped }) => [
      instrument,
      ...(skipped === undefined
        ? [checks, failures.length, sum(explained.map(({ count }) => count)), sum(Object.values(exempt)), seconds.toFixed(1)]
        : [`SKIPPED: ${skipped}`, '', '', '', '']),
    ]),
  });
  const parts = instruments.flatMap(({ instrument, tables = [], explained = [], exempt = {} }) => [
    ...tables.map(tableText),
    ...(explained.length === 0
      ? []
      : [
          tableText({
            title: `${instrument}: explained`,
            head: ['rule', 'count', 'why'],
            rows: explained.map(one => [one.rule, one.count, one.why]),
          }),
        ]),
    ...(Object.keys(exempt).length === 0
      ? []
      : [
          tableText({
            title: `${instrument}: left out`,
            head: ['what', 'count'],
            rows: Object.entries(exempt).toSorted((a, b) => b[1] - a[1]),
          }),
        ]),
  ]);
  const failed = failures.map(
    one => `${one.instrument}: ${one.check}\n  expected ${one.expected}\n  actual   ${one.actual}\n  source   ${one.source}`,
  );
  const verdict = failures.length === 0 ? `${checks} checks, no failure` : `${checks} checks, ${failures.length} FAILURES`;
  return [...parts, ...failed, overview, verdict].join('\n\n');
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
