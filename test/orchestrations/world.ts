/**
 * Azure reduced to what the runbook can notice: a table of answers with a memory. It interprets a runbook's commands in
 * microseconds, so that thousands of fault schedules can be tried. What Azure really answers is tested in test/end-to-end.
 */

import type {
  Attempt,
  BootSight,
  Diagnosis,
  EvidencePlan,
  Fault,
  Finding,
  InterruptEnd,
  Plan,
  RepairRequest,
  RepairStory,
  Reply,
  ScriptRun,
  VmChange,
  VmFacts,
  VmMark,
} from '../../functions/activities/contract.ts';
import { type AdmissionState, admit, askBreaker, nobody, noteEnd, noteRestart, park, release } from '../../orchestrations/admission.ts';
import { type Incidents, noteTurn, takeTurn } from '../../orchestrations/incidents.ts';
import { Budget } from '../../orchestrations/patience.ts';
import { Cancelled, type Command, type Step } from '../../orchestrations/steps.ts';

export const original = { id: '/disks/original', name: 'original', sizeGb: 127, sku: 'Premium_LRS', diskEncryptionSetId: null };
export const request: RepairRequest = {
  vmId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1',
  mode: 'auto',
  playbook: null,
  consents: [],
  restartFirst: true,
  requestedBy: 'test',
  requestedAt: '2026-01-01T00:00:00.000Z',
  limits: {
    repairsPerVmAndDay: 3,
    repairsAtOnce: 5,
    bootsPerRepair: 3,
    stabilitySeconds: 180,
    silenceSeconds: 1800,
    restartSilenceSeconds: 600,
    patienceSeconds: 28800,
    approvalSeconds: 86400,
    keepDays: 7,
  },
};
const finding: Finding = {
  id: 'azure-0xef',
  title: 't',
  stopCode: '0x000000EF',
  stopName: 'CRITICAL_PROCESS_DIED',
  parameters: [],
  whatFailed: null,
  confidence: 'certain',
  harm: 'low',
  playbook: 'stop-0xef',
  article: 'https://article',
  advice: ['chkdsk <WIN>: /f (Microsoft, on a repair VM)'],
  basis: [],
  contradictions: [],
  evidence: [],
};
const script = (id: ScriptRun['script']) => ({
  script: id,
  mode: 'Repair' as const,
  safety: 'auto_with_snapshot' as const,
  origin: 'doc' as const,
  why: '',
  timeoutSeconds: 600,
});
const collect = { ...script('collect-dump'), unless: 'dump-collected' as const, consent: 'upload-dump', consentRequired: false };
const attempts: Attempt[] = [
  { id: 'revert', title: 'revert servicing', scripts: [collect, script('revert-servicing')], boot: 'if-changed' },
  { id: 'sfc', title: 'offline SFC', scripts: [collect, script('offline-sfc')], boot: 'if-changed' },
  {
    ...{ id: 'write-dump', title: 'let it write a dump', scripts: [], boot: 'for-dump' },
    ifHung: { safety: 'consent', origin: 'doc', why: 'w', consent: 'send-nmi' },
  },
  { id: 'collect', title: 'collect the dump', scripts: [collect], boot: 'never' },
];

export type Deed =
  | 'starts'
  | 'starts-and-stops'
  | 'deallocates'
  | 'swaps'
  | 'swaps-back'
  | 'deletes'
  | 'resizes'
  | 'retags'
  | 'opts-out'
  | 'deletes-original';

