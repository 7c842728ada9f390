/**
 * When to look how an operation fares: seldom enough for the throttle (12 reads a minute and VM for long, 36 in a burst), and soon enough
 * after its end. So the looks stand where the end is likely: one just after the median of the recorded times, the others around it.
 */

/** How long an operation takes, service seconds: of ten, one is over by `p10`, five by `p50`, nine by `p90`. */
export interface Span {
  p10: number;
  p50: number;
  p90: number;
  /** Between two looks after the median, at most; where much waits for it. Seconds. */
  most?: number;
  /** Between two looks before the median; otherwise by how long it takes. Seconds. */
  early?: number;
  /** Some are over so soon that they are no matter of `p10`: looked at once then. Seconds. */
  soon?: number;
}

/** Recorded in Microsoft's own CLI and .NET tests (2017 to 2025) unless told otherwise. */
export const spans = {
  /** Windows, n=18; its p10 was not recorded and is guessed. */
  createVm: { p10: 110, p50: 157, p90: 447, most: 9 },
  /** A PUT of a VM, n=126: attach and detach are of its kind. */
  updateVm: { p10: 0.9, p50: 6.7, p90: 26 },
  /** n=7: the swap of an OS disk. */
  patchVm: { p10: 5.1, p50: 6.4, p90: 8.5 },
  start: { p10: 4.7, p50: 11, p90: 14 },
  powerOff: { p10: 4.8, p50: 8.1, p90: 19 },
  /** n=24: p10 0.6, p50 26, p90 36; nothing waits for it, so it is looked at when most are over. */
  deleteVm: { p10: 26, p50: 36, p90: 50 },
  /** Until the guest begins with the script. Only the middle was recorded. */
  runCommand: { p10: 5, p50: 10, p90: 16 },
  disk: { p10: 0.1, p50: 0.1, p90: 0.9 },
  snapshot: { p10: 0.2, p50: 0.7, p90: 1.7 },
  /** Of a disk or snapshot; a change of tags is as quick. Only the middle was recorded. */
  deleteDisk: { p10: 0.2, p50: 0.3, p90: 0.6 },
  /** Guessed. */
  network: { p10: 0.5, p50: 3, p90: 8 },
} satisfies Record<string, Span>;

/** What takes longer than this varies more, and its usual time is told with a reserve: an SFC may need a quarter of it. Seconds. */
const short = 120;

/** What every script takes: PowerShell begins, the disk comes online and goes offline. One that finds nothing to do is over then. Guessed. */
const leastOfScript = 12;

/** A run command's script that usually takes so many seconds; how much that varies is guessed. */
export function scriptSpan(usualSeconds: number): Span {
  const { p10, p50, p90 } = spans.runCommand;
  if (usualSeconds > short) return { p10: p10 + 0.25 * usualSeconds, p50: p50 + 0.5 * usualSeconds, p90: p90 + usualSeconds };
  const nothing = p50 + leastOfScript;
  return {
    p10: Math.max(nothing, p10 + 0.75 * usualSeconds),
    p50: p50 + Math.max(leastOfScript, usualSeconds),
    p90: p90 + Math.max(leastOfScript, usualSeconds),
    early: Math.max(least, 0.45 * usualSeconds),
    soon: nothing + after,
  };
}

/** Between two looks: half of it is what we are late by, on average. Seconds. */
const least = 4;
/** A long operation is looked at so seldom that we are late by a few hundredths of its time; still less often while it is early for it. */
const share = { early: 0.11, late: 0.07 };
const most = { early: 45, late: 30 };
const between = (seconds: number, atMost: number) => Math.min(atMost, Math.max(least, seconds));
/** An operation that is over as a rule within so little is looked at when it is. */
const quick = 2;
/** The look after the median comes so much after it. */
const after = 0.3;

/** Service seconds from the start of the operation to the next look. @param elapsed since its start */
export function nextLook(elapsed: number, span: Span): number {
  const { p10, p50, p90 } = span;
  const middle = p90 <= quick ? p90 : p50 + after;
  const step = span.early ?? between(share.early * p50, most.early);
  const before = Math.max(0, Math.floor((middle - p10) / step));
  const first = middle - before * step;
  if (span.soon !== undefined && elapsed < span.soon && span.soon + least < first) return span.soon;
  if (elapsed < first) return first;
  if (elapsed < middle) return first + step * (Math.floor((elapsed - first) / step + 1e-9) + 1);
  return elapsed + between(share.late * elapsed, span.most ?? most.late);
}
