/** Runs a runbook against a table of activities, in no time. Not a test itself. */
import type { Activities, Fault } from '../../functions/activities/contract.ts';
import type { Command, Step } from '../../orchestrations/steps.ts';

type Name = keyof Activities & string;
export type Table = { [N in Name]?: (input: Parameters<Activities[N]>[0]) => ReturnType<Activities[N]> };

/** Thrown by a table's activity: the reply is this fault. */
export class TableFault extends Error {
  readonly fault: Fault;
  constructor(kind: Fault['kind'], code: string) {
    super(code);
    this.fault = { kind, code, message: `message of ${code}` };
  }
}

export interface Run<T> {
  end: T;
  /** Names of the activities, in order. */
  called: string[];
  /** Service seconds. */
  seconds: number;
}

/** @param asked answers what a runbook asks an entity */
export function runTable<T>(step: Step<T>, table: Table, asked: (operation: string, input: unknown) => unknown = () => ({})): Run<T> {
  const called: string[] = [];
  let seconds = 0;
  const answer = (command: Command): unknown => {
    if (command.do === 'now') return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
    if (command.do === 'clock') return seconds;
    if (command.do === 'show') return undefined;
    if (command.do === 'ask') return asked(command.operation, command.input);
    if (command.do === 'activity') {
      called.push(command.name);
      const activity = table[command.name as Name] as ((input: unknown) => unknown) | undefined;
      if (activity === undefined) throw new Error(`the table has no ${command.name}`);
      try {
        return { ok: true, value: JSON.parse(JSON.stringify(activity(command.input))) };
      } catch (error) {
        if (error instanceof TableFault) return { ok: false, fault: error.fault };
        throw error;
      }
    }
    seconds += command.seconds;
    return command.do === 'retry' ? true : null;
  };
  let next = step.next();
  while (!next.done) next = step.next(answer(next.value));
  return { end: next.value, called, seconds };
}
