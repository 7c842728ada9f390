import { z } from 'zod';
import { fail } from '../../azure/errors.ts';
import { sameId } from '../../azure/ids.ts';
import type { Vm } from '../../azure/vms.ts';
import { lookAtBoot, readSerialLog } from '../../diagnosis/index.ts';
import type { Activity } from './activity.ts';
import { lookAtConsole } from './console.ts';
import type { Evidence, InterruptEnd } from './contract.ts';
import { existing } from './ensurePoweredOff.ts';
import { keep, seen } from './evidence.ts';
import { presentOf } from './facts.ts';
import type { Tools } from './tools.ts';

/** Service seconds in which COM1 is listened to, before and afterwards: a stop is told at once. */
const listening = { before: 10, after: 30 };

const noteSchema = z.object({ at: z.string(), refused: z.object({ message: z.string(), remedy: z.string() }).nullable() });
const byHand =
  'Send it by hand while the VM hangs: portal, the VM, Serial console, keyboard icon, Send Non-Maskable Interrupt; then start the repair again.';

/** Looks first, notes it, and only then sends it: whatever breaks in between, no boot is interrupted twice. */
export const interruptVm: Activity<'interruptVm'> = async ({ vm, startedAt, osDiskId }, tools) => {
  const { azure, clock } = tools;
  const at = clock.now().toISOString();
  const no = (why: string, remedy: string | null): InterruptEnd => ({ at, sent: 'no', why, remedy, evidence: [] });
  const note = new Note(tools, vm.name, startedAt);
  const before = await note.read(at);
  if (before?.refused) return no(before.refused.message, before.refused.remedy);
  if (before !== undefined) return interrupted(before.at, 'unknown', 'it was about to be sent when the host broke down', []);

  const present = await existing(azure.vms.get(vm.id), vm.id);
  const against = reasonAgainst(present, osDiskId);
  if (against !== null) return no(...against);
  const { observation } = await lookAtConsole({ ...vm, ...presentOf(present, null) }, startedAt, tools, 'throw');
  const sight = lookAtBoot({ ...observation, startedAt });
  if (!sight.stuck) return no(`it has moved meanwhile: ${sight.summary}`, null);

  const end = await azure.serialConsole.interrupt(vm.id, listening, async heard => {
    const against = lifeIn(heard);
    if (against === null) await note.make(at);
    return against;
  });
  if (end.sent === 'withheld') return no(`it has moved meanwhile: ${end.why}`, null);
  if (end.sent === 'no') {
    const { code, message, remedy } = end.refusal;
    const refused = { message: `${code}: ${message}`, remedy: `${remedy} ${byHand}` };
    await note.refuse(at, refused);
    return no(refused.message, refused.remedy);
  }
  return interrupted(at, end.sent, end.fault?.message ?? 'the serial console has taken it', await kept(end.heard, startedAt, tools));
};

function interrupted(at: string, sent: 'yes' | 'unknown', how: string, evidence: Evidence[]): InterruptEnd {
  const what =
    sent === 'yes'
      ? 'a non-maskable interrupt was sent to Windows, which hung'
      : 'a non-maskable interrupt may have been sent to Windows, which hung, and is not sent again';
  return { at, sent, why: `${what}: ${how}`, remedy: null, evidence };
}

/** What COM1 has just said, and the picture does not show yet. */
export function lifeIn(heard: string): string | null {
  const { failure, progress } = readSerialLog(heard);
  if (failure !== null) return `COM1 tells of ${failure.entry.title}`;
  return progress === 'services' ? 'COM1 says that the services run' : null;
}

function reasonAgainst(vm: Vm, osDiskId: string): [why: string, remedy: string | null] | null {
  if (!sameId(vm.osDisk.id, osDiskId)) return [`${vm.name} runs on ${vm.osDisk.name} now: somebody else is at work`, null];
  if (vm.power !== 'running') return [`${vm.name} is ${vm.power}`, null];
  if (vm.bootDiagnostics === 'off') return ['its boot diagnostics are off', `Turn them on (az vm boot-diagnostics enable). ${byHand}`];
  return null;
}

async function kept(heard: string, since: string, tools: Tools & { repairId: string }): Promise<Evidence[]> {
  if (heard.trim() === '') return [];
  const at = tools.clock.now().toISOString();
  return keep([seen('serial-log', { bytes: Buffer.from(heard, 'latin1'), at, type: ['text/plain', 'log'], excerpt: heard }, since)], tools);
}

/** `records/<repair>/operations/interrupt-<VM>-<start of the boot>.json`. */
class Note {
  readonly #blobs: Tools['azure']['blobs'];
  readonly #name: string;

  constructor({ azure, repairId }: Tools & { repairId: string }, vm: string, startedAt: string) {
    this.#blobs = azure.blobs;
    this.#name = `${repairId}/operations/interrupt-${`${vm}-${startedAt}`.replaceAll(/[^\w-]+/g, '-')}.json`;
  }

  /** One that somebody has damaged says that there was one: it may have been sent, and is not sent again. */
  async read(now: string): Promise<z.infer<typeof noteSchema> | undefined> {
    const bytes = await this.#blobs.get('records', this.#name);
    if (bytes === undefined) return undefined;
    try {
      return noteSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
      return { at: now, refused: null };
    }
  }

  /** @throws when somebody else was faster: one of two that run beside each other sends it */
  async make(at: string): Promise<void> {
    if (!(await this.#blobs.create('records', this.#name, JSON.stringify({ at, refused: null }), 'application/json')))
      throw fail('conflict', 'interruptUnderWay', 'this interrupt is being sent already');
  }

  async refuse(at: string, { message, remedy }: { message: string; remedy: string }): Promise<void> {
    await this.#blobs.put('records', this.#name, JSON.stringify({ at, refused: { message, remedy } }), 'application/json');
  }
}
