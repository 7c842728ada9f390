/** A repair does not go on for ever: past its deadline it ends as a cancelled one does, with everything put back. */
import { type Command, clock, flagged, type Step } from './steps.ts';

/** The repair has used up its time. Never caught by a phase: only the saga sees it. */
export class Overdue extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`the repair took longer than ${seconds} s`);
    this.seconds = seconds;
  }
}

/** A person's time, or Windows' own, is not the repair's: the queue, an approval, an update that is waited for. */
export const apart = <T>(step: Step<T>): Step<T> => flagged(step, { time: 'apart' });

/** It takes the repair's time, but is not cut off: a boot that is watched has deadlines of its own, and may be undoing an update. */
export const unhurried = <T>(step: Step<T>): Step<T> => flagged(step, { time: 'unhurried' });

const waits = ({ do: what }: Command) => !['now', 'show', 'clock'].includes(what);

/** The same step, but Overdue is thrown into it before the next command once it has used up so many service seconds. */
export function* within<T>(step: Step<T>, seconds: number): Step<T> {
  let spent = 0;
  let next = step.next();
  while (!next.done) {
    const command = next.value;
    if (!waits(command)) {
      next = step.next(yield command);
      continue;
    }
    if (spent > seconds && command.time === undefined) {
      next = step.throw(new Overdue(seconds));
      continue;
    }
    const before = yield* clock();
    try {
      const answer = yield command;
      spent += yield* since(before, command);
      next = step.next(answer);
    } catch (error) {
      spent += yield* since(before, command);
      next = step.throw(error);
    }
  }
  return next.value;
}

function* since(before: number, { time }: Command): Step<number> {
  return time === 'apart' ? 0 : (yield* clock()) - before;
}
