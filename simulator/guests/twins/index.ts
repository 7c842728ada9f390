/**
 * Runs a script by its twin. No Windows is here: for each script that ships there is a twin in terms of the guest's own commands,
 * known by the id in the script's header and the hash of its whole text. Any other script ends as an unknown command does.
 */
import { createHash } from 'node:crypto';
import { Computer } from '../commands/computer.ts';
import type { ScriptEnd, ScriptRun } from '../contract.ts';
import { TIMINGS } from '../timings.ts';
import { bootPolicy } from './bootPolicy.ts';
import { bootSettings } from './bootSettings.ts';
import { checkDisk } from './checkDisk.ts';
import { collectDump } from './collectDump.ts';
import { driverOff } from './driverOff.ts';
import hashes from './hashes.json' with { type: 'json' };
import { makeSafe } from './makeSafe.ts';
import { offlineSfc } from './offlineSfc.ts';
import { bindParameters } from './parameters.ts';
import { pendingXml } from './pendingXml.ts';
import { probe } from './probe.ts';
import { rebuildBcd } from './rebuildBcd.ts';
import { repairBcd } from './repairBcd.ts';
import { replayHives } from './replayHives.ts';
import { restoreRegback } from './restoreRegback.ts';
import { revertServicing } from './revertServicing.ts';
import { safebootOff } from './safebootOff.ts';
import { CutOff, type End, ScriptFailure, Session } from './session.ts';
import { vendorFile } from './vendorFile.ts';

type Twin = (session: Session) => End | Promise<End>;

const TWINS = new Map<string, Twin>([
  ['make-safe', makeSafe],
  ['probe', probe],
  ['boot-settings', bootSettings],
  ['collect-dump', collectDump],
  ['revert-servicing', revertServicing],
  ['offline-sfc', offlineSfc],
  ['boot-policy', bootPolicy],
  ['check-disk', checkDisk],
  ['replay-hives', replayHives],
  ['restore-regback', restoreRegback],
  ['driver-off', driverOff],
  ['vendor-file', vendorFile],
  ['pending-xml', pendingXml],
  ['repair-bcd', repairBcd],
  ['rebuild-bcd', rebuildBcd],
  ['safeboot-off', safebootOff],
]);
const ACCEPTED = new Map(Object.entries(hashes));

/** The id in a script's first line. */
export function scriptIdOf(script: string): string | undefined {
  return /^# bootmedic: id=([a-z-]+);/.exec(script)?.[1];
}

/** SHA-256 of a script's text in UTF-8. */
export function scriptHash(script: string): string {
  return createHash('sha256').update(script, 'utf8').digest('hex');
}

export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  const computer = new Computer(run);
  computer.spend(TIMINGS.command.start);
  const end = (exitCode: number, output: string, error: string): ScriptEnd => ({
    ...{ seconds: computer.seconds, exitCode, output, error },
    ...{ disks: computer.disks, system: computer.system },
  });
  const id = scriptIdOf(run.script);
  const twin = id === undefined ? undefined : TWINS.get(id);
  if (id === undefined || twin === undefined || ACCEPTED.get(id) !== scriptHash(run.script)) return end(1, '', unknown(id, run.script));
  const bound = bindParameters(run.script, run.parameters);
  if ('error' in bound) return end(1, '', `${id}.ps1 : ${bound.error}`);
  const session = new Session(id, bound.values, computer, run);
  try {
    return end(0, session.end(await twin(session)), '');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof CutOff) return { ...end(-1, session.log(''), ''), cutOff: 'system' };
    if (!(error instanceof ScriptFailure)) return end(1, session.log(`unexpected: ${error.message}`), '');
    session.warn(error.message);
    return end(0, session.end({ outcome: 'failed', code: error.code }), '');
  }
}

function unknown(id: string | undefined, script: string): string {
  const name = id ?? script.trimStart().split(/\s/, 1)[0] ?? '';
  return (
    `The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. ` +
    `(The simulated Windows has no twin of this text, SHA-256 ${scriptHash(script)}; see simulator/guests/twins/accept.ts.)`
  );
}
