/**
 * Requests are slowed before Azure refuses them: what is left of its limits (its own headers, and what was sent since) is kept in the
 * process, by subscription and region, and by VM. A write that would find nothing left is told when to come again, as Azure itself would
 * tell it by a 429: the wait belongs on a durable timer. A look waits here for some seconds, for its activity would have to begin anew.
 * Limits: learn.microsoft.com/azure/virtual-machines/compute-throttling-limits and
 * …/azure/azure-resource-manager/management/request-limits-and-throttling.
 */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from './clock.ts';
import { AzureError, retryAfter } from './errors.ts';
import { changesNothing } from './ids.ts';

/** Tokens flow in, so many a minute (of service time), up to a burst; the reserve is left to others who share the limit. */
interface Limit {
  perMinute: number;
  burst: number;
  reserve: number;
}

type Kind = 'PutVM' | 'UpdateVM' | 'DeleteVM' | 'Look';
const limits = {
  vm: { perMinute: 4, burst: 12, reserve: 0 },
  region: { perMinute: 500, burst: 1500, reserve: 75 },
  /** Deletes have one of their own, of the same size. */
  writes: { perMinute: 600, burst: 200, reserve: 20 },
  reads: { perMinute: 1500, burst: 250, reserve: 25 },
} satisfies Record<string, Limit>;
/** Buckets that are full again say nothing; kept are at most so many. */
const mostBuckets = 2000;

interface Bucket {
  limit: Limit;
  level: number;
  /** Milliseconds of the clock at which `level` was true. */
  at: number;
  /** Milliseconds until which what flows in is promised to those who were sent away. */
  promisedUntil: number;
}

/** A request, as the limits see it. */
interface Ask {
  subscription: string;
  /** The VM that it changes, in lower case; null = something else. */
  vm: string | null;
  /** A `Look` changes nothing, whatever its method. */
  kind: Kind;
  /** How ARM counts it. */
  counts: 'reads' | 'writes' | 'deletes';
}

/** What a look waits at most before it is sent, service seconds. */
const longestWait = 20;

const isLacking = ({ level, limit }: Bucket) => level < 1 + limit.reserve;

export class Pace {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  /** VM -> region, as answers have told it. */
  readonly #regions = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a token of each limit that the request falls under. @returns service seconds to wait for one; 0 = it may be sent */
  take(ask: Ask): number {
    const buckets = this.#of(ask).map(([key, limit]) => this.#filled(key, limit));
    const lacking = buckets.filter(isLacking);
    if (lacking.length === 0) {
      for (const bucket of buckets) bucket.level--;
      return 0;
    }
    return Math.max(...lacking.map(bucket => this.#promise(bucket)));
  }

  /** Takes a token that is still to flow in, if it does so soon. @returns service seconds after which it is there; undefined = too late for a look */
  takeAhead(ask: Ask): number | undefined {
    const buckets = this.#of(ask).map(([key, limit]) => this.#filled(key, limit));
    const wait = Math.max(0, ...buckets.filter(isLacking).map(({ level, limit }) => ((1 + limit.reserve - level) * 60) / limit.perMinute));
    if (wait > longestWait) return undefined;
    for (const bucket of buckets) bucket.level--;
    return wait;
  }

  /** What Azure says is left: `Microsoft.Compute/UpdateVMResource;11,…`, and a number of ARM's own. It knows of others who write too. */
  note(ask: Ask, header: (name: string) => string | undefined): void {
    const address = header('azure-asyncoperation') ?? header('location') ?? '';
    const region = /\/locations\/([a-z0-9]{1,40})\//i.exec(address)?.[1]?.toLowerCase();
    if (region !== undefined && ask.vm !== null) this.#remember(ask.vm, region);
    const told = new Map(
      (header('x-ms-ratelimit-remaining-resource') ?? '').split(',').flatMap(each => {
        const [, name, left] = /^\s*Microsoft\.Compute\/(\w{1,60});(\d{1,9})\s*$/.exec(each) ?? [];
        return name !== undefined && left !== undefined ? [[name, Number(left)] as const] : [];
      }),
    );
    const ofArm = /^\d{1,9}$/.exec(header(`x-ms-ratelimit-remaining-subscription-${ask.counts}`) ?? '')?.[0];
    for (const [key, limit, name] of this.#of(ask)) {
      const left = name === null ? (ofArm === undefined ? undefined : Number(ofArm)) : told.get(name);
      const bucket = this.#filled(key, limit);
      if (left !== undefined) bucket.level = Math.min(bucket.level, left);
    }
  }

  /** Azure has refused after all: nothing is left for so many service seconds. */
  refused(ask: Ask, seconds: number): void {
    for (const [key, limit] of this.#of(ask).slice(0, 1)) {
      const bucket = this.#filled(key, limit);
      bucket.level = Math.min(bucket.level, limit.reserve);
      bucket.promisedUntil = Math.max(bucket.promisedUntil, this.#now() + (seconds * 1000) / this.#clock.timeScale);
    }
  }

  /** Bucket, limit, and Azure's name for it; the narrowest first. */
  #of({ vm, subscription, kind, counts }: Ask): [key: string, limit: Limit, name: string | null][] {
    const arm: [string, Limit, null] = [`${subscription} ${counts}`, counts === 'reads' ? limits.reads : limits.writes, null];
    if (vm === null) return [arm];
    const region = this.#regions.get(vm) ?? '';
    return [
      [`${vm} ${kind}`, limits.vm, `${kind}Resource`],
      [`${subscription} ${region} ${kind}`, limits.region, `${kind}SubscriptionMaximum`],
      arm,
    ];
  }

  #filled(key: string, limit: Limit): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { limit, level: limit.burst, at: now, promisedUntil: now };
    const seconds = ((now - bucket.at) / 1000) * this.#clock.timeScale;
    bucket.level = Math.min(limit.burst, bucket.level + (seconds * limit.perMinute) / 60);
    bucket.at = now;
    // The one that was used last stands last.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of [...this.#buckets.keys()].slice(0, Math.max(0, this.#buckets.size - mostBuckets))) this.#buckets.delete(oldest);
    return bucket;
  }

  /** Each who is sent away gets a time of its own, or all would come back at once. */
  #promise(bucket: Bucket): number {
    const { limit, level } = bucket;
    const { timeScale } = this.#clock;
    const now = this.#now();
    const each = 60 / limit.perMinute;
    const wait = Math.max((1 + limit.reserve - level) * each, ((bucket.promisedUntil - now) / 1000) * timeScale + each);
    bucket.promisedUntil = now + (wait * 1000) / timeScale;
    return wait;
  }

