/** Undo is pushed before do. On failure both stacks are popped, in reverse; on success only `always`. */
import type { Fault, Leftover } from '../functions/activities/contract.ts';
import { deaf, Failure, type Step, sleep } from './steps.ts';

interface Compensation {
  what: string;
  run: () => Step<unknown>;
  /** It gives the VM back to its owner: where that fails a person is needed at once. */
  ofVm: boolean;
  /** What is left behind when it cannot be done, as it is known then. */
  leaves: () => Leftover[];
}

/** An undo is tried so often, whatever stops it, and so many seconds lie between: giving up costs a person's time. */
const tries = 3;
const pause = 60;

export class Undo {
  readonly #always: Compensation[] = [];
  readonly #onFailure: Compensation[] = [];

  /** What must go in any case: what we made for the work only. */
  always(what: string, run: () => Step<unknown>, leaves: Leftover[] | (() => Leftover[]) = []): void {
    this.#always.unshift({ what, run, ofVm: false, leaves: Array.isArray(leaves) ? () => leaves : leaves });
  }

  /** What puts the owner's things back. @param ofVm false = not the VM itself */
  onFailure(what: string, run: () => Step<unknown>, ofVm = true): void {
    this.#onFailure.unshift({ what, run, ofVm, leaves: () => [] });
  }

  /** From here on nothing is put back: the repaired disk has booted, and a disk that has booted is never taken away. */
  keepWhatIsDone(): void {
    this.#onFailure.length = 0;
  }

  *putBack(): Step<Undone[]> {
    return yield* popAll(this.#onFailure);
  }

  *cleanUp(): Step<Undone[]> {
    return yield* popAll(this.#always);
  }
}

/** `fault` is null where the undo succeeded; else a person has to do it, and the report names it. */
export interface Undone {
  what: string;
  ofVm: boolean;
  fault: Fault | null;
  leaves: Leftover[];
}

export interface SagaEnd {
  /** What stopped the body before its end: Failure, Cancelled, Ended, or a defect of ours; null = it ran to its end. */
  stoppedBy: unknown;
  putBack: Undone[];
  cleanedUp: Undone[];
}

/**
 * Runs `body`. Whatever stops it, the owner's things are put back first, then `report` speaks, and only then what we made is
 * removed: cleaning up is never on the report's way. Deaf to cancellation while undoing.
 */
export function* saga(body: (undo: Undo) => Step<void>, report: (end: SagaEnd) => Step<void>): Step<SagaEnd> {
  const undo = new Undo();
  const end: SagaEnd = { stoppedBy: null, putBack: [], cleanedUp: [] };
  try {
    yield* body(undo);
  } catch (error) {
    end.stoppedBy = error;
    end.putBack = yield* deaf(undo.putBack());
  }
  yield* deaf(report(end));
  end.cleanedUp = yield* deaf(undo.cleanUp());
  return end;
}

function* popAll(stack: Compensation[]): Step<Undone[]> {
  const undone: Undone[] = [];
  for (const { what, run, ofVm, leaves } of stack.splice(0)) {
    const fault = yield* attempt(run);
    undone.push({ what, ofVm, fault, leaves: fault === null ? [] : leaves() });
  }
  return undone;
}

function* attempt(run: () => Step<unknown>): Step<Fault | null> {
  for (let n = 1; ; n++) {
    try {
      yield* run();
      return null;
    } catch (error) {
      if (n === tries) return faultOf(error);
    }
    yield* sleep(pause);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Failure) return error.fault;
  return { kind: 'fatal', code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