export interface Setup {
  /** After which of these scripts (if it ran) the VM boots; null = never. */
  curedBy: ScriptRun['script'] | null;
  mode: 'observe' | 'review' | 'auto';
  powerBefore: 'running' | 'stopped';
  verdict: 'healthy' | 'failing' | 'platform' | 'unknown';
  /** Boot diagnostics are off. Turned on, they show what `verdict` says at once, never, or it is told without them. */
  blind: 'no' | 'until-on' | 'for-ever' | 'needlessly';
  /** Consents that settings or request give. */
  consents: string[];
  probe: 'go' | 'stop' | 'consent';
  /** n-th activity call -> its fault; `after` = the side effect has happened all the same. */
  faults: Map<number, { fault: Fault; after: boolean; times: number }>;
  /** Writes on the VM (by how many of them came before) whose answer is lost, and which act so many seconds later. */
  late: Map<number, number>;
  /** Whether such a write is given up on, or asked for again at once. */
  lateKind: 'fatal' | 'transient';
  /** What somebody does to the VM before the n-th call; what takes two steps ends two calls later. */
  person: { at: number; does: Deed } | null;
  /** Before which command a person cancels. */
  cancelAt: number | null;
  approve: boolean;
  /** Of an offline-sfc; `silent`: the agent stops telling of it. */
  scriptState: 'succeeded' | 'timed-out' | 'cancelled' | 'silent' | 'failed';
  /** Scripts that never end with a result, beside offline-sfc where `scriptState` says so. */
  cutScripts: ScriptRun['script'][];
  /** So many uploads of a dump are cut off. */
  cutUploads: number;
  /** The one restart before a repair. */
  restart: 'off' | 'cures' | 'does-not-cure';
  /** A policy denies what the plan would create. */
  planRefused: boolean;
  /** No playbook answers the finding. */
  byHand: boolean;
  /** Azure Service Health reports a fault of virtual machines in the region, or cannot be read. */
  outage: 'none' | 'active' | 'unread';
  /** What it is after the first diagnosis: it comes up by itself, or begins to update. */
  changesTo: 'healthy' | 'updating' | null;
  /** How many looks show Windows updating before the verdict. */
  updatesFor: number;
  /** Looks before its end at which an update shows a machine that restarts. */
  flickersAt: number | null;
  /** What the console shows after a start instead of an end: life without an agent, or nothing. */
  lives: 'normally' | 'for-ever' | 'not-at-all' | 'switched-off' | 'ready-once' | 'ready-then-stops' | 'hangs' | 'creeps';
  /** What becomes of an interrupt that a guest which hangs is sent. */
  interrupt: 'writes-a-dump' | 'writes-none' | 'is-ignored' | 'is-refused';
}
const setup = (part: Partial<Setup> = {}): Setup => ({
  curedBy: 'offline-sfc',
  mode: 'auto',
  powerBefore: 'running',
  verdict: 'failing',
  blind: 'no',
  consents: [],
  probe: 'go',
  outage: 'none',
  faults: new Map(),
  late: new Map(),
  lateKind: 'fatal',
  person: null,
  cancelAt: null,
  approve: true,
  scriptState: 'succeeded',
  cutScripts: [],
  cutUploads: 0,
  restart: 'off',
  planRefused: false,
  byHand: false,
  changesTo: null,
  updatesFor: 0,
  flickersAt: null,
  lives: 'normally',
  interrupt: 'writes-a-dump',
  ...part,
});

export class World {
  readonly setup: Setup;
  readonly log: string[] = [];
  readonly breaches: string[] = [];
  power: 'running' | 'stopped' | 'deallocated';
  vmIsThere = true;
  originalIsThere = true;
  size = 'z';
  tags = 't';
  /** Moves with every operation on the VM. */
  etag = 0;
  /** Somebody has started it on its original disk. */
  theirs = false;
  startedByThem = false;
  /** The VM ran on its original disk after the copy’s snapshot. */
  stale = false;
  osDisk: string = original.id;
  repairVm = false;
  attached: string | null = null;
  readonly snapshots = new Set<string>();
  readonly disks = new Set<string>();
  /** Copies that hold the cure. */
  readonly curedCopies = new Set<string>();
  /** The repair VM's power, and whether anything still runs there of a script that was cut off. */
  repairVmRuns = false;
  children = false;
  /** LUN of what is attached. */
  lun = -1;
  /** Copies that a script was cut off on. */
  readonly spoilt = new Set<string>();
  /** The runs of scripts, with the disk each ran on. */
  readonly runs: { run: string; script: string; disk: string | null }[] = [];
  /** Copies with a dump of their own boot. */
  readonly dumps = new Set<string>();
  bootedFromRepairDisk = false;
  restarts = 0;
  diagnosticsOn: boolean;
  admission: AdmissionState = nobody;
  /** Interrupts sent, by the start of the boot. */
  readonly interrupts = new Map<string, number>();
  /** Seconds of the clock at which it was stopped by one; it then writes its dump for a minute. */
  #stoppedAt: number | null = null;
  incidents: Incidents = {};
  reports: RepairStory[] = [];
  waited = 0;
  #clock = Date.parse('2026-01-01T00:00:00Z');
  #calls = 0;
  #commands = 0;
  #cancelled = false;
  /** Also where a person cancels in that moment: the runbook cannot know whether it was carried out. */
  #startAsked = false;
  #looks = 0;
  #vmWrites = 0;
  readonly #budgets = { repairing: new Budget(), undoing: new Budget() };
  readonly #pending: { due: number; act: () => void }[] = [];
  readonly #scripts = new Set<string>();
  readonly #uploads: string[] = [];
  /** Run commands of the repair VM: one that is asked for again is not run again. */
  readonly #ends = new Map<string, unknown>();

