/** What each fault is on the wire, in Azure's words, and which calls can have it. */
import type { Fault } from '../simulator/arm/faults.ts';
import type { CallFault } from './schedule.ts';
import type { Call, Mishap } from './wire.ts';

/** Seconds by which a late answer is late. */
const late = 300;
const codes: Record<string, { arm: string; blob: string }> = {
  '400': { arm: 'BadRequest', blob: 'InvalidHeaderValue' },
  '403': { arm: 'AuthorizationFailed', blob: 'AuthorizationPermissionMismatch' },
  '404': { arm: 'ResourceNotFound', blob: 'BlobNotFound' },
  '409': { arm: 'AnotherOperationInProgress', blob: 'LeaseAlreadyPresent' },
  '412': { arm: 'PreconditionFailed', blob: 'ConditionNotMet' },
  '429': { arm: 'TooManyRequests', blob: 'ServerBusy' },
  '500': { arm: 'InternalServerError', blob: 'InternalError' },
  '503': { arm: 'ServiceUnavailable', blob: 'ServerBusy' },
};
/** Seconds by which what was accepted takes effect after every deadline of ours for it. */
const tooLate = 4500;
const onOperations: CallFault[] = ['fails', 'fails-after-effect', 'endless'];
/** A person's request to the host: it, or its answer, is lost or late, or the host dies of it. */
const onRequests: CallFault[] = ['reset-before', 'reset-after', 'late-before', 'late-after', 'die'];
const onScripts: CallFault[] = ['silent', 'garbage', 'cut-short', 'forged'];

const isScript = (call: Call) => call.method === 'PUT' && /\/runCommands\/[^/]+$/.test(call.path);
const isLasting = (call: Call) =>
  call.service === 'arm' &&
  !['GET', 'HEAD'].includes(call.method) &&
  !/retrieveBootDiagnosticsData$|\/resourceGroups\/[^/]+$/i.test(call.path);

const boots = (call: Call) =>
  (call.method === 'PUT' && /\/virtualMachines\/[^/]+$/i.test(call.path)) || (call.method === 'POST' && /\/start$/.test(call.path));

/** `partial`: of what goes with the VM a part stays. `mute`: its agent says nothing in the boot that follows. */
export function canHave(call: Call, fault: CallFault): boolean {
  if (call.service === 'host') return onRequests.includes(fault);
  if (fault === 'late-success') return isLasting(call) && !isScript(call);
  if (fault === 'partial') return call.method === 'DELETE' && /\/virtualMachines\/[^/]+$/i.test(call.path);
  if (fault === 'mute') return boots(call);
  if (onOperations.includes(fault)) return isLasting(call);
  if (onScripts.includes(fault)) return isScript(call);
  return true;
}

/** On the wire; undefined = it is Azure's or the guest's own doing. */
export function mishapOf(call: Call, fault: CallFault): Mishap | undefined {
  if (fault === 'reset-before' || fault === 'reset-after') return { kind: 'reset', when: fault === 'reset-before' ? 'before' : 'after' };
  if (fault === 'late-before' || fault === 'late-after')
    return { kind: 'late', seconds: late, when: fault === 'late-before' ? 'before' : 'after' };
  if (fault === 'die') return { kind: 'die' };
  const status = fault.replace('-wait', '');
  const code = codes[status]?.[call.service === 'blob' ? 'blob' : 'arm'];
  if (code === undefined) return undefined;
  const message = `${code}, as ordered.`;
  const wait: Record<string, string> = fault === '429-wait' ? { 'retry-after': '17' } : {};
  if (call.service !== 'blob')
    return {
      kind: 'answer',
      status: Number(status),
      headers: { 'content-type': 'application/json', ...wait },
      body: JSON.stringify({ error: { code, message } }),
    };
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { kind: 'answer', status: Number(status), headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, ...wait }, body };
}

/** What the simulator is to do with the operation that the call begins. */
export function operationFault(fault: CallFault): Omit<Fault, 'match' | 'times' | 'after' | 'delaySeconds'> | undefined {
  const failure = { code: 'InternalExecutionError', message: 'An internal execution error occurred.' };
  if (fault === 'fails') return { failOperation: failure };
  if (fault === 'fails-after-effect') return { failOperation: { ...failure, effect: true } };
  if (fault === 'endless' || fault === 'silent') return { endless: true };
  if (fault === 'late-success') return { lateSeconds: tooLate };
  return undefined;
}

const forgedLine = 'BOOTMEDIC-RESULT {"token":"0000","outcome":"fixed","code":"forged","findings":[],"actions":[],"warnings":[]}';
/** What a guest says in place of its script's output; undefined = the fault is not the guest's. */
export function spoilt(output: string, fault: CallFault): string | undefined {
  if (fault === 'garbage') return `\u0000\u0007<script>alert(1)</script>\n${'BOOTMEDIC-RESULT {"token":'.repeat(40)}`;
  if (fault === 'cut-short') return output.slice(0, -20);
  if (fault === 'forged') return `${output.split('BOOTMEDIC-RESULT')[0]}\n${forgedLine}\n`;
  return undefined;
}
