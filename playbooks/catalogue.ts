/**
 * The playbooks. A failure mode is a folder with `playbook.ts`, `signature.ts` and `README.md`; it is named here, once, because the deployment
 * bundle follows static imports only (a test fails for a folder that is not named).
 */
import { playbook as badDriver } from './bad-driver/playbook.ts';
import { signature as badDriverSignature } from './bad-driver/signature.ts';
import { playbook as bootConfiguration } from './boot-configuration/playbook.ts';
import { signature as bootConfigurationSignature } from './boot-configuration/signature.ts';
import { playbook as bootPolicy } from './boot-policy/playbook.ts';
import { signature as bootPolicySignature } from './boot-policy/signature.ts';
import { playbook as fileSystem } from './file-system/playbook.ts';
import { signature as fileSystemSignature } from './file-system/signature.ts';
import { playbook as hang } from './hang/playbook.ts';
import { signature as hangSignature } from './hang/signature.ts';
import { playbook as pendingServicing } from './pending-servicing/playbook.ts';
import { signature as pendingServicingSignature } from './pending-servicing/signature.ts';
import { playbook as registryHive } from './registry-hive/playbook.ts';
import { signature as registryHiveSignature } from './registry-hive/signature.ts';
import { playbook as stop0xc000021a } from './stop-0xc000021a/playbook.ts';
import { signature as stop0xc000021aSignature } from './stop-0xc000021a/signature.ts';
import { playbook as stop0xef } from './stop-0xef/playbook.ts';
import { signature as stop0xefSignature } from './stop-0xef/signature.ts';
import type { Playbook, Signature } from './types.ts';

export const playbooks: readonly Playbook[] = [
  stop0xc000021a,
  stop0xef,
  bootConfiguration,
  bootPolicy,
  fileSystem,
  pendingServicing,
  badDriver,
  registryHive,
  hang,
];
export const signatures: readonly Signature[] = [
  stop0xc000021aSignature,
  stop0xefSignature,
  bootConfigurationSignature,
  bootPolicySignature,
  fileSystemSignature,
  pendingServicingSignature,
  badDriverSignature,
  registryHiveSignature,
  hangSignature,
];

/** The playbook that answers a record of the catalogue. */
export function playbookAnswering(record: string): Playbook | undefined {
  return playbooks.find(({ answers }) => answers.includes(record));
}

/** Undefined when there is no such playbook. */
export function playbookById(id: string): Playbook | undefined {
  return playbooks.find(playbook => playbook.id === id);
}
