/** What was seen, and what it means. Pure data: it goes through the durable history, blobs and reports as JSON. */

export type Confidence = 'certain' | 'likely' | 'possible';
/** What acting on a finding costs its owner if the finding is wrong. */
export type Harm = 'none' | 'low' | 'high';

export type EvidenceKind =
  | 'serial-log'
  | 'screenshot'
  | 'instance-view'
  /** Whether boot diagnostics are on, where they are kept, what they held. */
  | 'boot-diagnostics'
  /** Azure's view of the host. */
  | 'resource-health'
  /** Who started and stopped the VM. */
  | 'activity-log';

/** One thing that was seen, with its time and origin. The bytes lie in the `evidence` container under `blob`. */
export interface Evidence {
  id: string;
  kind: EvidenceKind;
  /** ISO time at which the source says it was captured (for boot diagnostics: the blob's Last-Modified). */
  capturedAt: string;
  /** False when older than the VM's last power event: it can prove nothing about the present. */
  fresh: boolean;
  /** ISO time of that power event; null = none is known. Absent in records of earlier versions. */
  since?: string | null;
  sha256: string;
  /** Blob name in the `evidence` container. */
  blob: string;
  contentType: string;
  /** What was read from it, cut to 1 KB: OCR lines, the log's last telling lines. Hostile text. */
  excerpt: string;
}

/** What the console shows, named by its layout and codes, never by a scenario. */
export const sights = [
  'stop-screen',
  'boot-manager-error',
  'sign-in',
  'updating',
  'undoing-changes',
  'checking-disk',
  'loading',
  'key-prompt',
  'recovery-environment',
  'setup-failed',
  'boot-menu',
  'linux-console',
  'black',
  'blank',
  'unrecognised',
  'nothing',
] as const;
export type Sight = (typeof sights)[number];

/** A rectangle of a screenshot, pixels from its upper left corner. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Finding {
  /** Record of the catalogue, for example `azure-0xef`. */
  id: string;
  title: string;
  stopCode: string;
  stopName: string;
  parameters: string[];
  /** File, driver or process the screen or log blames ("What failed: …"). Hostile text. */
  whatFailed: string | null;
  confidence: Confidence;
  harm: Harm;
  /** Folder under `playbooks/` that repairs it; null = no safe automatic repair is known. */
  playbook: string | null;
  /** Microsoft's article; null = there is none for Azure. */
  article: string | null;
  /** Without a playbook: what a person tries first, each line with its origin. At most five lines of 200 characters. */
  advice: string[];
  /** The lines it rests on, cut. Hostile text. */
  basis: string[];
  /** Where on the screenshot they stand, at most five; absent = it rests on no screenshot. */
  regions?: Region[];
  contradictions: string[];
  /** Ids of the evidence it rests on. */
  evidence: string[];
}

/** A look that shows no error and no life. Where a later one shows the same, nothing has moved between them. */
export interface Stillness {
  /** ISO time of the look. */
  at: string;
  /** What it showed and had logged: a picture that only turns is the same. */
  trace: string;
}

export interface Diagnosis {
  /** `platform`: Azure itself keeps the VM from running, and whatever its console shows is no reason to touch its disk. */
  verdict: 'healthy' | 'failing' | 'platform' | 'unknown';
  sight: Sight;
  /** Percent, where the screen shows how far Windows has come. */
  progress: number | null;
  /** Boots in the serial log that ended in the same stop before the present one: Windows has restarted by itself. */
  earlierStops: number;
  /** Ranked, best first; empty unless failing. */
  findings: Finding[];
  evidence: Evidence[];
  /** One sentence for a person. */
  summary: string;
  /** For `unknown` and `platform`: what would settle it. */
  settledBy: string | null;
  /** What could not be looked at, each with why. Absent in records of earlier versions. */
  unread?: string[];
  /** Present where it may hang: another look can tell. */
  still?: Stillness;
}
