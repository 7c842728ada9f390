import { z } from 'zod';
import { checkName, checkTags, Ignored, parseBody, TagsBody } from '../bodies.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError, invalid, notAllowed } from '../errors.ts';
import { follow, runOperation } from '../longRunning.ts';
import type { Json, RunCommand, Vm } from '../model.ts';
import { agentSilent, onceAgentTakes } from './agentWait.ts';
import { type Run, startRun } from './scriptRuns.ts';
import { checkIdle, vmOf } from './vmLock.ts';

const TYPE = 'Microsoft.Compute/virtualMachines/runCommands';
const MAXIMUM = 25;
/** Seconds. */
export const DEFAULT_TIMEOUT = 90 * 60;
const LONGEST_TIMEOUT = 90 * 24 * 3600;

export const Parameter = z.strictObject({ name: z.string(), value: z.string() });
const Properties = z.strictObject({
  source: z.strictObject({ script: z.string() }),
  parameters: z.array(Parameter).optional(),
  protectedParameters: z.array(Parameter).optional(),
  asyncExecution: z.boolean().optional(),
  runAsUser: z.string().optional(),
  runAsPassword: z.string().optional(),
  timeoutInSeconds: z.int().nonnegative().optional(),
  outputBlobUri: z.string().optional(),
  errorBlobUri: z.string().optional(),
  treatFailureAsDeploymentFailure: z.boolean().optional(),
  provisioningState: Ignored,
  instanceView: Ignored,
});
const Body = z.strictObject({
  ...{ id: Ignored, name: Ignored, type: Ignored },
  location: z.string(),
  tags: TagsBody.optional(),
  properties: Properties,
});
const Patch = z.strictObject({ tags: TagsBody.optional(), properties: Properties.partial() });

/** A run command as `GET` shows it: no secret parameter, and the instance view only when asked for. */
function commandBody(command: RunCommand, { rules }: Cloud, withInstanceView = false): Json {
  const {
    id,
    name,
    location,
    tags,
    source,
    parameters,
    asyncExecution,
    timeoutInSeconds,
    provisioningState,
    treatFailureAsDeploymentFailure,
  } = command;
  const shown = (uri: string | undefined) => (rules.holds('run-command-no-secret') ? uri?.split('?')[0] : uri);
  const uris = { outputBlobUri: shown(command.outputBlobUri), errorBlobUri: shown(command.errorBlobUri) };
  return {
    ...{ name, id, type: TYPE, location, ...(tags !== undefined && { tags }) },
    properties: {
      source,
      ...(parameters.length > 0 && { parameters }),
      ...(command.runAsUser !== undefined && { runAsUser: command.runAsUser }),
      timeoutInSeconds,
      ...Object.fromEntries(Object.entries(uris).filter(([, uri]) => uri !== undefined)),
      ...{ provisioningState, asyncExecution },
      ...(treatFailureAsDeploymentFailure !== undefined && { treatFailureAsDeploymentFailure }),
      ...(withInstanceView && { instanceView: command.execution }),
    },
  };
}

function commandOf(request: ArmRequest, cloud: Cloud, vm: Vm): RunCommand {
  const command = vm.runCommands.get(request.name.toLowerCase());
  const code = cloud.rules.holds('child-exists') ? 'NotFound' : 'ResourceNotFound';
  if (command === undefined)
    throw new ArmError('child-exists', 404, code, `The run command '${request.name}' of VM '${vm.name}' is not found.`);
  return command;
}

/** Refuses what a VM's agent could not take. */
export function checkTakesCommands(vm: Vm, cloud: Cloud): void {
  if (vm.power !== 'running') throw notAllowed('run-command-vm-running', 'Cannot modify extensions in the VM when the VM is not running.');
  if (!cloud.machines.takesCommands(vm) && cloud.rules.holds('run-command-agent-ready')) throw agentSilent(vm);
}

function checkTimeout(seconds: number | undefined): number {
  if (seconds !== undefined && seconds > LONGEST_TIMEOUT)
    throw invalid(
      'run-command-timeout',
      'timeoutInSeconds',
      `The value of parameter timeoutInSeconds is invalid: at most ${LONGEST_TIMEOUT}.`,
    );
  return seconds ?? 0;
}

function put(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  const { location, tags, properties } = parseBody(Body, request.body, cloud);
  checkName(request.name, 80);
  if (location !== vm.location)
    throw new ArmError(
      'location-fixed',
      409,
      'InvalidResourceLocation',
      `A run command must be in the location of its VM, '${vm.location}'.`,
    );
  checkIdle(vm, 'runCommand');
  const existing = vm.runCommands.get(request.name.toLowerCase());
  if (existing === undefined && vm.runCommands.size >= MAXIMUM)
    throw notAllowed('run-command-25', `The maximum number of run commands on VM '${vm.name}' is ${MAXIMUM}.`);
  checkTakesCommands(vm, cloud);
  existing?.stop('Canceled');
  const { runAsPassword: _, provisioningState: __, instanceView: ___, ...kept } = properties;
  const command: RunCommand = {
    ...kept,
    ...{ id: request.id, name: request.name, location, ...(tags !== undefined && { tags: checkTags(tags) }) },
    provisioningState: existing === undefined ? 'Creating' : 'Updating',
    parameters: properties.parameters ?? [],
    protectedParameters: properties.protectedParameters ?? [],
    asyncExecution: properties.asyncExecution ?? false,
    timeoutInSeconds: checkTimeout(properties.timeoutInSeconds),
    execution: { executionState: 'Pending', executionMessage: '', output: '', error: '' },
    stop: () => {},
  };
  vm.runCommands.set(request.name.toLowerCase(), command);
  return launch(request, cloud, vm, command, existing === undefined ? 201 : 200);
}