  constructor(part: Partial<Setup> = {}) {
    this.setup = setup(part);
    this.power = this.setup.powerBefore;
    this.diagnosticsOn = this.setup.blind === 'no';
  }

  run<T>(step: Step<T>): T {
    let next = step.next();
    while (!next.done) {
      const command = next.value;
      if (this.#commands++ > 20_000) throw new Error('the runbook does not end');
      if (this.setup.cancelAt !== null && this.#commands > this.setup.cancelAt) this.#cancelled = true;
      this.#startAsked ||= command.do === 'activity' && command.name === 'ensureStarted';
      const waits = !['now', 'show', 'clock'].includes(command.do);
      next = waits && this.#cancelled && !command.deaf ? step.throw(new Cancelled()) : step.next(this.#answer(command));
    }
    this.#pass(120_000);
    return next.value;
  }

  #answer(command: Command): unknown {
    if (command.do === 'now') return new Date(this.#clock).toISOString();
    if (command.do === 'clock') return this.#clock / 1000;
    if (command.do === 'show') return undefined;
    if (command.do === 'retry' && !this.#budgets[command.deaf ? 'undoing' : 'repairing'].take(command.seconds)) return false;
    if (command.do === 'sleep' || command.do === 'retry') {
      this.#pass(command.seconds * 1000);
      this.waited += command.seconds;
      return command.do === 'retry' ? true : null;
    }
    if (command.do === 'wait') return this.setup.approve ? { event: command.events[0], payload: {} } : null;
    if (command.do === 'ask') return this.#entity(command.operation, command.input);
    return JSON.parse(JSON.stringify(this.activity(command.name, command.input)));
  }

  #entity(operation: string, input: unknown): unknown {
    if (operation === 'release') {
      this.admission = release(this.admission, input as never);
      return {};
    }
    if (operation === 'noteRestart') {
      this.admission = noteRestart(this.admission, input as never);
      return {};
    }
    if (operation === 'noteEnd') {
      this.admission = noteEnd(this.admission, input as never);
      return {};
    }
    if (operation === 'park') {
      this.admission = park(this.admission, input as never);
      return {};
    }
    if (operation === 'noteTurn') {
      this.incidents = noteTurn(this.incidents, input as never);
      return {};
    }
    if (operation === 'takeTurn') {
      const { state, answer } = takeTurn(this.incidents, input as never);
      this.incidents = state;
      return answer;
    }
    if (operation === 'askBreaker') return askBreaker(this.admission, input as never);
    const { state, answer } = admit(this.admission, input as never);
    this.admission = state;
    return answer;
  }

  /** Public for the same table behind real activities on the embedded host (`hostApp.ts`). */
  activity(name: string, input: unknown): Reply<unknown> {
    const planned = [...this.setup.faults.entries()].find(([at, { times }]) => this.#calls >= at && this.#calls < at + times);
    this.#calls++;
    this.#pass(1000);
    this.#person(this.#calls - 1);
    this.log.push(name);
    const gone = !this.vmIsThere && vmCalls.includes(name);
    if (gone) return { ok: false, fault: { kind: 'notFound', code: 'ResourceNotFound', message: 'gone' } };
    const late = this.#late(name, input as Record<string, unknown>);
    if (late) return late;
    if (planned && !planned[1].after) return { ok: false, fault: planned[1].fault };
    const value = this.#carryOut(name, input as Record<string, unknown>);
    this.#answerLost = planned ? name : '';
    if (value && typeof value === 'object' && 'kind' in value) return { ok: false, fault: value as Fault };
    return planned ? { ok: false, fault: planned[1].fault } : { ok: true, value };
  }

  #pass(ms: number): void {
    this.#clock += ms;
    for (const act of this.#pending.filter(({ due }) => due <= this.#clock)) {
      this.#pending.splice(this.#pending.indexOf(act), 1);
      act.act();
    }
  }

  /** The connection broke, and the write acts later: as long as nothing else has been done to the VM, for a swap carries its etag. */
  #late(name: string, input: Record<string, unknown>): Reply<unknown> | undefined {
    if (!['ensureStarted', 'ensureOsDisk', 'ensurePoweredOff'].includes(name)) return undefined;
    const seconds = this.setup.late.get(this.#vmWrites++);
    if (seconds === undefined) return undefined;
    const { etag } = this;
    const act = () => {
      if (name === 'ensureOsDisk' && etag !== this.etag) return;
      if (name === 'ensurePoweredOff') this.#setPower('stopped');
      else this.#carryOut(name, input);
      this.#cameLate = true;
    };
    this.#pending.push({ due: this.#clock + seconds * 1000, act });
    return { ok: false, fault: { kind: this.setup.lateKind, code: 'late', message: 'late' } };
  }

  #person(call: number): void {
    const { person } = this.setup;
    if (person === null || !this.vmIsThere) return;
    const { at, does } = person;
    if (call === at + 2 && does === 'starts-and-stops' && this.power === 'running') this.#setPower('stopped');
    if (call !== at) return;
    this.#cameLate = false;
    if (does === 'starts' || does === 'starts-and-stops') {
      // Before the repair has seen it, or in the very second of its last look (or of a power off whose answer is lost), nobody can tell; nor a start of ours that may come late.
      const ambiguous = this.setup.powerBefore === 'stopped' && this.#startAsked;
      const noticeable = this.log.includes('inspectVm') && !['watchVm', 'ensurePoweredOff'].includes(this.log.at(-1) ?? '') && !ambiguous;
      this.startedByThem = true;
      this.theirs = noticeable && this.power !== 'running' && this.osDisk === original.id;
      this.#setPower('running');
    }
    if (does === 'deallocates') this.#setPower('deallocated');
    if (does === 'swaps') this.osDisk = '/disks/theirs';
    if (does === 'swaps-back') this.osDisk = original.id;
    if (does === 'deletes') {
      this.vmIsThere = false;
      this.osDisk = '';
    }
    if (does === 'resizes') this.size = 'other';
    if (does === 'retags') this.tags = 'other';
    if (does === 'opts-out') this.tags = 'off';
    if (does === 'deletes-original') this.originalIsThere = this.osDisk === original.id;
    this.etag++;
  }

  #setPower(power: World['power']): void {
    if (this.power === power) return;
    this.power = power;
    this.#stoppedAt = null;
    this.etag++;
    this.#looks = 0;
    if (power === 'running' && this.osDisk === original.id && this.snapshots.has('/snapshots/s')) this.stale = true;
  }

