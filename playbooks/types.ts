/** A playbook is data: what to try for a finding, in order. Diagnosis names it, the plan copies it, the orchestrator executes it. */

export type Safety = 'auto_safe' | 'auto_with_snapshot' | 'consent' | 'manual_only';
/** `doc`: Microsoft's article names the step; `derived`: we derived it from the causes the article gives; `operator`: a person gave it;
 * `operator-rule`: a rule in the settings says so. */
export type Origin = 'doc' | 'derived' | 'operator' | 'operator-rule';
export type ScriptMode = 'Detect' | 'Repair' | 'Revert';
/** Name of a script's file without `.ps1`, in `playbooks/scripts/` or in the folder of the failure mode that alone needs it. */
export type ScriptId = string;

/** A script of the operator's own, as it was given. Its text is nowhere but in the blob. */
export interface OperatorScript {
  /** Of its file. */
  name: string;
  /** Of the text as it was given, in UTF-8. */
  sha256: string;
  /** Container `evidence`. */
  blob: string;
  /** Its own words, for whoever approves it. */
  writes: string;
  undoneBy: string;
}

export interface ScriptStep {
  script: ScriptId;
  mode: ScriptMode;
  safety: Safety;
  origin: Origin;
  /** Why it is tried, one sentence for the plan and the report. */
  why: string;
  /** Deadline for a 127 GiB disk, seconds; the plan scales it with the disk (a fresh copy hydrates slowly). */
  timeoutSeconds: number;
  /** How long it usually runs on such a disk, seconds, for the expected downtime: a guess, until real runs are recorded. */
  usualSeconds?: number;
  /** Parameters of its own, besides those that every script has. */
  parameters?: Record<string, string>;
  /** Of script `operator-script`: whose text is run. */
  own?: OperatorScript;
  /** Left out once a dump has been collected. */
  unless?: 'dump-collected';
  /** Consent this step's effect needs, for example `upload-dump`. */
  consent?: string;
  /** With a consent that is missing: `true` waits for approval, `false` runs the step in mode Detect, which writes nothing. */
  consentRequired?: boolean;
}

export interface Attempt {
  id: string;
  title: string;
  scripts: ScriptStep[];
  /** When a boot is tried after it: `if-changed` = one of its scripts changed the disk; `for-dump` = only when no dump has been collected yet; `never`. */
  boot: 'if-changed' | 'for-dump' | 'never';
  /** What is done once in that boot when it hangs: Windows neither stops nor comes up. */
  ifHung?: InterruptStep;
}

/** A non-maskable interrupt, over the serial console: it stops a Windows that hangs, which then writes its memory dump. */
export interface InterruptStep {
  safety: Safety;
  origin: Origin;
  /** Why it is sent, one sentence for the plan and the report. */
  why: string;
  /** Without it nothing is sent. */
  consent: string;
}

export interface Playbook {
  id: string;
  title: string;
  /** Microsoft's article. */
  article: string;
  /** Catalogue ids (`stop-errors`) it answers. */
  answers: string[];
  /** Codes with which the probe stops every other repair, and which this one is there to repair. */
  repairs?: string[];
  /** What the probe may find and this playbook must not run with, whatever was consented to. */
  refuses?: { finding: string; reason: string; remedy: string }[];
  /** Generations of the VM that it is for, where that is not both: known from ARM, so it is refused before anything is touched. */
  generations?: ('V1' | 'V2')[];
  attempts: Attempt[];
  /** Run on the repair disk before every boot. */
  beforeBoot: ScriptStep[];
  /** What a support engineer needs when it stays unresolved. */
  support: string[];
}

/** A script's own words about itself: the BOOTMEDIC-RESULT line, parsed by schema and matched with this run's token. */
export interface ScriptResult {
  outcome: 'fixed' | 'nothing-to-do' | 'not-applicable' | 'failed' | 'reverted';
  code: string;
  findings: { id: string; confidence: 'certain' | 'likely' | 'possible'; evidence: string }[];
  actions: { what: string; target: string; before: string | null; after: string | null; revertable: boolean }[];
  warnings: string[];
}

/** By what diagnosis recognises a failure mode, as data; a folder's `signature.ts`. */
export interface Signature {
  /** Folder under `playbooks/`, the playbook's id. */
  playbook: string;
  title: string;
  article: string;
  /** Catalogue ids. */
  answers: string[];
  /** Stop codes as `0x` + eight upper-case hexadecimal digits. */
  stopCodes: string[];
  /** Stop codes that no record of the catalogue has: that this playbook answers them is derived. */
  derivedStopCodes?: string[];
  /** Stop codes that another playbook answers, and this one where the evidence blames a driver. */
  whenDriverBlamed?: string[];
  /** Statuses of the boot manager, written like stop codes. */
  statusCodes?: string[];
  /** Symbolic names, in capitals with underscores. */
  stopNames: string[];
  /** True: no record of the catalogue has it, the signs are ours. */
  derived?: boolean;
  /** What running this playbook costs the owner if the finding is wrong. */
  harm: 'none' | 'low' | 'high';
}
