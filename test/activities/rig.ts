import { setTimeout } from 'node:timers/promises';
import { type Name, type Output, runActivity } from '../../functions/activities/activity.ts';
import type { Activities, Fault, Reply } from '../../functions/activities/contract.ts';
import { activities } from '../../functions/activities/index.ts';
import { createTools, type Tools } from '../../functions/activities/tools.ts';
import type { Simulator } from '../../simulator/index.ts';

export const repairId = 'r-abcdefghijkl';

/** The product's own tools on a simulator, and activities called as the runbook calls them: through JSON, again until they are done. */
export class Bench {
  readonly tools: Tools;
  readonly #simulator: Simulator;
  readonly #repairId: string;
  /** Faults that were retried, in order. */
  faults: Fault[] = [];

  constructor(simulator: Simulator, settings: object = { defaults: { mode: 'auto' } }, id = repairId) {
    this.#simulator = simulator;
    this.#repairId = id;
    process.env.IDENTITY_ENDPOINT = simulator.identityEndpoint;
    process.env.IDENTITY_HEADER = simulator.identityHeader;
    this.tools = createTools({
      BOOTMEDIC_ARM_ENDPOINT: simulator.armEndpoint,
      BOOTMEDIC_BLOB_ENDPOINT: simulator.blobEndpoint,
      BOOTMEDIC_TIME_SCALE: String(simulator.timeScale),
      BOOTMEDIC_SETTINGS: JSON.stringify(settings),
      BOOTMEDIC_LOG_LEVEL: 'silent',
    });
  }

  async act<N extends Name>(name: N, input: Parameters<Activities[N]>[0], phase = 'test'): Promise<Reply<Output<N>>> {
    const envelope = JSON.parse(JSON.stringify({ repairId: this.#repairId, phase, since: new Date().toISOString(), input }));
    return JSON.parse(JSON.stringify(await runActivity(name, activities[name], envelope, this.tools)));
  }

  /** The value, or an error that names the fault. */
  async value<N extends Name>(name: N, input: Parameters<Activities[N]>[0]): Promise<Output<N>> {
    const reply = await this.act(name, input);
    if (!reply.ok) throw new Error(`${name}: ${reply.fault.kind} ${reply.fault.code}: ${reply.fault.message}`);
    return reply.value;
  }

  /** As `ensure` of the runbook: until done, waiting as long as it says; transient faults are retried. */
  async ensure<N extends Name>(name: N, input: Parameters<Activities[N]>[0]): Promise<Done<Output<N>>> {
    for (;;) {
      const reply = await this.act(name, input);
      if (!reply.ok) {
        // Held back by ourselves after a 429: told when to come again, as the runbook is.
        if (reply.fault.code === 'Paced') {
          await setTimeout((1000 * (reply.fault.retryAfterSeconds ?? 1)) / this.#simulator.timeScale);
          continue;
        }
        this.faults.push(reply.fault);
        if (reply.fault.kind !== 'transient') throw new Error(`${name}: ${reply.fault.kind} ${reply.fault.code}: ${reply.fault.message}`);
        continue;
      }
      const progress = reply.value as { done: boolean; value: Done<Output<N>>; checkAfterSeconds: number };
      if (progress.done) return progress.value;
      await setTimeout((progress.checkAfterSeconds * 1000) / this.#simulator.timeScale);
    }
  }

  /** Injects a fault into the next request that matches. */
  async inject(fault: object): Promise<void> {
    const answer = await fetch(`${this.#simulator.adminUrl}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.#simulator.adminUrl}/faults`, { method: 'DELETE' });
  }

  // biome-ignore lint/suspicious/noExplicitAny: the dump is for tests to look into
  async state(): Promise<any> {
    return (await fetch(`${this.#simulator.adminUrl}/state`)).json();
  }
}

type Done<T> = T extends { done: true; value: infer V } ? V : never;
