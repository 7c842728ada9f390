/** How the command line ends, and what it says when it cannot go on. */
import { types } from 'node:util';

/** Also of another realm, as what fetch throws is under test. */
const { isNativeError } = types;

/**
 * Exit codes, as `--help` gives them; above 128 by the shell's convention, 128 + the signal's number. `readerGone` is what SIGPIPE
 * makes of other commands (Node ignores the signal): not 0, because a repair that nobody reads has not been seen to its end.
 */
export const exitCodes = {
  ...{ done: 0, notAsHoped: 1, wrongUse: 2, unreachable: 3 },
  ...{ interrupted: 130, readerGone: 141, terminated: 143 },
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What the user is told instead of a stack: one line that says what, one that says what to do about it. */
export class CliError extends Error {
  readonly remedy: string;
  readonly exitCode: ExitCode;
  /** Lines that go between the two, for example the last ones of a log. */
  readonly details: string[];

  constructor(message: string, remedy: string, exitCode: ExitCode, details: string[] = []) {
    super(message);
    this.name = 'CliError';
    this.remedy = remedy;
    this.exitCode = exitCode;
    this.details = details;
  }
}

/** The user (or the system) asked us to stop. */
export class Interrupted extends Error {
  readonly exitCode: ExitCode;
  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.exitCode = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  }
}

/** Who read our standard output has closed it, as `head` does: nobody is left to tell anything. */
export class ReaderGone extends Error {
  readonly exitCode = exitCodes.readerGone;
}

/** What the system's names for trouble with a file mean to whoever has named it. */
const files: Partial<Record<string, string>> = {
  ...{ ENOENT: 'there is no such file or folder', ENOTDIR: 'a part of its path is no folder', EISDIR: 'it is a folder' },
  ...{ EACCES: 'you have no right to it', EPERM: 'you have no right to it', EROFS: 'its disk can only be read' },
  ...{ ENOSPC: 'its disk is full', ENAMETOOLONG: 'its name is too long', EMFILE: 'too many files are open' },
};

/** Text of whatever was thrown; fetch hides the useful part in `cause`. */
export function errorText(thrown: unknown): string {
  if (!isNativeError(thrown)) return String(thrown);
  const ofFile = 'syscall' in thrown ? files[errorCode(thrown)] : undefined;
  if (ofFile !== undefined) return ofFile;
  const { message, cause } = thrown;
  return isNativeError(cause) ? `${message} (${cause.message || errorCode(cause)})` : message;
}

/** `ECONNREFUSED`, `ENOENT` …; empty when it has none. */
export function errorCode(thrown: unknown): string {
  return isNativeError(thrown) && 'code' in thrown ? String(thrown.code) : '';
}

/** What fetch hides behind `fetch failed`. */
export function causeCode(thrown: unknown): string {
  return isNativeError(thrown) ? errorCode(thrown.cause) : '';
}
