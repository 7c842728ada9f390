/**
 * The product's clock. Two kinds of seconds: *service seconds* are what a duration is on Azure; in a rehearsal they pass
 * `timeScale` times faster. *Wall seconds* are what a watch shows: `Retry-After`, tokens and SAS are in these.
 */
import { setTimeout } from 'node:timers/promises';

export interface Clock {
  /** 1 on Azure. */
  readonly timeScale: number;
  now(): Date;
  sleep(serviceSeconds: number): Promise<void>;
  toServiceSeconds(wallSeconds: number): number;
  /** Service seconds that have passed since an ISO time. */
  since(iso: string): number;
}

export function createClock(timeScale = 1): Clock {
  return {
    timeScale,
    now: () => new Date(),
    sleep: serviceSeconds => setTimeout((serviceSeconds * 1000) / timeScale),
    toServiceSeconds: wallSeconds => wallSeconds * timeScale,
    since: iso => ((Date.now() - Date.parse(iso)) / 1000) * timeScale,
  };
}