  #remember(vm: string, region: string): void {
    this.#regions.delete(vm);
    this.#regions.set(vm, region);
    for (const oldest of [...this.#regions.keys()].slice(0, Math.max(0, this.#regions.size - mostBuckets))) this.#regions.delete(oldest);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

/** Null = it is about no subscription. */
export function askOf(method: string, path: string): Ask | null {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(path)?.[1]?.toLowerCase();
  if (subscription === undefined) return null;
  if (changesNothing(method, path)) return { subscription, vm: null, kind: 'Look', counts: method === 'POST' ? 'writes' : 'reads' };
  const [, vm, rest = ''] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+)(\/.*)?$/i.exec(path) ?? [];
  const whole = rest === '';
  const deletes = method === 'DELETE';
  const kind: Kind =
    (whole && deletes) || rest.toLowerCase() === '/deallocate' ? 'DeleteVM' : whole && method === 'PUT' ? 'PutVM' : 'UpdateVM';
  return { subscription, vm: vm?.toLowerCase() ?? null, kind, counts: deletes ? 'deletes' : 'writes' };
}

/** Throws AzureError (`throttled`, code `Paced`) instead of sending what Azure would refuse. */
export function pacePolicy(pace: Pace, clock: Clock): PipelinePolicy {
  return {
    name: 'bootmedicPace',
    async sendRequest(request, next) {
      const ask = askOf(request.method, new URL(request.url).pathname);
      if (ask === null) return next(request);
      const soon = ask.kind === 'Look' ? pace.takeAhead(ask) : undefined;
      if (soon) await clock.sleep(soon);
      const wait = soon === undefined ? pace.take(ask) : 0;
      if (wait > 0) throw heldBack(ask, wait);
      const answer = await next(request);
      const header = (name: string) => answer.headers.get(name);
      pace.note(ask, header);
      if (answer.status === 429) pace.refused(ask, retryAfter(header) ?? 1);
      return answer;
    },
  };
}

function heldBack({ vm, counts }: Ask, wait: number): AzureError {
  const message = `held back: ${vm?.split('/').at(-1) ?? 'the subscription'} is near Azure’s limit of ${counts}`;
  return new AzureError({ kind: 'throttled', code: 'Paced', message, retryAfterSeconds: Math.ceil(wait) });
}
