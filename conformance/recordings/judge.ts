/** Holds an answer of the simulator against the recorded one. */
import type { Ledger } from '../report.ts';
import { compare, countValues, type Difference, type Identities } from './compare.ts';
import type { Exchange } from './exchanges.ts';
import { explanationOf } from './explained.ts';
import type { Answer } from './replay.ts';

/** Headers by which a client follows an operation or decides what to do: compared where the recording has kept headers of their kind. */
const FOLLOWING = ['azure-asyncoperation', 'location', 'azure-asyncnotification'];
const SIGNALS = ['retry-after', 'x-ms-failure-cause', 'etag'];

export interface Verdict {
  checks: number;
  differences: number;
  explained: number;
}

export interface Compared {
  name: string;
  exchange: Exchange;
  answer: Answer;
  /** Recording and line. */
  source: string;
}

/** Compares status, headers and body; what differs is explained by a rule or told to the ledger. */
export function judge(compared: Compared, identities: Identities, ledger: Ledger): Verdict {
  const { exchange, answer, name, source } = compared;
  const before = { checks: ledger.checks, failures: ledger.failures.length };
  ledger.check(`${name}: status`, source, exchange.status, answer.status);
  if (exchange.status !== answer.status) {
    const last = ledger.failures.at(-1);
    if (last !== undefined) last.actual = `${answer.status} ${JSON.stringify(answer.body ?? '').slice(0, 250)}`;
    return { checks: 1, differences: ledger.failures.length - before.failures, explained: 0 };
  }
  judgeHeaders(compared, ledger);
  ledger.checks += Math.max(1, countValues(exchange.response));
  let explained = 0;
  for (const difference of compare(exchange.response, answer.body, identities)) {
    const rule = explanationOf(difference, compared);
    if (rule === undefined) tell(difference, compared, ledger);
    else {
      explained++;
      ledger.explain(rule.id, rule.why, `${source} ${difference.path}`);
    }
  }
  return { checks: ledger.checks - before.checks, differences: ledger.failures.length - before.failures, explained };
}

function tell({ kind, path, expected, actual }: Difference, { name, source }: Compared, ledger: Ledger): void {
  ledger.fail(`${name}: ${path === '' ? 'body' : path} (${kind})`, source, expected, actual);
}

function judgeHeaders({ exchange, answer, name, source }: Compared, ledger: Ledger): void {
  const [recorded, ours] = [exchange.headers, answer.headers];
  const follows = FOLLOWING.some(header => recorded[header] !== undefined);
  const begins = exchange.method !== 'GET' && exchange.status < 300;
  for (const header of FOLLOWING) {
    if (!follows && !begins) continue;
    // What has a status address and is no VM's carries no notification header in the recordings either: both directions count.
    ledger.check(`${name}: header ${header}`, source, addressForm(recorded[header]), addressForm(ours[header]));
  }
  for (const header of SIGNALS) {
    if (recorded[header] !== undefined)
      ledger.check(`${name}: header ${header}`, source, signalForm(recorded[header]), signalForm(ours[header]));
  }
  const limits = recorded['x-ms-ratelimit-remaining-resource'];
  if (limits !== undefined)
    ledger.check(
      `${name}: x-ms-ratelimit-remaining-resource`,
      source,
      policies(limits),
      policies(ours['x-ms-ratelimit-remaining-resource'] ?? ''),
    );
  for (const header of Object.keys(recorded).filter(one => one.startsWith('x-ms-ratelimit-remaining-subscription')))
    ledger.check(`${name}: header ${header}`, source, 'present', ours[header] === undefined ? 'absent' : 'present');
  const type = (value: string | undefined) => value?.split(';')[0] ?? 'none';
  if (recorded['content-type'] !== undefined || answer.body === undefined)
    ledger.check(`${name}: content-type`, source, type(recorded['content-type']), type(ours['content-type']));
}

/** An address without host, id and signature: what it is made of. */
function addressForm(value: string | undefined): string {
  if (value === undefined) return 'absent';
  if (!value.startsWith('https://')) return value;
  const { pathname, searchParams } = new URL(value);
  const path = pathname.replace(/\/subscriptions\/[^/]+/i, '/subscriptions/S').replace(/\/[^/]+$/, '/ID');
  const names = [...searchParams.keys()]
    .toSorted()
    .map(key => (key === 'api-version' || key === 'monitor' ? `${key}=${searchParams.get(key)}` : key));
  return `${path}?${names.join('&')}`;
}

/** An etag is chosen by the service: its form is not. */
function signalForm(value: string | undefined): string {
  if (value === undefined) return 'absent';
  return value.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/i, 'ID');
}

/** Names of the limits, without what is left of them. */
function policies(value: string): string {
  return value
    .split(',')
    .map(one => one.split(';')[0])
    .toSorted()
    .join(',');
}
