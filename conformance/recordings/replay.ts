/** Sends a recording's requests to the simulator, in order and at their times, and gathers what it answers. */
import type { OpenSimulator } from '../../simulator/index.ts';
import { isClaimed, nameOfCall, unmodelled } from './claims.ts';
import { type Identities, isObject } from './compare.ts';
import { type Exchange, operationIdOf, type Recording } from './exchanges.ts';
import type { RecordedGuests } from './guests.ts';
import { resourceOf, Seeder, topOf } from './seeder.ts';
import type { RecordedTime } from './time.ts';

export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: unknown;
}

export type Step =
  | { exchange: Exchange; name: string; answer: Answer }
  /** Not sent, and why. */
  | { exchange: Exchange; name: string; leftOut: string };

export interface Stage {
  simulator: OpenSimulator;
  guests: RecordedGuests;
  /** Of the present recording: made anew with each. */
  time(): RecordedTime;
}

/** How an operation went on Azure. */
interface RecordedOperation {
  /** Seconds; undefined where the recording does not see its end. */
  lasted: number | undefined;
  /** By the recording's clock, ms. */
  ended: number | undefined;
}

interface Followed {
  asyncOperation: string | undefined;
  location: string | undefined;
}

/** An estate in which nothing is. */
export const SCENARIO = {
  subscriptions: [{ id: '00000000-0000-0000-0000-000000000000' }],
  resourceGroups: [{ name: 'none', location: 'westus' }],
  virtualMachines: [],
};

/** Replays one recording on an empty cloud, step by step: who compares a step tells `identities` which ids are the same. @returns how much was seeded */
export async function* replay(stage: Stage, recording: Recording, identities: Identities): AsyncGenerator<Step, number> {
  await stage.simulator.reload(SCENARIO, 'conformance');
  const player = new Player(stage, recording, identities);
  for (const index of recording.exchanges.keys()) yield await player.play(index);
  return player.seeded;
}

class Player {
  readonly #stage: Stage;
  readonly #exchanges: Exchange[];
  readonly #identities: Identities;
  readonly #seeder: Seeder;
  readonly #operations: Map<string, RecordedOperation>;
  readonly #followed = new Map<string, Followed>();
  readonly #headers: Record<string, string>;

  constructor(stage: Stage, { exchanges }: Recording, identities: Identities) {
    this.#stage = stage;
    this.#exchanges = exchanges;
    this.#identities = identities;
    const { cloud } = stage.simulator;
    this.#operations = operationsIn(exchanges);
    rememberOutputs(stage.guests, exchanges);
    void stage.time().clock.advance(exchanges.find(({ at }) => at !== undefined)?.at?.getTime() ?? Date.now());
    this.#seeder = new Seeder(cloud, exchanges, stage.guests, identities);
    const token = cloud.identity.issue('https://management.azure.com')?.access_token ?? '';
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  }

  get seeded(): number {
    return this.#seeder.seeded;
  }

  async play(index: number): Promise<Step> {
    const exchange = this.#exchanges[index];
    if (exchange === undefined) throw new Error(`no exchange ${index}`);
    const name = nameOfCall(exchange);
    await this.#moveTo(exchange);
    const url = this.#addressOf(exchange);
    if (url === undefined) {
      this.#leave(exchange);
      return { exchange, name, leftOut: operationIdOf(exchange.url) === undefined ? name : 'status of an operation that was left out' };
    }
    try {
      this.#seeder.prepare(index);
    } catch (error) {
      // A body of a shape that nobody has met: what hangs on it cannot be compared.
      this.#leave(exchange);
      return { exchange, name, leftOut: `${name}: cannot be seeded (${error instanceof Error ? error.message.slice(0, 80) : 'unknown'})` };
    }
    this.#stage.time().durations.next = this.#operations.get(begunBy(exchange) ?? '')?.lasted;
    const answer = await this.#send(exchange, url);
    this.#stage.time().durations.next = undefined;
    const member = exchange.status < 400 ? unmodelled(answer) : undefined;
    if (member !== undefined) {
      this.#leave(exchange);
      return { exchange, name, leftOut: `${name} with ${member}` };
    }
    const begun = begunBy(exchange);
    const { 'azure-asyncoperation': asyncOperation, location } = answer.headers;
    if (begun !== undefined && answer.status < 400) this.#followed.set(begun, { asyncOperation, location });
    return { exchange, name, answer };
  }

