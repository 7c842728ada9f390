/** A deployed app restarts now and then: what follows it for long must not end by that. */
import { CliError, exitCodes } from './errors.ts';

/** @returns asks the app: null while it is out of reach, its error once that was so more often than `most` times in a row */
export function patience(most: number, signal: AbortSignal): <T>(question: Promise<T>) => Promise<T | null> {
  let failures = 0;
  return async question => {
    try {
      const answer = await question;
      failures = 0;
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const passing = error instanceof CliError && error.exitCode === exitCodes.unreachable;
      if (!passing || ++failures > most) throw error;
      return null;
    }
  };
}
