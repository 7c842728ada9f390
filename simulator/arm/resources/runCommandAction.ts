/** The older action: one at a time, the last 4,096 bytes, no cancel. */
import { z } from 'zod';
import { parseBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, invalid } from '../errors.ts';
import { follow } from '../longRunning.ts';
import type { Execution, Json, Vm } from '../model.ts';
import { onceAgentTakes } from './agentWait.ts';
import { checkTakesCommands, DEFAULT_TIMEOUT, Parameter } from './runCommands.ts';
import { startRun } from './scriptRuns.ts';
import { checkIdle, vmOf } from './vmLock.ts';

const Action = z.strictObject({
  commandId: z.enum(['RunPowerShellScript', 'RunShellScript']),
  script: z.array(z.string()),
  parameters: z.array(Parameter).optional(),
});

/** A script that ends by itself has succeeded as an action, whatever its exit code. */
function actionFailure({ executionState, exitCode }: Execution): ArmError | undefined {
  if (executionState !== 'TimedOut' && exitCode !== undefined) return undefined;
  const message =
    'Provisioning of VM extension has timed out. Extension installation may be taking too long, or extension status could not be obtained.';
  return new ArmError('run-command-timed-out', 409, 'VMExtensionProvisioningTimeout', message);
}

/** What the agent says of a script: each stream, or on Linux both in one (`test_vm_run_command_with_parameters`). */
function resultOf(vm: Vm, { output, error }: Execution): Json[] {
  const status = (code: string, message: string) => ({ code, level: 'Info', displayStatus: 'Provisioning succeeded', message });
  if (vm.osDisk.osType === 'Linux')
    return [status('ProvisioningState/succeeded', `Enable succeeded: \n[stdout]\n${output}\n[stderr]\n${error}`)];
  return [status('ComponentStatus/StdOut/succeeded', output), status('ComponentStatus/StdErr/succeeded', error)];
}

function act(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  const { commandId, script, parameters = [] } = parseBody(Action, request.body, cloud);
  const shell = vm.osDisk.osType === 'Linux' ? 'RunShellScript' : 'RunPowerShellScript';
  if (commandId !== shell)
    throw invalid('body-valid', 'commandId', `The entity was not found: command '${commandId}' is not one of this operating system.`);
  checkIdle(vm, 'runCommand');
  if (vm.stopAction !== undefined)
    throw new ArmError(
      'run-command-v1-one',
      409,
      'Conflict',
      'Run command extension execution is in progress. Please wait for completion before invoking a run command.',
    );
  checkTakesCommands(vm, cloud);
  const execution: Execution = { executionState: 'Pending', executionMessage: '', output: '', error: '' };
  const result = () => ({ value: resultOf(vm, execution) });
  const bound = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  const headers = follow(cloud, request, { kind: 'compute', location: vm.location, output: result, result }, end => {
    const settle = (failure = actionFailure(execution)) => {
      delete vm.stopAction;
      end(failure);
    };
    const cancelLaunch = onceAgentTakes(cloud, vm, cloud.durations.sample('vm.runCommandAction'), silent => {
      if (silent !== undefined) return settle(silent);
      const run = startRun(cloud, vm, { script: script.join('\n'), parameters: bound, timeoutSeconds: DEFAULT_TIMEOUT }, execution);
      vm.stopAction = run.stop;
      void run.done.then(() => settle());
    });
    vm.stopAction = reason => {
      cancelLaunch();
      execution.executionState = reason;
      settle();
    };
  });
  return { status: 202, headers: headers.both };
}

export const runCommandActionRoutes: Routes = { 'POST Microsoft.Compute/virtualMachines:runCommand': act };
