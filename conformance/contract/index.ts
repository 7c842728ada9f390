/** Instrument "contract": every exchange of the product's jobs, in both directions, against Microsoft's specifications. */
import { existsSync } from 'node:fs';
import { parsePath } from '../../simulator/arm/paths.ts';
import type { ArmExchange } from '../../simulator/index.ts';
import { knownErrors } from '../errors/bodies.ts';
import { nameOfCall } from '../recordings/claims.ts';
import { isObject } from '../recordings/compare.ts';
import { type Exchange, readRecordings } from '../recordings/exchanges.ts';
import { type Finding, Ledger } from '../report.ts';
import { readExchanges, runProduct } from './product.ts';
import { type Complaint, Specifications } from './specifications.ts';

const INSTRUMENT = 'contract';

interface Options {
  openapi: string;
  recordings: string;
  /** Folder of exchanges that the end-to-end tests have left (`BOOTMEDIC_EXCHANGES_DIR`), judged beside those of the flows. */
  left?: string | undefined;
}

type Counts = Map<string, { exchanges: number; complaints: number }>;

/** Runs the product and asks the validator about every exchange. */
export async function checkContract({ openapi, recordings, left }: Options): Promise<Finding> {
  if (!existsSync(openapi)) return { instrument: INSTRUMENT, checks: 0, failures: [], skipped: `${openapi} is not here` };
  const ledger = new Ledger(INSTRUMENT);
  const judge = await Judge.make(openapi, recordings, ledger);
  const { exchanges, outcomes } = await runProduct();
  for (const [flow, outcome] of Object.entries(outcomes))
    ledger.check(`${flow}: ends`, 'explorer/flows.ts', 'an outcome', outcome, !outcome.startsWith('no outcome'));
  const flows = await judge.all(exchanges);
  const tests: Counts = left === undefined ? new Map() : await judge.all(readExchanges(left));
  const names = [...new Set([...flows.keys(), ...tests.keys()])].map(name => [name, flows.get(name), tests.get(name)] as const);
  const rows = names
    .toSorted((a, b) => (b[1]?.exchanges ?? 0) - (a[1]?.exchanges ?? 0))
    .map(([name, own, other]) => [name, own?.exchanges ?? 0, other?.exchanges ?? 0, (own?.complaints ?? 0) + (other?.complaints ?? 0)]);
  // What only the tests ask would be unseen where nobody has left theirs.
  if (left !== undefined)
    for (const [name, own] of names) ledger.check(`${name}: in a flow too`, 'explorer/flows.ts', true, own !== undefined);
  return ledger.finding([
    { title: 'Flows', head: ['flow', 'outcome'], rows: Object.entries(outcomes) },
    { title: 'Contract', head: ['operation', 'in flows', 'in end-to-end tests', 'complaints'], rows },
  ]);
}

/** Holds exchanges against the specifications; exported for its test. */
export class Judge {
  readonly #specifications: Specifications;
  readonly #azuresOwn: Set<string>;
  readonly #ledger: Ledger;

  private constructor(specifications: Specifications, azuresOwn: Set<string>, ledger: Ledger) {
    this.#specifications = specifications;
    this.#azuresOwn = azuresOwn;
    this.#ledger = ledger;
  }

  static async make(openapi: string, recordings: string, ledger: Ledger): Promise<Judge> {
    const specifications = await Specifications.load(openapi);
    return new Judge(specifications, await complaintsAboutAzure(specifications, recordings), ledger);
  }

  /** @returns what was judged, by operation */
  async all(exchanges: ArmExchange[]): Promise<Counts> {
    const counts: Counts = new Map();
    for (const exchange of exchanges) await this.#one(exchange, counts);
    return counts;
  }

  async #one(exchange: ArmExchange, counts: Counts): Promise<void> {
    const ledger = this.#ledger;
    const judgement = await this.#specifications.judge(exchange);
    if ('unspecified' in judgement) return ledger.leaveOut(judgement.unspecified);
    const name = nameOf(exchange);
    const count = counts.get(name) ?? { exchanges: 0, complaints: 0 };
    counts.set(name, count);
    count.exchanges++;
    // The request and the response.
    ledger.checks += 2;
    for (const complaint of judgement.complaints) {
      const excuse = this.#excuse(name, complaint, exchange);
      if (excuse !== undefined) {
        ledger.explain(excuse.rule, excuse.why, `${name} ${complaint.path}`);
        continue;
      }
      count.complaints++;
      const where = `${name} ${exchange.status}, ${complaint.side} ${complaint.path}`;
      ledger.fail(`${complaint.code}: ${where}`, exchange.url.split('?')[0] ?? '', 'as specified', complaint.message);
    }
  }

  /** Why the validator says it although it is as on Azure; what it says of Azure's own recordings is excused without being listed. */
  #excuse(name: string, complaint: Complaint, { status, response }: ArmExchange): { rule: string; why: string } | undefined {
    if (this.#azuresOwn.has(keyOf(name, complaint, status)))
      return { rule: complaint.code, why: 'Azure itself draws it in the recordings' };
    if (complaint.code !== 'INVALID_RESPONSE_CODE') return undefined;
    // The specifications declare hardly any refusal. One that is known to come with this status is Azure's; no other is.
    const error = isObject(response) && isObject(response.error) ? response.error : {};
    const known = knownErrors.find(({ code, status: its }) => code === error.code && its === status);
    const whole = known !== undefined && typeof error.message === 'string';
    return whole ? { rule: `refusal ${status} ${known.code}`, why: `not declared; ${known.proof}: ${known.source}` } : undefined;
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
