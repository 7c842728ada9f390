/** What the app's entry and the explorer share: whose life of the host it is, and what happens around each activity. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tools } from '../functions/activities/tools.ts';

/** One run of the host, from its start to its end or its death. What a dead one still asks of the network fails. */
export interface Life {
  readonly number: number;
  dead: boolean;
  readonly tools: Tools;
}

export const lives = new AsyncLocalStorage<Life>();

export interface Stage {
  life: Life | undefined;
  /** Runs an activity; the explorer may kill the host before or after it. */
  activity(name: string, work: () => Promise<unknown>): Promise<unknown>;
  /** Told how long each turn of a runbook took, CPU milliseconds; where nobody asks, nothing is measured. */
  turned: ((name: string, ms: number) => void) | undefined;
}

/** Runs what belongs to the host's present life. */
export const inLife = <T>(work: () => T): T => (stage.life ? lives.run(stage.life, work) : work());

export const unwatched = (): Pick<Stage, 'activity' | 'turned'> => ({ activity: (_, work) => inLife(work), turned: undefined });

export const stage: Stage = { life: undefined, ...unwatched() };

function present(): Tools {
  if (stage.life === undefined) throw new Error('no host is alive');
  return stage.life.tools;
}

/** The tools of the present life: a host that starts again has new clients and no memory. */
export const presentTools: Tools = {
  get azure() {
    return present().azure;
  },
  get records() {
    return present().records;
  },
  get settings() {
    return present().settings;
  },
  get clock() {
    return present().clock;
  },
  get log() {
    return present().log;
  },
  get secret() {
    return present().secret;
  },
  get address() {
    return present().address;
  },
};
