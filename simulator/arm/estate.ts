import type {
  BackupItem,
  DenyAssignment,
  Disk,
  Grant,
  Lock,
  NetworkResource,
  PolicyRule,
  Resource,
  ResourceGroup,
  RoleAssignment,
  ScaleSet,
  ServiceEvent,
  Snapshot,
  Subscription,
  Vm,
} from './model.ts';
import { groupIdOf } from './paths.ts';

/** Everything that exists, by id without case. */
export class Estate {
  readonly subscriptions = new Map<string, Subscription>();
  readonly groups = new Map<string, ResourceGroup>();
  readonly locks: Lock[] = [];
  readonly denials: DenyAssignment[] = [];
  readonly policies: PolicyRule[] = [];
  readonly scaleSets = new Map<string, ScaleSet>();
  readonly backups: BackupItem[] = [];
  readonly serviceEvents: ServiceEvent[] = [];
  readonly grants: Grant[] = [];
  readonly roleAssignments: RoleAssignment[] = [];
  readonly #resources = new Map<string, Resource>();

  subscription(id: string): Subscription | undefined {
    return this.subscriptions.get(id.toLowerCase());
  }

  group(id: string): ResourceGroup | undefined {
    return this.groups.get(id.toLowerCase());
  }

  get(id: string): Resource | undefined {
    return this.#resources.get(id.toLowerCase());
  }

  vm(id: string): Vm | undefined {
    const resource = this.get(id);
    return resource?.kind === 'vm' ? resource : undefined;
  }

  disk(id: string): Disk | undefined {
    const resource = this.get(id);
    return resource?.kind === 'disk' ? resource : undefined;
  }

  snapshot(id: string): Snapshot | undefined {
    const resource = this.get(id);
    return resource?.kind === 'snapshot' ? resource : undefined;
  }

  network(id: string): NetworkResource | undefined {
    const resource = this.get(id);
    return resource?.kind === 'network' ? resource : undefined;
  }

  /** A disk that must be there, because a VM of the estate owns it. */
  ownedDisk(id: string): Disk {
    const disk = this.disk(id);
    if (disk === undefined) throw new Error(`the estate refers to a disk that is not there: ${id}`);
    return disk;
  }

  put(resource: Resource): void {
    this.#resources.set(resource.id.toLowerCase(), resource);
  }

  delete(id: string): void {
    this.#resources.delete(id.toLowerCase());
  }

  all(): Resource[] {
    return [...this.#resources.values()];
  }

  vms(): Vm[] {
    return this.all().filter(resource => resource.kind === 'vm');
  }

  disks(): Disk[] {
    return this.all().filter(resource => resource.kind === 'disk');
  }

  snapshots(): Snapshot[] {
    return this.all().filter(resource => resource.kind === 'snapshot');
  }

  inGroup(groupId: string): Resource[] {
    return this.all().filter(resource => groupIdOf(resource.id).toLowerCase() === groupId.toLowerCase());
  }
}
