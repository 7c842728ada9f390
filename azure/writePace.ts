/**
 * Writes are slowed before Azure refuses them: what is left of its limits (its own headers, and what was sent since) is kept in the process,
 * by subscription and region, and by VM. Who would find nothing left is told when to come again, as Azure itself would tell it by a 429:
 * the wait belongs on a durable timer. Limits: learn.microsoft.com/azure/virtual-machines/compute-throttling-limits and
 * …/azure/azure-resource-manager/management/request-limits-and-throttling.
 */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from './clock.ts';
import { AzureError, retryAfter } from './errors.ts';

/** Tokens flow in, so many a minute (of service time), up to a burst; the reserve is left to others who share the limit. */
interface Limit {
  perMinute: number;
  burst: number;
  reserve: number;
}

type Kind = 'PutVM' | 'UpdateVM' | 'DeleteVM';
const limits = {
  vm: { perMinute: 4, burst: 12, reserve: 0 },
  region: { perMinute: 500, burst: 1500, reserve: 75 },
  arm: { perMinute: 600, burst: 200, reserve: 20 },
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

/** A request that writes, as the limits see it. */
interface Write {
  subscription: string;
  /** The VM that it is about, in lower case; null = something else. */
  vm: string | null;
  kind: Kind;
  deletes: boolean;
}

export class Pace {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  /** VM -> region, as answers have told it. */
  readonly #regions = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a token of each limit that the write falls under. @returns service seconds to wait for one; 0 = it may be sent */
  take(write: Write): number {
    const buckets = this.#of(write).map(([key, limit]) => this.#filled(key, limit));
    const lacking = buckets.filter(({ level, limit }) => level < 1 + limit.reserve);
    if (lacking.length === 0) {
      for (const bucket of buckets) bucket.level--;
      return 0;
    }
    return Math.max(...lacking.map(bucket => this.#promise(bucket)));
  }

  /** What Azure says is left: `Microsoft.Compute/UpdateVMResource;11,…`, and a number of ARM's own. It knows of others who write too. */
  note(write: Write, header: (name: string) => string | undefined): void {
    const address = header('azure-asyncoperation') ?? header('location') ?? '';
    const region = /\/locations\/([a-z0-9]{1,40})\//i.exec(address)?.[1]?.toLowerCase();
    if (region !== undefined && write.vm !== null) this.#remember(write.vm, region);
    const told = new Map(
      (header('x-ms-ratelimit-remaining-resource') ?? '').split(',').flatMap(each => {
        const [, name, left] = /^\s*Microsoft\.Compute\/(\w{1,60});(\d{1,9})\s*$/.exec(each) ?? [];
        return name !== undefined && left !== undefined ? [[name, Number(left)] as const] : [];
      }),
    );
    const ofArm = /^\d{1,9}$/.exec(header(`x-ms-ratelimit-remaining-subscription-${write.deletes ? 'deletes' : 'writes'}`) ?? '')?.[0];
    for (const [key, limit, name] of this.#of(write)) {
      const left = name === null ? (ofArm === undefined ? undefined : Number(ofArm)) : told.get(name);
      const bucket = this.#filled(key, limit);
      if (left !== undefined) bucket.level = Math.min(bucket.level, left);
    }
  }

  /** Azure has refused after all: nothing is left for so many service seconds. */
  refused(write: Write, seconds: number): void {
    for (const [key, limit] of this.#of(write).slice(0, 1)) {
      const bucket = this.#filled(key, limit);
      bucket.level = Math.min(bucket.level, limit.reserve);
      bucket.promisedUntil = Math.max(bucket.promisedUntil, this.#now() + (seconds * 1000) / this.#clock.timeScale);
    }
  }

  /** Bucket, limit, and Azure's name for it; the narrowest first. */
  #of({ vm, subscription, kind, deletes }: Write): [key: string, limit: Limit, name: string | null][] {
    const arm: [string, Limit, null] = [`${subscription} ${deletes ? 'deletes' : 'writes'}`, limits.arm, null];
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

/** POSTs that read, or that have limits of their own. */
const otherActions = /\/(retrieveBootDiagnosticsData|checkPolicyRestrictions|connect|resources)$/i;

/** Null = it reads. */
export function writeOf(method: string, path: string): Write | null {
  if (method === 'GET' || method === 'HEAD' || (method === 'POST' && otherActions.test(path))) return null;
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(path)?.[1]?.toLowerCase();
  if (subscription === undefined) return null;
  const [, vm, rest = ''] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+)(\/.*)?$/i.exec(path) ?? [];
  const whole = rest === '';
  const deletes = method === 'DELETE';
  const kind: Kind =
    (whole && deletes) || rest.toLowerCase() === '/deallocate' ? 'DeleteVM' : whole && method === 'PUT' ? 'PutVM' : 'UpdateVM';
  return { subscription, vm: vm?.toLowerCase() ?? null, kind, deletes };
}

/** Throws AzureError (`throttled`, code `Paced`) instead of sending what Azure would refuse. */
export function pacePolicy(pace: Pace): PipelinePolicy {
  return {
    name: 'bootmedicPace',
    async sendRequest(request, next) {
      const write = writeOf(request.method, new URL(request.url).pathname);
      if (write === null) return next(request);
      const wait = pace.take(write);
      if (wait > 0) {
        const message = `held back: ${write.vm?.split('/').at(-1) ?? 'the subscription'} is near Azure’s limit of writes`;
        throw new AzureError({ kind: 'throttled', code: 'Paced', message, retryAfterSeconds: Math.ceil(wait) });
      }
      const answer = await next(request);
      const header = (name: string) => answer.headers.get(name);
      pace.note(write, header);
      if (answer.status === 429) pace.refused(write, retryAfter(header) ?? 1);
      return answer;
    },
  };
}