  /** What was not replayed may have changed whatever it names. */
  #leave({ method, path }: Exchange): void {
    const top = topOf(resourceOf(path) ?? '');
    if (method !== 'GET' && top !== undefined) this.#seeder.stale.add(top.toLowerCase());
  }

  /** To the time of the recorded answer; an operation has ended by then exactly if it had on Azure. */
  async #moveTo(exchange: Exchange): Promise<void> {
    const { clock } = this.#stage.time();
    const now = clock.now().getTime();
    const wanted = exchange.at?.getTime() ?? now;
    const ended = this.#operations.get(operationIdOf(exchange.url) ?? '')?.ended;
    const status = isObject(exchange.response) ? exchange.response.status : undefined;
    // Answers carry whole seconds: the end may lie a moment behind, or before the answer that did not know of it yet.
    if (ended === undefined) await clock.advance(wanted);
    else if (status === 'InProgress') await clock.advance(Math.max(now, Math.min(wanted, ended - 1)));
    else await clock.advance(Math.max(wanted, ended));
  }

  /** Where to send it: status addresses are the simulator's own. Undefined: it is left out. */
  #addressOf(exchange: Exchange): string | undefined {
    const operation = operationIdOf(exchange.url);
    const { armEndpoint } = this.#stage.simulator.info;
    if (operation === undefined) return isClaimed(exchange) ? `${armEndpoint}${exchange.url}` : undefined;
    const followed = this.#followed.get(operation);
    return exchange.query.get('monitor') === 'true' ? followed?.location : followed?.asyncOperation;
  }

  async #send({ method, request }: Exchange, url: string): Promise<Answer> {
    const body = request === undefined ? {} : { body: JSON.stringify(this.#identities.translate(request)) };
    const response = await fetch(url, { method, headers: this.#headers, redirect: 'manual', ...body });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: text === '' ? undefined : JSON.parse(text) };
  }
}

/** The operation that an exchange began on Azure. */
function begunBy({ headers }: Exchange): string | undefined {
  return operationIdOf(headers['azure-asyncoperation'] ?? headers.location ?? '');
}

/** Every operation that was seen to its end; ends are moved to the clock of the answers, which began it a moment after. */
function operationsIn(exchanges: Exchange[]): Map<string, RecordedOperation> {
  const operations = new Map<string, RecordedOperation>();
  for (const { url, response, at } of exchanges) {
    const id = operationIdOf(url);
    if (id === undefined || !isObject(response)) continue;
    const began = exchanges.find(exchange => begunBy(exchange) === id)?.at?.getTime();
    const seconds = secondsOf(response, began, at);
    if (began === undefined || seconds === undefined || operations.has(id)) continue;
    const lasted = Math.max(0.002, seconds);
    operations.set(id, { lasted, ended: began + lasted * 1000 });
  }
  return operations;
}

/** From its own times, or where a status carries none, as networks' do, from when it was first seen to have ended. */
function secondsOf(status: Record<string, unknown>, began: number | undefined, seen: Date | undefined): number | undefined {
  const [start, end] = [Date.parse(String(status.startTime)), Date.parse(String(status.endTime))];
  if (!Number.isNaN(start) && !Number.isNaN(end)) return (end - start) / 1000;
  const ended = status.startTime === undefined && ['Succeeded', 'Failed', 'Canceled'].includes(String(status.status));
  return ended && began !== undefined && seen !== undefined ? (seen.getTime() - began) / 1000 : undefined;
}

/** What scripts printed, as instance views and results show it. */
function rememberOutputs(guests: RecordedGuests, exchanges: Exchange[]): void {
  guests.outputs.clear();
  for (const { response } of exchanges) {
    const properties = isObject(response) && isObject(response.properties) ? response.properties : {};
    const said = /\[stdout\]\n(.*)\n\[stderr\]\n(.*)$/s.exec(messageOf(response));
    if (said !== null) guests.outputs.set('', { exitCode: 0, output: said[1] ?? '', error: said[2] ?? '' });
    const { source, instanceView } = properties;
    if (!isObject(source) || !isObject(instanceView) || typeof source.script !== 'string') continue;
    const { exitCode = 0, output = '', error = '' } = instanceView;
    guests.outputs.set(source.script, { exitCode: Number(exitCode), output: String(output), error: String(error) });
  }
}

/** The one message of a result of the older action on Linux. */
function messageOf(response: unknown): string {
  const [first] = isObject(response) && Array.isArray(response.value) ? response.value : [];
  return isObject(first) && typeof first.message === 'string' ? first.message : '';
}
