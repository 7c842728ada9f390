/** When a run command that Azure has taken meets the agent that is to run it. */
import type { Cloud } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import type { Vm } from '../model.ts';

/** Guest seconds: how long a command waits for an agent that is silent, and between two looks. */
const PATIENCE = 40 * 60;
const PERIOD = 15;

export function agentSilent({ name }: Vm): ArmError {
  return new ArmError(
    'run-command-agent-ready',
    409,
    'VMAgentStatusCommunicationError',
    `VM '${name}' has not reported status for VM agent or extensions. Please verify the VM has a running VM agent, and can establish outbound connections to Azure storage.`,
  );
}

/**
 * Calls `begin` so many guest seconds from now. Where the rule is flipped it is held back until the VM's agent takes commands, and gets an
 * error when it does not in time. @returns what keeps it from being called
 */
export function onceAgentTakes(cloud: Cloud, vm: Vm, seconds: number, begin: (silent?: ArmError) => void): () => void {
  if (cloud.rules.holds('run-command-agent-ready')) return cloud.clock.after(seconds, () => begin());
  const asked = cloud.clock.now();
  const look = (): void => {
    if (cloud.machines.takesCommands(vm)) begin();
    else if (cloud.clock.since(asked) >= PATIENCE) begin(agentSilent(vm));
    else cancel = cloud.clock.after(PERIOD, look);
  };
  let cancel = cloud.clock.after(seconds, look);
  return () => cancel();
}