  #watch({ since, compare, wanted }: { since: VmMark | null; compare: 'all' | 'identity'; wanted?: object }): {
    mark: VmMark | null;
    changes: VmChange[];
  } {
    const change = (code: VmChange['code'], means: VmChange['means']): VmChange => ({ code, means, what: code, remedy: `r ${code}` });
    if (!this.vmIsThere) return { mark: null, changes: [change('vm-gone', 'hands-off')] };
    const { etag, power, size, osDisk, tags } = this;
    const mark = { at: '', uniqueId: 'u', etag: `${etag}`, operatedAt: null, power, size, osDiskId: osDisk, dataDisks: '', tags };
    if (wanted && tags === 'off') return { mark, changes: [change('opted-out', 'give-back')] };
    const changes: VmChange[] = [];
    if (osDisk === '/disks/theirs') changes.push(change('os-disk-changed', 'hands-off'));
    if (this.#onCopy && !this.originalIsThere) changes.push(change('original-disk-gone', 'hands-off'));
    if (compare === 'identity' || since === null) return { mark, changes };
    const ours = power === 'running' ? 'give-back' : 'nothing';
    if (since.power !== power) changes.push(change(power === 'running' ? 'vm-started' : 'vm-stopped', this.#cameLate ? ours : 'hands-off'));
    if (since.size !== size) changes.push(change('vm-resized', 'give-back'));
    if (since.tags !== tags) changes.push(change('vm-retagged', 'nothing'));
    if (since.etag !== mark.etag && changes.length === 0 && !this.#cameLate) changes.push(change('vm-was-operated', 'hands-off'));
    return { mark, changes };
  }

  #carryOut(name: string, input: Record<string, unknown>): unknown {
    const done = (value: unknown = {}) => ({ done: true, value });
    const at = new Date(this.#clock).toISOString();
    switch (name) {
      case 'measureScopes':
        return { scopes: [{ id: 'group g', what: 'resource group g', size: 100 }] };
      case 'inspectVm':
        return {
          vm: this.#vm(),
          mark: this.#watch({ since: null, compare: 'all' }).mark,
          refusals: [],
          policy: { mode: this.setup.mode, consents: this.setup.consents },
        };
      case 'watchVm':
        return done(this.#watch(input as never));
      case 'diagnoseVm':
        return this.#diagnosis();
      case 'readServiceHealth': {
        const issue = { kind: 'a service issue', trackingId: 'T-1', title: 'Power in a zone', service: 'Virtual Machines' };
        const { outage } = this.setup;
        return { issues: outage === 'active' ? [issue] : [], unread: outage === 'unread' ? 'AuthorizationFailed: no' : '' };
      }
      case 'planEvidence':
        return this.#evidencePlan();
      case 'ensureBootDiagnostics':
        this.#mustBe(this.setup.mode !== 'observe', 'a write in mode observe');
        this.#mustBe(
          this.setup.approve || this.setup.consents.includes('enable-boot-diagnostics'),
          'diagnostics turned on without consent',
        );
        this.diagnosticsOn = true;
        this.etag++;
        return done({ at });
      case 'planRepair':
        return this.#plan(input as never);
      case 'preflightPlan':
        return { refusals: this.setup.planRefused ? [{ code: 'policy-denies', message: 'm.', remedy: 'r' }] : [] };
      case 'ensureRepairGroup':
        return {};
      case 'ensureRepairNetwork':
        return done();
      case 'ensureRepairVm':
        this.repairVm = true;
        this.repairVmRuns = true;
        return done();
      case 'ensureRepairVmDeleted':
        this.repairVm = false;
        this.attached = null;
        this.children = false;
        this.#ends.clear();
        return done();
      case 'ensureScript':
        if (this.setup.scriptState === 'silent' && input.script === 'offline-sfc') {
          this.#cut(input as never);
          return { done: false, checkAfterSeconds: 30, awaiting: 'script (running)' };
        }
        if (!this.#ends.has(String(input.run))) this.#ends.set(String(input.run), this.#script(input as never));
        return done(this.#ends.get(String(input.run)));
      case 'judgeProbe':
        return {
          verdict: this.setup.probe,
          code: 'c',
          reason: 'r',
          remedy: 'm',
          consent: this.setup.probe === 'consent' ? 'domain-controller' : null,
        };
      case 'ensurePoweredOff':
        if (input.vmId === '/vms/repair') return this.#powerOffRepairVm(input.expectedOsDiskId, at);
        return this.#powerOff(input, at);
      case 'ensureSnapshot':
        if (ours(input.snapshotId)) {
          const runs = this.power === 'running';
          this.#mustBe(!runs || this.startedByThem, 'the copy’s snapshot of a running VM');
          this.stale = runs;
        }
        this.snapshots.add(String(input.snapshotId));
        return done();
      case 'ensureRepairDisk':
        this.#mustBe(this.snapshots.has(String(input.snapshotId)), 'copy without a snapshot');
        this.disks.add(String(input.diskId));
        return done();
      case 'ensureAttached':
        this.#mustBe(this.disks.has(String(input.diskId)), 'a disk attached that is not ours');
        this.#mustBe(this.osDisk !== input.diskId, 'an OS disk attached elsewhere');
        this.#mustBe(this.attached === null || this.attached === input.diskId, 'two disks on one LUN');
        this.#mustBe(!this.children, 'a copy attached beside what a script has left running');
        this.#mustBe(this.repairVmRuns, 'a disk attached to a repair VM that is off');
        this.attached = String(input.diskId);
        this.lun = Number(input.lun);
        return done();
      case 'ensureDetached':
        if (this.attached === input.diskId) this.attached = null;
        return done();
      case 'ensureOsDisk':
        return this.#swap(input as never);
      case 'ensureStarted':
        if (input.vmId === '/vms/repair') {
          this.#mustBe(input.withAgent === true, 'scripts for a repair VM whose agent may not run');
          this.repairVmRuns = true;
          return done({ at });
        }
        // Whoever was faster: it runs as we wanted.
        this.theirs = false;
        this.#setPower('running');
        if (this.#onCopy && this.setup.lives !== 'hangs') this.dumps.add(this.osDisk);
        return done({ at });
      case 'observeBoot':
        return this.#skipConsole(this.#look(at), input.console);
      case 'interruptVm':
        return this.#interrupt(String(input.startedAt), at);
      case 'ensureDiskDeleted':
        this.#mustBe(input.diskId !== original.id, 'deleting a disk that is not ours');
        this.#mustBe(this.osDisk !== input.diskId, 'deleting the VM’s OS disk');
        if (this.attached === input.diskId) return { kind: 'fatal', code: 'attached', message: 'attached' };
        this.disks.delete(String(input.diskId));
        return done();
      case 'ensureSnapshotDeleted':
        this.#mustBe(!ours(input.snapshotId), 'deleting the snapshot that protects the VM');
        this.snapshots.delete(String(input.snapshotId));
        return done();
      case 'tagLeftover':
        return {};
      case 'writeReport':
        this.reports.push((input as { story: RepairStory }).story);
        return { blob: 'b' };
      default:
        throw new Error(`unknown activity ${name}`);
    }
  }

  #diagnosis(): Diagnosis {
    const told = { findings: [], evidence: [], earlierStops: 0, summary: 's' };
    // One that its owner has switched off shows nothing of what was wrong.
    if (this.power === 'deallocated') return { ...told, verdict: 'unknown', sight: 'nothing', progress: null, settledBy: 'look' };
    const { changesTo } = this.setup;
    if (changesTo && this.#diagnoses++ > 0) {
      const sight = changesTo === 'healthy' ? 'sign-in' : 'updating';
      return { ...told, verdict: changesTo === 'healthy' ? 'healthy' : 'unknown', sight, progress: null, settledBy: 'look' };
    }
    const sight = this.setup.updatesFor === this.setup.flickersAt ? 'black' : 'updating';
    if (this.setup.updatesFor > 0) return { ...told, verdict: 'unknown', sight, progress: 35, settledBy: 'p' };
    const isSeen = (this.diagnosticsOn && this.setup.blind !== 'for-ever') || this.setup.blind === 'needlessly';
    const verdict = isSeen ? this.setup.verdict : 'unknown';
    const findings = verdict === 'failing' ? [finding] : [];
    return { ...told, verdict, sight: isSeen ? 'stop-screen' : 'nothing', progress: null, findings, settledBy: 'look' };
  }

  #evidencePlan(): EvidencePlan {
    const { consents } = this.setup;
    const missingConsents = consents.includes('enable-boot-diagnostics') ? [] : ['enable-boot-diagnostics'];
    return { hash: 'e'.repeat(64), why: 'blind', writes: [], keeps: [], consents, missingConsents };
  }

  /** The activity whose answer was lost last: it is asked again within seconds, and cannot know who acted in these. */
  #answerLost = '';
  #diagnoses = 0;
  /** The newest operation on the VM is one of ours that came late: the activity log tells it by its correlation id. */
  #cameLate = false;

  #powerOff(input: { expectedOsDiskId?: string }, at: string): unknown {
    if (input.expectedOsDiskId !== this.osDisk) return { kind: 'fatal', code: 'osDiskChanged', message: 'changed' };
    if (this.power !== 'running') return { done: true, value: { at } };
    const restarting = this.restarts === 0 && this.snapshots.has(firstSnapshot.id);
    const again = this.#answerLost === 'ensurePoweredOff';
    this.#mustBe(this.repairVm || this.reports.length > 0 || restarting || again, 'the failed VM touched before the repair VM stands');
    if (!this.snapshots.has('/snapshots/s') && this.power === 'running' && restarting && !again) this.restarts++;
    this.#mustBe(!this.theirs || again, 'a VM that somebody has started was powered off');
    this.#mustBe(!this.bootedFromRepairDisk, 'a VM that has booted was powered off');
    this.#setPower('stopped');
    return { done: true, value: { at } };
  }

  #swap({ from, to }: { from: { id: string }; to: { id: string } }): unknown {
    if (this.osDisk === to.id) return { done: true, value: { osDiskId: to.id } };
    if (this.osDisk !== from.id) return { kind: 'fatal', code: 'osDiskChanged', message: 'changed' };
    if (this.power === 'running') return { kind: 'fatal', code: 'vmNotStopped', message: 'running' };
    this.#mustBe(this.attached !== to.id, 'swap while attached to the repair VM');
    this.#mustBe(to.id === original.id || this.disks.has(to.id), 'swap to a disk that is not there');
    if (to.id === original.id && !this.originalIsThere) return { kind: 'notFound', code: 'ResourceNotFound', message: 'gone' };
    this.#mustBe(!this.spoilt.has(to.id), 'a copy swapped in that a script was cut off on');
    if (to.id !== original.id) this.#mustBe(!this.stale, 'a copy swapped in that is older than the original');
    this.osDisk = to.id;
    this.etag++;
    return { done: true, value: { osDiskId: to.id } };
  }

  #script(run: ScriptRun): unknown {
    const { scriptState } = this.setup;
    this.#mustBe(this.repairVmRuns, 'a script on a repair VM that is off');
    if (run.lun !== null) this.#mustBe(this.attached !== null && this.lun === run.lun, `${run.script} without the disk`);
    this.#mustBe(this.attached === null || !this.spoilt.has(this.attached), 'a script on a copy that one was cut off on');
    this.#scripts.add(run.script);
    this.runs.push({ run: run.run, script: run.script, disk: this.attached });
    const cutOff = this.setup.cutScripts.includes(run.script) || (scriptState !== 'succeeded' && run.script === 'offline-sfc');
    if (run.script === this.setup.curedBy && this.attached && !cutOff) this.curedCopies.add(this.attached);
    const found = run.script === 'collect-dump' && this.dumps.has(this.attached ?? '');
    const outcome = run.script === 'collect-dump' && !found ? 'not-applicable' : 'fixed';
    const findings = found
      ? [
          { id: 'dump', confidence: 'certain', evidence: 'MEMORY.DMP 1' },
          { id: 'dump-uploaded', confidence: 'certain', evidence: '1' },
        ]
      : [];
    const cut = found && run.uploadDump && this.#uploads.push(run.run) <= this.setup.cutUploads;
    const late = cut || cutOff;
    if (late) this.#cut(run);
    return {
      run: run.run,
      script: run.script,
      scriptSha256: '',
      startedAt: '',
      endedAt: '',
      exitCode: 0,
      log: '',
      tail: '',
      state: !late ? 'succeeded' : scriptState === 'cancelled' || scriptState === 'failed' ? scriptState : 'timed-out',
      result: late ? null : { outcome, code: 'c', findings, actions: [], warnings: [] },
    };
  }

  get #onCopy(): boolean {
    return this.disks.has(this.osDisk);
  }

  /** What it has started goes on until the repair VM's power goes. */
  #cut({ script }: ScriptRun): void {
    this.children = true;
    if (this.attached !== null && (script !== 'collect-dump' || this.#uploads.length >= 3)) this.spoilt.add(this.attached);
  }

  #powerOffRepairVm(expectedOsDiskId: unknown, at: string): unknown {
    this.#mustBe(expectedOsDiskId === null, 'a repair VM powered off as if it were somebody’s');
    this.repairVmRuns = false;
    this.children = false;
    return { done: true, value: { at } };
  }

  /** The consoles that were read, and those that were not because the agent answered. */
  consoles: ('read' | 'skipped')[] = [];

  #skipConsole(sight: BootSight, console: unknown): BootSight {
    const skips = console === 'unless it answers' && sight.agentReadyAt !== null;
    this.consoles.push(skips ? 'skipped' : 'read');
    return skips ? { ...sight, consoleSkipped: true } : sight;
  }

  #look(at: string): BootSight {
    const { lives } = this.setup;
    // Its log goes on beside a logo that stays.
    if (lives === 'creeps' && this.#onCopy) return { ...this.#hung(at), trace: at };
    if (lives === 'hangs' && this.#onCopy) return this.#hung(at);
    if (lives === 'switched-off') this.#setPower('stopped');
    if (lives === 'ready-then-stops') {
      const stopped = ++this.#looks > 4;
      const failure = stopped ? finding : null;
      const sight = stopped ? 'stop-screen' : 'sign-in';
      return {
        at,
        power: this.power,
        sight,
        agentReadyAt: stopped ? null : at,
        alive: !stopped,
        progress: null,
        failure,
        evidence: [],
        summary: 's',
      };
    }
    if (lives !== 'normally') {
      const alive = lives === 'for-ever' || lives === 'ready-once';
      return {
        at,
        power: this.power,
        sight: alive ? 'updating' : 'black',
        agentReadyAt: lives === 'ready-once' ? '2026-01-01T00:00:00.000Z' : null,
        alive,
        progress: null,
        failure: null,
        evidence: [],
        summary: 's',
      };
    }
    if (this.setup.updatesFor > 0) {
      this.setup.updatesFor--;
      const sight = this.setup.updatesFor === 0 ? 'loading' : this.setup.updatesFor === this.setup.flickersAt ? 'black' : 'updating';
      return {
        ...{ at, power: this.power, sight, progress: 35, agentReadyAt: null, alive: true, failure: null, evidence: [], summary: 's' },
      };
    }
    const bootsAfterRestart = this.osDisk === original.id && this.restarts > 0 && this.setup.restart === 'cures';
    const boots = this.power === 'running' && ((this.#onCopy && this.curedCopies.has(this.osDisk)) || bootsAfterRestart);
    this.#looks++;
    if (boots && this.#looks > 2) this.bootedFromRepairDisk = this.#onCopy;
    const ready = boots && this.#looks > 2;
    const failure = !boots && this.#looks > 2 ? finding : null;
    return {
      at,
      power: this.power,
      sight: failure ? 'stop-screen' : 'loading',
      agentReadyAt: ready ? at : null,
      alive: ready,
      progress: null,
      failure,
      evidence: [],
      summary: 's',
    };
  }

  #interrupt(startedAt: string, at: string): InterruptEnd {
    const end = (sent: InterruptEnd['sent']): InterruptEnd => ({
      at,
      sent,
      why: `it is ${sent}`,
      remedy: sent === 'no' ? 'r' : null,
      evidence: [],
    });
    const before = this.interrupts.get(startedAt) ?? 0;
    this.#mustBe(this.setup.consents.includes('send-nmi'), 'an interrupt without consent');
    this.#mustBe(!this.bootedFromRepairDisk, 'an interrupt of a VM that has booted');
    if (!this.#onCopy || this.power !== 'running' || this.setup.interrupt === 'is-refused') return end('no');
    if (before > 0) return end('unknown');
    this.interrupts.set(startedAt, before + 1);
    if (this.setup.interrupt !== 'is-ignored') this.#stoppedAt = this.#clock;
    return end('yes');
  }

  /** Its logo, until it is stopped; then it counts to 100 % for a minute, where it writes a dump. */
  #hung(at: string): BootSight {
    const told = { at, power: this.power, agentReadyAt: null, evidence: [], summary: 's' };
    if (this.#stoppedAt === null)
      return { ...told, sight: 'loading', alive: true, stuck: true, trace: 'logo', progress: null, failure: null };
    const writes = this.setup.interrupt === 'writes-a-dump';
    const over = this.#clock - this.#stoppedAt >= 60_000;
    if (writes && over && this.#onCopy) this.dumps.add(this.osDisk);
    return { ...told, sight: 'stop-screen', alive: false, progress: writes && over ? 100 : 0, failure: finding };
  }

  #plan({ restartedAt, finding: found, passes }: { restartedAt: string | null; finding: Finding; passes?: string[] }): Plan {
    const wanted = this.setup.restart !== 'off' && this.setup.powerBefore === 'running' && restartedAt === null;
    const consents = ['upload-dump', ...this.setup.consents];
    const made = { ...plan(), ...(passes && { passes }), consents, restart: { wanted, why: 'w', snapshot: firstSnapshot } };
    if (found.id === 'forced' || passes) made.missingConsents.push('force');
    return this.setup.byHand ? { ...made, attempts: [] } : made;
  }

  #mustBe(condition: boolean, breach: string): void {
    if (!condition) this.breaches.push(breach);
  }

  #vm(): VmFacts {
    return {
      id: request.vmId,
      name: 'vm1',
      resourceGroup: 'g',
      subscriptionId: 's',
      location: 'l',
      zone: null,
      size: 'z',
      memoryMb: 4096,
      generation: 'V2',
      securityType: 'Standard',
      power: this.power,
      powerChangedAt: null,
      bootDiagnostics: this.diagnosticsOn ? 'managed' : 'off',
      agent: { status: 'none', at: null, osVersion: null },
      image: null,
      osDisk: original,
      tags: {},
    };
  }
}

const vmCalls = ['ensurePoweredOff', 'ensureOsDisk', 'ensureStarted', 'observeBoot', 'ensureSnapshot'];
const firstSnapshot = { id: '/snapshots/first', name: 'first' };
const ours = (snapshotId: unknown) => snapshotId === '/snapshots/s';

function plan(): Plan {
  return {
    hash: 'a'.repeat(64),
    playbook: { id: 'stop-0xef', title: 't', article: 'a' },
    restart: { wanted: false, why: '', snapshot: firstSnapshot },
    attempts,
    beforeBoot: [script('boot-settings')],
    support: ['the dump'],
    repairVm: {
      id: '/vms/repair',
      name: 'repair',
      resourceGroup: 'rg',
      location: 'l',
      zone: null,
      sizes: ['a', 'b'],
      generation: 'V1',
      image: { publisher: 'p', offer: 'o', sku: 's', version: 'v' },
      computerName: 'bm',
      subnetId: '/subnet',
      expires: '2026-01-08',
    },
    snapshot: { id: '/snapshots/s', name: 's' },
    repairDisk: { id: '/disks/copy', name: 'copy' },
    lun: 0,
    skipShutdown: true,
    writes: [],
    expectedDowntimeSeconds: 600,
    keeps: [],
    consents: ['upload-dump'],
    missingConsents: [],
    expires: '2026-01-08',
  };
}
