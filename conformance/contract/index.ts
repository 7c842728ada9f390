/** Instrument "contract": every exchange of whole repairs, in both directions, against Microsoft's specifications. */
import { existsSync } from 'node:fs';
import { parsePath } from '../../simulator/arm/paths.ts';
import { nameOfCall } from '../recordings/claims.ts';
import { type Exchange, readRecordings } from '../recordings/exchanges.ts';
import { type Finding, Ledger } from '../report.ts';
import { type ArmExchange, runProduct } from './product.ts';
import { type Complaint, Specifications } from './specifications.ts';

const INSTRUMENT = 'contract';
/** One VM that is repaired, and one that is healthy. */
const SLICE = ['web-en-02', 'db-ok-03'];

/** What the validator says although it is as on Azure; what it says of Azure's own recordings is excused without being listed. */
const EXCUSED: { why: string; applies(name: string, complaint: Complaint, status: number): boolean }[] = [
  {
    why: 'Azure’s refusals: the specifications declare hardly any of its error statuses',
    applies: (_, { code }, status) => code === 'INVALID_RESPONSE_CODE' && status >= 400,
  },
];

interface Options {
  openapi: string;
  recordings: string;
  slice: boolean;
}

/** Runs the product and asks the validator about every exchange. */
export async function checkContract({ openapi, recordings, slice }: Options): Promise<Finding> {
  if (!existsSync(openapi)) return { instrument: INSTRUMENT, checks: 0, failures: [], skipped: `${openapi} is not here` };
  const specifications = await Specifications.load(openapi);
  const ledger = new Ledger(INSTRUMENT);
  const azuresOwn = await complaintsAboutAzure(specifications, recordings);
  const { exchanges, outcomes } = await runProduct(slice ? SLICE : undefined);
  for (const [vm, outcome] of Object.entries(outcomes))
    ledger.check(`the repair of ${vm} ends`, 'npm start', 'an outcome', outcome, !outcome.startsWith('no outcome'));
  const counts = new Map<string, { exchanges: number; complaints: number }>();
  for (const exchange of exchanges) await judge(exchange, specifications, azuresOwn, ledger, counts);
  const rows = [...counts]
    .toSorted((a, b) => b[1].exchanges - a[1].exchanges)
    .map(([name, { exchanges: n, complaints }]) => [name, n, complaints]);
  return ledger.finding([
    { title: 'Repairs', head: ['vm', 'outcome'], rows: Object.entries(outcomes) },
    { title: 'Contract', head: ['operation', 'exchanges', 'complaints'], rows },
  ]);
}

async function judge(
  exchange: ArmExchange,
  specifications: Specifications,
  azuresOwn: Set<string>,
  ledger: Ledger,
  counts: Map<string, { exchanges: number; complaints: number }>,
): Promise<void> {
  const judgement = await specifications.judge(exchange);
  if ('unspecified' in judgement) return ledger.leaveOut(judgement.unspecified);
  const name = nameOf(exchange);
  const count = counts.get(name) ?? { exchanges: 0, complaints: 0 };
  counts.set(name, count);
  count.exchanges++;
  // The request and the response.
  ledger.checks += 2;
  for (const complaint of judgement.complaints) {
    const reason = azuresOwn.has(keyOf(name, complaint, exchange.status))
      ? 'Azure itself draws it in the recordings'
      : EXCUSED.find(({ applies }) => applies(name, complaint, exchange.status))?.why;
    if (reason !== undefined) {
      ledger.explain(complaint.code, reason, `${name} ${complaint.path}`);
      continue;
    }
    count.complaints++;
    const where = `${name} ${exchange.status}, ${complaint.side} ${complaint.path}`;
    ledger.fail(`${complaint.code}: ${where}`, exchange.url.split('?')[0] ?? '', 'as specified', complaint.message);
  }
}

/** What the validator says of real exchanges: no simulator needs to be better than Azure. */
async function complaintsAboutAzure(specifications: Specifications, folder: string): Promise<Set<string>> {
  const drawn = new Set<string>();
  for (const { exchanges } of readRecordings(folder) ?? []) {
    for (const exchange of exchanges) {
      const { method, url, request, status, headers, response } = exchange;
      const judgement = await specifications.judge({ method, url, requestHeaders: {}, request, status, headers, response });
      const complaints = 'unspecified' in judgement ? [] : judgement.complaints;
      for (const complaint of complaints) drawn.add(keyOf(nameOfCall(exchange), complaint, status));
    }
  }
  return drawn;
}

function keyOf(name: string, { side, code, path }: Complaint, status: number): string {
  return `${name} ${status} ${side} ${code} ${path}`.toLowerCase();
}

function nameOf({ method, url }: ArmExchange): string {
  const [path = ''] = url.split('?');
  const call: Pick<Exchange, 'method' | 'path' | 'parsed'> = { method, path, parsed: parsePath(path) };
  return nameOfCall(call);
}