function patch(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  const existing = commandOf(request, cloud, vm);
  const { tags, properties } = parseBody(Patch, request.body, cloud);
  checkIdle(vm, 'runCommand');
  checkTakesCommands(vm, cloud);
  existing.stop('Canceled');
  const { runAsPassword: _, provisioningState: __, instanceView: ___, ...kept } = properties;
  const command: RunCommand = {
    ...existing,
    ...kept,
    ...(tags !== undefined && { tags: checkTags(tags) }),
    timeoutInSeconds: checkTimeout(properties.timeoutInSeconds ?? existing.timeoutInSeconds),
    provisioningState: 'Updating',
    execution: { executionState: 'Pending', executionMessage: '', output: '', error: '' },
  };
  vm.runCommands.set(request.name.toLowerCase(), command);
  return launch(request, cloud, vm, command, 200);
}

/** The operation ends when the script has begun (`asyncExecution`), else when it has ended. */
function launch(request: ArmRequest, cloud: Cloud, vm: Vm, command: RunCommand, status: number): ArmResponse {
  const headers = follow(cloud, request, { kind: 'compute', location: vm.location }, end => {
    let open = true;
    const settle = (error?: ArmError) => {
      if (!open) return;
      open = false;
      command.provisioningState = error === undefined ? 'Succeeded' : 'Failed';
      end(error);
    };
    const { failOperation, endless } = request;
    const begun = endless ? Number.MAX_SAFE_INTEGER : cloud.durations.sample('runCommand.create');
    const cancelLaunch = onceAgentTakes(cloud, vm, begun, silent => {
      if (failOperation !== undefined) {
        command.execution.executionState = 'Failed';
        settle(new ArmError('run-command-agent-ready', 409, failOperation.code, failOperation.message));
        return;
      }
      if (silent !== undefined) {
        command.execution.executionState = 'Failed';
        settle(silent);
        return;
      }
      const run = startRun(cloud, vm, specOf(command), command.execution);
      command.stop = run.stop;
      if (command.asyncExecution) settle();
      void run.done.then(() => settle(deploymentFailure(command)));
    });
    command.stop = reason => {
      cancelLaunch();
      command.execution.executionState = reason;
      settle(
        reason === 'Failed'
          ? new ArmError('run-command-vm-running', 409, 'OperationNotAllowed', 'The VM was stopped before the script began.')
          : undefined,
      );
    };
  });
  return { status, headers: headers.asyncOperation, body: commandBody(command, cloud) };
}

function specOf(command: RunCommand): Run {
  const parameters = Object.fromEntries([...command.parameters, ...command.protectedParameters].map(({ name, value }) => [name, value]));
  return {
    script: String(command.source.script),
    parameters,
    timeoutSeconds: command.timeoutInSeconds || DEFAULT_TIMEOUT,
    ...(command.outputBlobUri !== undefined && { outputBlobUri: command.outputBlobUri }),
    ...(command.errorBlobUri !== undefined && { errorBlobUri: command.errorBlobUri }),
  };
}

function deploymentFailure(command: RunCommand): ArmError | undefined {
  const { executionState, executionMessage } = command.execution;
  if (command.treatFailureAsDeploymentFailure !== true || executionState === 'Succeeded') return undefined;
  return new ArmError(
    'run-command-timed-out',
    409,
    'VMExtensionProvisioningError',
    `Run command '${command.name}' ended ${executionState}: ${executionMessage}`,
  );
}

function remove(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmOf(request, cloud);
  const command = vm.runCommands.get(request.name.toLowerCase());
  if (command === undefined) return { status: 204 };
  checkIdle(vm, 'runCommand');
  command.stop('Canceled');
  command.provisioningState = 'Deleting';
  const headers = runOperation(cloud, request, {
    kind: 'compute',
    location: vm.location,
    seconds: cloud.durations.sample('runCommand.delete'),
    complete: () => {
      if (vm.runCommands.get(request.name.toLowerCase()) === command) vm.runCommands.delete(request.name.toLowerCase());
    },
    undo: () => {
      command.provisioningState = 'Failed';
    },
  });
  return { status: 202, headers: headers.both };
}

function get(request: ArmRequest, cloud: Cloud): ArmResponse {
  const command = commandOf(request, cloud, vmOf(request, cloud));
  return { status: 200, body: commandBody(command, cloud, request.query.get('$expand')?.toLowerCase() === 'instanceview') };
}

export const runCommandRoutes: Routes = {
  [`GET ${TYPE}`]: get,
  [`LIST ${TYPE}`]: (request, cloud) => ({
    status: 200,
    body: { value: [...vmOf(request, cloud).runCommands.values()].map(command => commandBody(command, cloud)) },
  }),
  [`PUT ${TYPE}`]: put,
  [`PATCH ${TYPE}`]: patch,
  [`DELETE ${TYPE}`]: remove,
};
