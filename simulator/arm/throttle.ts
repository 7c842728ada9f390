import type { Clock } from '../clock.ts';
import { ArmError } from './errors.ts';
import { subscriptionOf } from './paths.ts';

/** A token bucket: `perMinute` tokens flow in each guest minute, at most `burst` lie in it. */
interface Limit {
  name: string;
  perMinute: number;
  burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: Date;
}

/** The limits of `learn.microsoft.com/azure/virtual-machines/compute-throttling-limits`: a class of calls is counted per resource and per subscription. */
const COMPUTE = {
  put: [limit('PutVMResource', 4, 12), limit('PutVMSubscriptionMaximum', 500, 1500)],
  update: [limit('UpdateVMResource', 4, 12), limit('UpdateVMSubscriptionMaximum', 500, 1500)],
  delete: [limit('DeleteVMResource', 4, 12), limit('DeleteVMSubscriptionMaximum', 500, 1500)],
  get: [limit('LowCostGetResource', 12, 36), limit('LowCostGetSubscriptionMaximum', 8000, 24_000)],
  operation: [limit('GetOperationResource', 15, 45), limit('GetOperationSubscriptionMaximum', 5000, 15_000)],
  list: [limit('HighCostGetSubscriptionMaximum', 300, 900)],
  diskList: [limit('HighCostGet3Min', 240 / 3, 240), limit('HighCostGet30Min', 1920 / 30, 1920)],
  diskOperation: [limit('GetOperation3Min', 50_000 / 3, 50_000), limit('GetOperation30Min', 400_000 / 30, 400_000)],
  diskAccess: [limit('HighCostDiskHydrate3Min', 1000 / 3, 1000), limit('HighCostDiskHydrate30Min', 8000 / 30, 8000)],
  diskPut: [limit('CreateUpdateDisks3Min', 1000, 3000), limit('CreateUpdateDisks30Min', 25_000 / 30, 25_000)],
  diskGet: [limit('LowCostGet3Min', 5000, 15_000), limit('LowCostGet30Min', 4000, 120_000)],
  diskDelete: [limit('DeleteDisks3Min', 1000, 3000), limit('DeleteDisks30Min', 25_000 / 30, 25_000)],
  snapshotPut: [limit('HighCostSnapshotCreateHydrate3Min', 1000 / 3, 1000), limit('HighCostSnapshotCreateHydrate30Min', 8000 / 30, 8000)],
} satisfies Record<string, Limit[]>;

export type ComputeClass = keyof typeof COMPUTE;

/** `learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling`. */
const ARM = {
  writes: limit('writes', 600, 200),
  deletes: limit('deletes', 600, 200),
  reads: limit('reads', 1500, 250),
  /** Over all regions, fifteen times as much (recorded: 2,999 left after one). */
  globalWrites: limit('global-writes', 9000, 3000),
};

/** `learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests`: 15 queries in 5 seconds. */
const GRAPH = limit('resource graph', 180, 15);

function limit(name: string, perMinute: number, burst: number): Limit {
  return { name, perMinute, burst };
}

/** All buckets. Refills run at the clock's scale, so that a scaled client meets the same walls as a real one. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one call against ARM's limit of a subscription. @returns the headers of what is left */
  arm(subscription: string, method: string): Record<string, string> {
    const kind = method === 'DELETE' ? 'deletes' : method === 'GET' || method === 'HEAD' ? 'reads' : 'writes';
    const taken = this.#take(`arm/${subscription}/${kind}`.toLowerCase(), ARM[kind]);
    const headers: Record<string, string> = { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(taken.left) };
    if (kind === 'writes') headers['x-ms-ratelimit-remaining-subscription-global-writes'] = this.#globalWrites(subscription);
    if (taken.wait === undefined) return headers;
    throw new ArmError(
      'arm-throttled',
      429,
      'SubscriptionRequestsThrottled',
      `Number of ${kind} for subscription '${subscription}' exceeded the limit. Please try again after '${taken.wait}' seconds.`,
      {
        headers: { ...headers, 'Retry-After': taken.wait },
      },
    );
  }

  /** Counts one query of Resource Graph. */
  graph(): Record<string, string> {
    const { left, wait } = this.#take('graph', GRAPH);
    const headers = { 'x-ms-user-quota-remaining': String(left), 'x-ms-user-quota-resets-after': '00:00:05' };
    if (wait === undefined) return headers;
    const message =
      'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed.';
    throw new ArmError('graph-throttled', 429, 'RateLimiting', message, { headers: { ...headers, 'Retry-After': wait } });
  }

  /** What is left over all regions; a region's own limit is always met first. */
  #globalWrites(subscription: string): string {
    return String(this.#take(`arm/${subscription}/global-writes`.toLowerCase(), ARM.globalWrites).left);
  }

  /** Counts one call against a class of Compute's limits. @param key what the per-resource bucket belongs to: a VM's id, an operation's */
  compute(kind: ComputeClass, key: string): Record<string, string> {
    const subscription = subscriptionOf(key);
    const taken = COMPUTE[kind].map(limit => {
      const owner = limit.name.endsWith('Resource') ? key : subscription;
      return { limit, ...this.#take(`${limit.name}/${owner}`.toLowerCase(), limit) };
    });
    const remaining = taken.map(({ limit, left }) => `Microsoft.Compute/${limit.name};${left}`).toReversed();
    const headers = { 'x-ms-ratelimit-remaining-resource': remaining.join(','), 'x-ms-request-charge': '1' };
    const refused = taken.find(({ wait }) => wait !== undefined);
    if (refused?.wait === undefined) return headers;
    throw new ArmError(
      'compute-throttled',
      429,
      'OperationNotAllowed',
      'The server rejected the request because too many requests have been received for this subscription.',
      {
        target: refused.limit.name,
        headers: { ...headers, 'Retry-After': refused.wait },
      },
    );
  }

  #take(key: string, { perMinute, burst }: Limit): { left: number; wait?: string } {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledAt: now };
    const refill = (this.#clock.since(bucket.filledAt) * perMinute) / 60;
    const tokens = Math.min(burst, bucket.tokens + refill);
    const allowed = tokens >= 1;
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, filledAt: now });
    if (allowed) return { left: Math.floor(tokens - 1) };
    return { left: 0, wait: this.#clock.retryAfter(((1 - tokens) * 60) / perMinute) };
  }
}
