import { createHash } from 'node:crypto';
import { fail, withoutQueries } from '../../azure/errors.ts';
import { busy, failed, idle, type Look, reached } from '../../azure/operations.ts';
import { scriptSpan } from '../../azure/pace.ts';
import type { NewRunCommand, RunCommand } from '../../azure/runCommands.ts';
import type { Identity } from '../../azure/vms.ts';
import { type BundledScript, bundleOperatorScript, operatorScriptId, parseResult, scriptText, sha256Of } from '../../playbooks/index.ts';
import { scriptManifest } from '../../playbooks/manifest.ts';
import type { ScriptId } from '../../playbooks/types.ts';
import type { Activity } from './activity.ts';
import type { ScriptEnd, ScriptRun } from './contract.ts';
import { existing } from './ensurePoweredOff.ts';
import type { Tools } from './tools.ts';

const PROGRESS = 'BOOTMEDIC-PROGRESS ';

/** Of a log, bytes. What counts (progress, the result, the last lines) stands at its end, and a guest may flood the rest. */
const logTail = 256 * 1024;

/**
 * One run of a script on the repair VM, by a managed run command of the run's name. It goes away with the VM. What a script
 * did is its result line's to say, if that carries this run's token; exit codes and texts say nothing.
 */
export const ensureScript: Activity<'ensureScript'> = async (run, tools) => {
  const { azure } = tools;
  const ended = await azure.operations.reach({
    operation: `script ${run.run}`,
    span: scriptSpan(run.usualSeconds ?? 60),
    onlyOurs: true,
    async look(askedAt): Promise<Look<RunCommand>> {
      const command = await azure.runCommands.get(run.repairVmId, run.run);
      if (command === undefined) return askedAt === null ? idle : await unseen(run, askedAt, tools);
      const begun = command.startedAt !== null;
      if (isOver(command) && (begun || command.provisioning !== 'failed')) return reached(command);
      if (command.provisioning !== 'failed') return busy(command.execution);
      // It never reached the guest. Told once, then tried again.
      return askedAt === null ? idle : failed({ kind: 'transient', code: 'runCommandFailed', message: withoutQueries(command.message) });
    },
    async start() {
      const vm = await existing(azure.vms.identity(run.repairVmId), run.repairVmId);
      return azure.runCommands.create(vm.id, run.run, await commandOf(run, vm, tools));
    },
    change: () => ({ after: `${run.script} in mode ${run.mode}, SHA-256 ${hashOf(run).slice(0, 12)}` }),
  });
  if (!ended.done) {
    const said = progressOf(await lastOfLog(run, tools));
    return said === '' ? ended : { ...ended, awaiting: `${ended.awaiting}: ${said}` };
  }
  const vm = await existing(azure.vms.identity(run.repairVmId), run.repairVmId);
  return { done: true, value: endOf(run, ended.value, await lastOfLog(run, tools), vm, tools) };
};

/** Seconds after which a run command that was accepted and is not to be seen has been taken away. */
const unseenFor = 600;

/** It may be at work in the guest all the same: a second one beside it would work on the same disk. */
async function unseen({ run, repairVmId }: ScriptRun, askedAt: string, { azure, clock }: Tools): Promise<Look<RunCommand>> {
  await existing(azure.vms.get(repairVmId), repairVmId);
  if (clock.since(askedAt) < unseenFor) return busy('accepted, and not to be seen');
  throw fail('fatal', 'runCommandGone', `Azure accepted ${run} and does not show it any more; whether it ran is not known`);
}

/** '' = there is none yet. */
async function lastOfLog(run: ScriptRun, { azure, repairId }: Tools & { repairId: string }): Promise<string> {
  const log = logOf(repairId, run);
  const size = (await azure.blobs.properties('records', log))?.size ?? 0;
  if (size === 0) return '';
  const offset = Math.max(0, size - logTail);
  return new TextDecoder().decode(await azure.blobs.slice('records', log, { offset, count: size - offset }));
}

/** The last line with which a script that is still at work told how far it is; cut, because it comes from a guest. */
function progressOf(log: string): string {
  const said = log.split('\n').findLast(line => line.startsWith(PROGRESS)) ?? '';
  return said
    .slice(PROGRESS.length)
    .replaceAll(/[^\x20-\x7e]/g, '')
    .slice(0, 120);
}

function isOver({ execution }: RunCommand): boolean {
  return execution !== 'pending' && execution !== 'running';
}

