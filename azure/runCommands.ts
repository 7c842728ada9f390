/**
 * Managed Run Command: a script in a guest, with a deadline of its own and its output in append blobs. There is no DELETE: run commands are
 * resources of the repair VM and go with it, which is deleted whatever happens. One by one they would cost as many writes again on a VM that
 * has 4 a minute, the text they keep is no secret, and what is protected Azure shows to nobody.
 */
import { type Accepted, type Arm, submit } from './arm.ts';
import { unlessMissing } from './errors.ts';
import { parseId } from './ids.ts';
import { provisioningOf } from './vms.ts';

export interface NewRunCommand {
  location: string;
  script: string;
  parameters: Record<string, string>;
  /** Never shown by Azure again. */
  protectedParameters: Record<string, string>;
  timeoutSeconds: number;
  /** SAS with `racw`; an existing blob is overwritten. */
  outputUrl: string;
  errorUrl: string;
}

export interface RunCommand {
  /** Of the resource; that the script ended is `execution`'s to say. */
  provisioning: 'succeeded' | 'failed' | 'busy';
  provisioningState: string;
  execution: 'pending' | 'running' | 'succeeded' | 'failed' | 'timed-out' | 'cancelled';
  message: string;
  exitCode: number | null;
  /** The last 4 KB. */
  output: string;
  error: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface RunCommands {
  /** With its instance view; undefined = not there. */
  get(vmId: string, name: string): Promise<RunCommand | undefined>;
  create(vmId: string, name: string, command: NewRunCommand): Promise<Accepted>;
}

export function runCommands(arm: Arm): RunCommands {
  const at = (vmId: string) => {
    const { subscriptionId, resourceGroup, name } = parseId(vmId);
    return { commands: arm.compute(subscriptionId).virtualMachineRunCommands, group: resourceGroup, vm: name };
  };
  return {
    async get(vmId, name) {
      const { commands, group, vm } = at(vmId);
      const found = await unlessMissing(commands.getByVirtualMachine(group, vm, name, { expand: 'instanceView' }));
      if (found === undefined) return undefined;
      const view = found.instanceView;
      return {
        provisioning: provisioningOf(found.provisioningState ?? 'Unknown'),
        provisioningState: found.provisioningState ?? 'Unknown',
        execution: executionOf(view?.executionState),
        message: view?.executionMessage ?? '',
        exitCode: view?.exitCode ?? null,
        output: view?.output ?? '',
        error: view?.error ?? '',
        startedAt: view?.startTime?.toISOString() ?? null,
        endedAt: view?.endTime?.toISOString() ?? null,
      };
    },
    create(vmId, name, command) {
      const { commands, group, vm } = at(vmId);
      const body = {
        location: command.location,
        source: { script: command.script },
        parameters: pairs(command.parameters),
        protectedParameters: pairs(command.protectedParameters),
        asyncExecution: true,
        timeoutInSeconds: command.timeoutSeconds,
        outputBlobUri: command.outputUrl,
        errorBlobUri: command.errorUrl,
      };
      return submit(options => commands.createOrUpdate(group, vm, name, body, options));
    },
  };
}

function pairs(values: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function executionOf(state: string | undefined): RunCommand['execution'] {
  if (state === 'Running') return 'running';
  if (state === 'Succeeded') return 'succeeded';
  if (state === 'Failed') return 'failed';
  if (state === 'TimedOut') return 'timed-out';
  return state === 'Canceled' ? 'cancelled' : 'pending';
}
