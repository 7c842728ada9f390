/** Instrument "errors": what the product makes of Azure's own error bodies. */
import { kindOfCode, operationFault, toFault } from '../../azure/errors.ts';
import { isObject } from '../recordings/compare.ts';
import { readRecordings } from '../recordings/exchanges.ts';
import { type Finding, Ledger } from '../report.ts';
import { type KnownError, knownErrors, withoutBody } from './bodies.ts';

/** Where somebody shows the answer. */
const THREAD = /^github\.com\/[\w.-]+\/[\w.-]+\/(issues|pull)\/\d+$/;

/** @param folder of recordings: what is called recorded must be in one of them */
export function checkErrors(folder: string): Finding {
  const ledger = new Ledger('errors');
  const recorded = recordedMessages(folder);
  for (const known of knownErrors) check(known, recorded, ledger);
  const told = new Set([...knownErrors.map(({ code }) => code), ...withoutBody]);
  for (const code of Object.keys(kindOfCode)) ledger.check(`${code}: has a body`, 'azure/errors.ts', true, told.has(code));
  const count = (proof: KnownError['proof']) => knownErrors.filter(known => known.proof === proof).length;
  const rows = (['recorded', 'documented', 'met'] as const).map(proof => [proof, count(proof)]);
  return ledger.finding([{ title: 'Errors that the product branches on', head: ['body', 'codes'], rows }]);
}

function check(
  { code, status, message, kind, kindInOperation, proof, source }: KnownError,
  recorded: string[] | undefined,
  ledger: Ledger,
): void {
  if (status !== undefined) {
    const fault = toFault(Object.assign(new Error(message), { name: 'RestError', statusCode: status, code }));
    ledger.check(`${status} ${code}`, source, kind, fault.kind);
  }
  ledger.check(`an operation that failed with ${code}`, source, kindInOperation ?? kind, operationFault({ code, message }).kind);
  if (proof === 'documented') ledger.check(`${code}: its page`, source, true, source.startsWith('learn.microsoft.com/'));
  if (proof === 'met') ledger.check(`${code}: its thread`, source, true, THREAD.test(source));
  if (proof !== 'recorded' || recorded === undefined) return;
  const [before = '', after = ''] = [message.split('{')[0], message.split('}').at(-1)];
  const met = recorded.some(text => text.startsWith(`${code}: ${before}`) && text.endsWith(after));
  ledger.check(`${code}: in the recordings`, source, true, met);
}

/** `CODE: message` of every refusal in the recordings. */
function recordedMessages(folder: string): string[] | undefined {
  return readRecordings(folder)?.flatMap(({ exchanges }) =>
    exchanges.flatMap(({ response }) => {
      const error = isObject(response) && isObject(response.error) ? response.error : undefined;
      return error === undefined ? [] : [`${String(error.code)}: ${String(error.message)}`];
    }),
  );
}
