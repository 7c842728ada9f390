/** A telling line of COM1, with the lines around it, as they come. What they tell is worked out once: a log asks for it at every boot. */
import type { Failure } from '../failure.ts';
import { Aftermath } from './aftermath.ts';
import { blockCode, bootError, bootStatus, type mayTell, oldStopCode, type PageLine, pageLine } from './failures.ts';

export const linesAbove = 20;
const linesBelow = 60;
/** So many lines from the telling one on tell a block's code, an old stop's, a boot manager's page. */
const deciding = { block: 3, 'old-stop': 2, 'boot-status': 6 } as const;

/** The last lines that pages had, for the pages of a log overlap: without this each of its lines would be read twenty times over. */
const pageLines = new Map<string, PageLine>();
const pageLinesKept = 64;

function readPageLine(line: string): PageLine {
  const known = pageLines.get(line);
  if (known !== undefined) return known;
  const told = pageLine(line);
  if (pageLines.size >= pageLinesKept) pageLines.clear();
  pageLines.set(line, told);
  return told;
}

export class Capture {
  readonly kind: NonNullable<ReturnType<typeof mayTell>>;
  /** From 1. */
  readonly line: number;
  readonly above: string[];
  readonly below: string[];
  /** Of a stop: what the whole boot writes after it. */
  readonly aftermath = new Aftermath();
  #code: { of: number; code: string | undefined } | null = null;

  constructor(kind: Capture['kind'], line: number, above: string[], text: string) {
    this.kind = kind;
    this.line = line;
    this.above = above;
    this.below = [text];
  }

  get isFull(): boolean {
    return this.below.length >= linesBelow;
  }

  add(line: string): void {
    this.below.push(line);
  }

  /** The stop's code or the page's status; undefined while, or if, the lines tell none. */
  get code(): string | undefined {
    const of = Math.min(this.below.length, deciding[this.kind]);
    if (this.#code?.of !== of) this.#code = { of, code: this.#read() };
    return this.#code.code;
  }

  bootError(): Failure | undefined {
    return this.code === undefined ? undefined : bootError(this.code, this.#page(), this.#file());
  }

  #read(): string | undefined {
    if (this.kind === 'block') return blockCode(this.below)?.code;
    if (this.kind === 'old-stop') return oldStopCode(this.below)?.code;
    const code = bootStatus(this.below[0] ?? '');
    return code !== undefined && this.#page().some(line => isOfPage(readPageLine(line))) ? code : undefined;
  }

  #page(): string[] {
    return [...this.above, ...this.below.slice(0, deciding['boot-status'])];
  }

  #file(): string | null {
    return (
      this.#page()
        .map(line => readPageLine(line).file)
        .find(file => file !== null) ?? null
    );
  }
}

const isOfPage = ({ isHeading, file }: PageLine) => isHeading || file !== null;
