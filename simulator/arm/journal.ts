import type { RuleId } from './rules.ts';

/** One write that reached the gateway. Bodies are not kept: they hold passwords and SAS. */
export interface WriteEntry {
  at: string;
  method: string;
  path: string;
  /** e.g. `PUT Microsoft.Compute/disks`. */
  operation: string;
  status: number;
  correlationId: string;
  code?: string;
}

/** Something the simulator allowed although Azure's pages disagree on it. */
export interface Breach {
  at: string;
  rule: RuleId;
  resourceId: string;
  correlationId: string;
}

/** POSTs that change nothing: Azure has no other way to ask. */
const READING_POSTS = [
  ':retrievebootdiagnosticsdata',
  'microsoft.serialconsole/serialports:connect',
  'microsoft.resourcegraph/:resources',
  'microsoft.policyinsights/:checkpolicyrestrictions',
];

/** What clients did: counts, writes, breaches. */
export class Journal {
  readonly calls = new Map<string, number>();
  readonly writes: WriteEntry[] = [];
  readonly breaches: Breach[] = [];
  /** How often each rule refused. */
  readonly refusals = new Map<RuleId, number>();
  /** Every action that was allowed, as `action scope`: a resource group, a subscription, or `/`. */
  readonly actions = new Set<string>();

  record(entry: WriteEntry): void {
    this.calls.set(entry.operation, (this.calls.get(entry.operation) ?? 0) + 1);
    const reads = ['GET', 'HEAD'].includes(entry.method) || READING_POSTS.some(action => entry.operation.toLowerCase().endsWith(action));
    if (!reads) this.writes.push(entry);
  }

  act(action: string, path: string): void {
    const scope = path
      .split('/')
      .slice(0, /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.test(path) ? 5 : 3)
      .join('/');
    this.actions.add(`${action} ${/^\/subscriptions\//i.test(scope) ? scope : '/'}`);
  }

  refuse(rule: RuleId): void {
    this.refusals.set(rule, (this.refusals.get(rule) ?? 0) + 1);
  }

  breach(rule: RuleId, resourceId: string, correlationId: string): void {
    this.breaches.push({ at: new Date().toISOString(), rule, resourceId, correlationId });
  }
}
