import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Durations } from '../durations.ts';
import type { Guesses } from './guesses.ts';
import type { Json, Vm } from './model.ts';
import { groupIdOf, nameOf, sameId, subscriptionOf } from './paths.ts';

/** One entry, before it is put into Azure's words. */
interface Entry {
  id: string;
  at: Date;
  vmId: string;
  operation: string;
  status: string;
  category: 'Administrative' | 'ResourceHealth';
  caller?: string;
  operationId: string;
  correlationId: string;
  properties: Json;
}

export interface Operation {
  /** `start`, `update`, … as the VM's own lock names it. */
  operation: string;
  status: 'Started' | 'Succeeded' | 'Failed';
  at: Date;
  caller: string;
  operationId: string;
  correlationId: string;
}

/** What a query asks for. */
export interface Query {
  subscription: string;
  from: Date;
  to: Date | undefined;
  matches: (entry: { resourceId: string; resourceGroup: string; provider: string; correlationId: string }) => boolean;
}

const WRITES = ['create', 'update'];

/** Azure's activity log of the VMs: the operations that the simulator served, and what its platform did. */
export class ActivityLog {
  readonly #clock: Clock;
  readonly #durations: Durations;
  readonly #rules: Guesses;
  readonly #entries: Entry[] = [];

  constructor(clock: Clock, durations: Durations, rules: Guesses) {
    this.#clock = clock;
    this.#durations = durations;
    this.#rules = rules;
  }

  operation(vm: Vm, { operation, ...more }: Operation): void {
    const verb = WRITES.includes(operation) ? 'write' : operation === 'delete' ? 'delete' : `${operation}/action`;
    const properties = { entity: vm.id, message: `${vm.type}/${verb}` };
    this.#add({ ...more, vmId: vm.id, operation: `${vm.type}/${verb}`, category: 'Administrative', properties });
  }

  /** The host of a VM went down, or was back. */
  health(vm: Vm, at: Date, isDown: boolean, title: string): void {
    this.#add({
      ...{ at, vmId: vm.id, category: 'ResourceHealth', operationId: randomUUID(), correlationId: randomUUID() },
      operation: `Microsoft.Resourcehealth/healthevent/${isDown ? 'Activated' : 'Resolved'}/action`,
      status: isDown ? 'Active' : 'Resolved',
      properties: {
        ...{ title, details: null, type: 'Downtime', cause: 'PlatformInitiated' },
        ...{ currentHealthStatus: isDown ? 'Unavailable' : 'Available', previousHealthStatus: isDown ? 'Available' : 'Unavailable' },
      },
    });
  }

  /** Newest first. */
  find({ subscription, from, to, matches }: Query): Json[] {
    const lag = this.#rules.holds('activity-log-lags') ? this.#durations.typical('activityLog.lag') : 0;
    return (
      this.#entries
        .filter(({ at }) => at >= from && (to === undefined || at <= to) && this.#clock.since(at) >= lag)
        .filter(({ vmId }) => sameId(subscriptionOf(vmId), subscription))
        .filter(({ vmId, operation, correlationId }) =>
          matches({ resourceId: vmId, resourceGroup: nameOf(groupIdOf(vmId)), provider: operation.split('/')[0] ?? '', correlationId }),
        )
        // Of one moment the later entry is the newer one.
        .toReversed()
        .toSorted((a, b) => b.at.getTime() - a.at.getTime())
        .map(entry => this.#view(entry, lag))
    );
  }

  #add(entry: Omit<Entry, 'id'>): void {
    this.#entries.push({ ...entry, id: randomUUID() });
  }

  /** As `learn.microsoft.com/azure/azure-monitor/essentials/activity-log-schema` shows both categories. */
  #view(entry: Entry, lag: number): Json {
    const { id, at, vmId, operation, status, category, caller, operationId, correlationId, properties } = entry;
    const named = (value: string) => ({ value, localizedValue: value });
    const provider = category === 'ResourceHealth' ? 'Microsoft.Resourcehealth/healthevent/action' : 'Microsoft.Compute';
    return {
      ...(caller !== undefined && { caller, authorization: { action: operation, scope: vmId }, claims: { appid: caller } }),
      channels: category === 'ResourceHealth' ? 'Admin, Operation' : 'Operation',
      ...{ correlationId, operationId, properties, eventDataId: id, level: 'Informational', resourceId: vmId },
      eventName: named(status === 'Started' ? 'BeginRequest' : 'EndRequest'),
      ...{ category: named(category), operationName: named(operation), status: named(status), subStatus: named('') },
      ...{ resourceProviderName: named(provider), resourceType: named('Microsoft.Compute/virtualMachines') },
      ...{ resourceGroupName: nameOf(groupIdOf(vmId)), subscriptionId: subscriptionOf(vmId) },
      id: `${vmId}/events/${id}/ticks/${at.getTime()}`,
      eventTimestamp: at.toISOString(),
      submissionTimestamp: this.#clock.plus(at, lag).toISOString(),
    };
  }
}
