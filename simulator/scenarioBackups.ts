/** Backups of a scenario's VMs: what a Recovery Services vault holds of them. */
import { z } from 'zod';
import type { Cloud } from './arm/cloud.ts';
import type { Vm } from './arm/model.ts';
import { groupIdOf, nameOf, resourceId, subscriptionOf } from './arm/paths.ts';

export const Backup = z.strictObject({
  vault: z.string().min(1),
  /** Of the vault; the VM's own when absent. */
  resourceGroup: z.string().min(1).optional(),
  policy: z.string().min(1).default('DefaultPolicy'),
  /** How old the newest recovery point is; absent = protected, and never backed up. */
  hoursAgo: z.number().nonnegative().optional(),
  state: z.enum(['IRPending', 'Protected', 'ProtectionError', 'ProtectionStopped', 'ProtectionPaused']).default('Protected'),
  lastStatus: z.enum(['Completed', 'Failed', 'InProgress', 'IRPending']).default('Completed'),
});

/** Names of container and item as Azure makes them: `iaasvmcontainerv2;GROUP;VM`. */
export function addBackup(cloud: Cloud, vm: Vm, backup: z.infer<typeof Backup>): void {
  const group = nameOf(groupIdOf(vm.id));
  const names = `iaasvmcontainerv2;${group};${vm.name}`.toLowerCase();
  const vaultId = resourceId(subscriptionOf(vm.id), backup.resourceGroup ?? group, 'Microsoft.RecoveryServices/vaults', backup.vault);
  cloud.estate.backups.push({
    ...{ vmId: vm.id, vaultId, location: vm.location, policy: backup.policy, state: backup.state, lastStatus: backup.lastStatus },
    id: `${vaultId}/backupFabrics/Azure/protectionContainers/IaasVMContainer;${names}/protectedItems/VM;${names}`,
    ...(backup.hoursAgo !== undefined && { lastRecoveryPoint: new Date(Date.now() - backup.hoursAgo * 3_600_000) }),
  });
}
