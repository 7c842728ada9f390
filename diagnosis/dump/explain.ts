/** What the parameters of the seed bug checks say (Microsoft's bug check reference). */
import type { Reader } from './layout.ts';
import { processAt, textAt } from './memory.ts';
import { tellStatus } from './statuses.ts';

/**
 * 0xEF: parameter 1 is the object, parameter 2 is 0 for a process and 1 for a thread. 0xC000021A: parameter 1 points to the text that
 * tells which process, parameter 2 is its NTSTATUS. Nothing for other codes.
 */
export function explained(code: string, parameters: string[], build: number | null, reader: Reader): string[] {
  const [first, second] = parameters;
  if (first === undefined || second === undefined) return [];
  if (code === '0xC000021A') {
    const text = textAt(reader, BigInt(first));
    return [
      text === null
        ? `parameter 1 points at the text that tells which process ended (${first}): the bytes at hand do not hold it`
        : `parameter 1 tells what ended: ${text}`,
      `parameter 2 is the status with which the process ended: ${tellStatus(BigInt(second))}`,
    ];
  }
  const ended = { '0': 'a process', '1': 'a thread' }[BigInt(second).toString()];
  if (code !== '0x000000EF' || ended === undefined) return [];
  const name = ended === 'a process' ? processAt(reader, BigInt(first), build) : null;
  return [`parameter 2 says that ${ended} ended; parameter 1 is its object at ${first}${name === null ? '' : `: ${name}`}`];
}
