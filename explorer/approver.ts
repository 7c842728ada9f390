/** The person who is asked: finds every ten minutes what waits, reads it and approves what was read, by the endpoints of the page and the CLI. */
import { headersFor } from './facts.ts';
import type { World } from './world.ts';

/** What a person has agreed to, and when they said so; whether it was heard is another thing. */
export interface Approval {
  repairId: string;
  /** Milliseconds, as Date has them. */
  at: number;
  /** `the plan`, and consents by their ids: what they were asked for. */
  to: string[];
}

interface View {
  id: string;
  state: string;
  planHash: string;
  awaiting: string;
}

/** Virtual milliseconds between two looks. */
const pause = 600_000;

export class Approver {
  readonly approvals: Approval[] = [];
  readonly #world: World;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  come(): void {
    this.#timer = setTimeout(() => void this.#world.wire.errand(() => this.#see()), pause);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** An answer that comes too late is waited for by nobody: the next look is made in time. */
  async #see(): Promise<void> {
    this.come();
    const waiting = await this.#ask('GET', '/api/repairs?state=waiting-approval');
    const { items = [] } = ((await waiting?.json().catch(() => undefined)) ?? {}) as { items?: View[] };
    for (const { id } of items) void this.#decide(id);
  }

  async #decide(id: string): Promise<void> {
    const { wire } = this.#world;
    const path = `/api/repairs/${id}`;
    const answer = await wire.asked('GET', path, () => this.#ask('GET', path));
    const view = (await answer?.json().catch(() => undefined)) as View | undefined;
    if (view?.state !== 'waiting-approval') return;
    const to = view.awaiting.replace(/^approval of: /, '').split(', ');
    await wire.asked('POST', `${path}/approve`, () => {
      if (this.#world.host) this.approvals.push({ repairId: id, at: Date.now(), to });
      return this.#ask('POST', `${path}/approve`, { planHash: view.planHash });
    });
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response | undefined> {
    const { host } = this.#world;
    // Who has left says nothing more, also where a late answer has kept them.
    if (host === undefined || this.#timer === undefined) return undefined;
    return fetch(`${host.url}${path}`, {
      method,
      headers: headersFor(host),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => undefined);
  }
}
