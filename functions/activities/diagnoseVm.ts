import { diagnose } from '../../diagnosis/index.ts';
import type { Activity } from './activity.ts';
import { lookAtConsole } from './console.ts';
import { existing } from './ensurePoweredOff.ts';
import { presentOf } from './facts.ts';

/** What the VM shows now, kept as evidence, and what it means. */
export const diagnoseVm: Activity<'diagnoseVm'> = async ({ vm }, tools) => {
  const present = { ...vm, ...presentOf(await existing(tools.azure.vms.get(vm.id), vm.id)) };
  const { observation, keep } = await lookAtConsole(present, present.powerChangedAt, tools);
  return { ...diagnose(observation), evidence: await keep() };
};