async function commandOf(run: ScriptRun, vm: Identity, { azure, repairId }: Tools & { repairId: string }): Promise<NewRunCommand> {
  const log = logOf(repairId, run);
  // The guest may write for as long as the script may run, and the dump is uploaded in that time too.
  const hours = Math.max(4, Math.ceil(run.timeoutSeconds / 3600) + 1);
  return {
    location: vm.location,
    script: await textOf(run, azure),
    parameters: {
      Mode: run.mode,
      ...(run.lun !== null && { Lun: String(run.lun) }),
      Token: tokenOf(repairId, run, vm),
      RepairId: repairId,
      ...run.parameters,
    },
    // One dump a repair, so one blob: what a run that was cut off has sent is there for the next. Writing is all that takes: which
    // blocks have arrived is noted on the repair VM, so a guest cannot read what others put there.
    protectedParameters: run.uploadDump ? { DumpUri: await azure.blobs.delegatedUrl('dumps', `${repairId}/memory.dmp`, 'w', hours) } : {},
    timeoutSeconds: Math.ceil(run.timeoutSeconds),
    outputUrl: await azure.blobs.delegatedUrl('records', log, 'racw', hours),
    errorUrl: await azure.blobs.delegatedUrl('records', `${log}.errors`, 'racw', hours),
  };
}

/**
 * Ours, if it is what the package was built with: its manifest says so, which is a file of its own.
 * @throws Fault `scriptNotInManifest`.
 */
function packaged(script: ScriptId): BundledScript {
  const ours = scriptText(script);
  const built = scriptManifest()[script];
  if (built === ours.sha256) return ours;
  const other = built === undefined ? 'does not name it' : `has ${built.slice(0, 12)}`;
  const message = `${script} has SHA-256 ${ours.sha256.slice(0, 12)}, and the package's manifest ${other}: deploy the package anew`;
  throw fail('fatal', 'scriptNotInManifest', message);
}

/** Exactly the text that was approved: no deployment may have changed ours meanwhile, and nobody the blob of a person's. */
async function textOf({ script, own, sha256 }: ScriptRun, azure: Tools['azure']): Promise<string> {
  if (own === undefined) {
    const ours = packaged(script);
    if (sha256 === undefined || sha256 === ours.sha256) return ours.text;
    const message = `${script} is not what the plan was made with (${sha256.slice(0, 12)}, now ${ours.sha256.slice(0, 12)})`;
    throw fail('fatal', 'scriptChanged', message);
  }
  const bytes = await azure.blobs.get('evidence', own.blob);
  if (bytes === undefined) throw fail('fatal', 'scriptGone', `${own.name}: there is no evidence ${own.blob}`);
  const content = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (sha256Of(content) !== own.sha256) throw fail('fatal', 'scriptChanged', `${own.name} is not the text with SHA-256 ${own.sha256}`);
  // What stands around it is ours.
  packaged(operatorScriptId);
  return bundleOperatorScript(content);
}

const hashOf = ({ own, script }: ScriptRun) => own?.sha256 ?? scriptText(script).sha256;

function logOf(repairId: string, { run }: ScriptRun): string {
  return `${repairId}/scripts/${run}.log`;
}

/**
 * The same whenever it is asked for, so it need not be kept; and nothing on the failed VM's disk can know it: the repair VM's
 * unique id was drawn by Azure after that disk was written, and every run has another token.
 */
function tokenOf(repairId: string, { run }: ScriptRun, vm: Identity): string {
  if (vm.uniqueId === '') throw fail('fatal', 'unexpectedBody', `${vm.id} has no unique id`);
  return createHash('sha256').update(`${repairId} ${run} ${vm.uniqueId}`).digest('hex');
}

function endOf(
  run: ScriptRun,
  command: RunCommand,
  log: string,
  vm: Identity,
  { clock, repairId }: Tools & { repairId: string },
): ScriptEnd {
  const token = tokenOf(repairId, run, vm);
  // The blob may lag behind; the instance view has the last 4 KB, and a result line is shorter than that.
  const result = parseResult(log, token) ?? parseResult(command.output, token);
  const endedAt = command.endedAt ?? clock.now().toISOString();
  return {
    run: run.run,
    script: run.script,
    scriptSha256: hashOf(run),
    startedAt: command.startedAt ?? endedAt,
    endedAt,
    result,
    state: stateOf(command),
    exitCode: command.exitCode,
    log: `records/${logOf(repairId, run)}`,
    tail: result === null ? tailOf([log || command.output, command.error, command.message].join('\n')) : '',
  };
}

function stateOf({ execution }: RunCommand): ScriptEnd['state'] {
  return execution === 'pending' || execution === 'running' ? 'failed' : execution;
}

/** The last lines of what a script without a result said: somebody else's text, so cut, without control characters and signatures. */
function tailOf(text: string): string {
  const printable = withoutQueries(text).replaceAll(/[^\P{C}\n]/gu, '');
  return printable.trim().slice(-2000);
}
