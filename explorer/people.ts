/** What people do to the VM meanwhile, as another client of Azure's: with a token of their own, and refused where Azure refuses. */
import type { Cloud } from '../simulator/arm/cloud.ts';
import { answer } from '../simulator/arm/gateway.ts';
import type { Act } from './schedule.ts';
import type { Watch } from './watch.ts';

/** The resource group of an id. */
export const groupOf = (id: string) => id.split('/').slice(0, 5).join('/');
const correlationOf = (act: Act, n: number) => `by-person-${n}-${act}`;

/** What a person did by the write of this correlation id; undefined = it was not a person's. */
export function actOf(correlationId: string): Act | undefined {
  return /^by-person-\d+-(.+)$/.exec(correlationId)?.[1] as Act | undefined;
}

const versionFor = (id: string) =>
  /\/(disks|snapshots)\//.test(id) ? '2025-01-02' : /\/resourceGroups\/[^/]+$/.test(id) ? '2022-09-01' : '2025-04-01';

export class People {
  readonly #cloud: Cloud;
  readonly #watch: Watch;
  #acts = 0;

  constructor(cloud: Cloud, watch: Watch) {
    this.#cloud = cloud;
    this.#watch = watch;
  }

  async act(act: Act): Promise<void> {
    const { vmId, originalId } = this.#watch;
    const group = groupOf(vmId);
    const vm = (method: string, action = '', body?: unknown) => this.#send(act, method, vmId + action, body);
    const orders: Record<Act, () => unknown> = {
      start: () => vm('POST', '/start'),
      powerOff: () => vm('POST', '/powerOff'),
      deallocate: () => vm('POST', '/deallocate'),
      retag: () => vm('PATCH', '', { tags: { touched: 'by a person' } }),
      resize: () => vm('PATCH', '', { properties: { hardwareProfile: { vmSize: 'Standard_D8s_v5' } } }),
      snapshot: () => this.#send(act, 'PUT', `${group}/providers/Microsoft.Compute/snapshots/before-the-weekend`, this.#snapshot()),
      'swap-back': () => vm('PATCH', '', osDisk(originalId)),
      'swap-own': () => vm('PATCH', '', osDisk(this.#ownDisk())),
      'delete-vm': () => vm('DELETE'),
      'delete-copy': () => this.#delete(act, this.#ours('-disk')),
      'delete-original': () => this.#delete(act, originalId),
      'delete-repair-vm': () => this.#delete(act, this.#ours('-vm')),
      'delete-group': () => this.#send(act, 'DELETE', group),
    };
    await orders[act]();
  }

  async #send(act: Act, method: string, id: string, body?: unknown): Promise<unknown> {
    const token = this.#cloud.identity.issue('https://management.azure.com')?.access_token ?? '';
    const headers = { authorization: `Bearer ${token}`, 'x-ms-correlation-request-id': correlationOf(act, ++this.#acts) };
    return answer(this.#cloud, { method, url: `${id}?api-version=${versionFor(id)}`, headers, body }, undefined);
  }

  #delete(act: Act, id: string | undefined): unknown {
    return id === undefined ? undefined : this.#send(act, 'DELETE', id);
  }

  #ours(ending: string): string | undefined {
    return this.#cloud.estate.all().find(({ id }) => id.endsWith(ending) && !this.#watch.before.has(id.toLowerCase()))?.id;
  }

  #snapshot(): unknown {
    const { location } = this.#watch.vm ?? { location: 'westeurope' };
    const creationData = { createOption: 'Copy', sourceResourceId: this.#watch.vm?.osDisk.diskId };
    return { location, sku: { name: 'Standard_LRS' }, properties: { incremental: true, creationData } };
  }

  /** A disk that somebody has restored from a backup of their own: it is just there. */
  #ownDisk(): string {
    const { original, originalId } = this.#watch;
    const id = `${originalId}-restored`;
    if (original && this.#cloud.estate.disk(id) === undefined) {
      const { managedBy: _, ...free } = original;
      this.#cloud.estate.put({ ...free, id, name: `${original.name}-restored`, tags: {}, uniqueId: crypto.randomUUID() });
    }
    return id;
  }
}

const osDisk = (id: string) => ({ properties: { storageProfile: { osDisk: { name: id.split('/').at(-1), managedDisk: { id } } } } });
