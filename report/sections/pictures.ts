import type { Evidence, RepairStory } from '../../functions/activities/contract.ts';
import { code, type Picture, type Section, type Text, time } from '../document.ts';
import { millis, moment, size } from '../words.ts';

/** Pictures by the name of their blob. */
export type Images = Map<string, { bytes: Uint8Array; contentType: string }>;

/** Larger ones would make the page heavier than a phone at 3 a.m. takes (a raw 1920 × 1080 bitmap is 6 MiB). */
const LARGEST = 8 * 2 ** 20;

/** The console before the repair and after the last boot, side by side. */
export function pictures(story: RepairStory, images: Images | null): Section | null {
  const { before, boot, after } = shotsOf(story);
  if (!before && !boot) return null;
  const first = picture('Before', before, images, 'No screenshot was taken before the repair.');
  if (first.image && before) first.about.push(...framed(before, story.diagnosis));
  const shown = [first];
  if (boot) shown.push(picture(afterLabel(story), after, images, 'No screenshot was taken after the last boot.'));
  return { id: 'screens', title: boot ? 'The screen, before and after' : 'The screen', blocks: [{ kind: 'pictures', pictures: shown }] };
}

/** The newest screenshot before the repair, and the one after the boot that was tried last. */
export function shotsOf({ diagnosis, restart, attempts }: Pick<RepairStory, 'diagnosis' | 'restart' | 'attempts'>) {
  const boot = attempts.findLast(attempt => attempt.boot !== null)?.boot ?? restart;
  return { before: newestScreenshot(diagnosis?.evidence ?? []), boot, after: newestScreenshot(boot?.evidence ?? []) };
}

/** After a rollback the VM no longer runs on the disk that the last boot tried. */
function afterLabel({ outcome }: RepairStory): string {
  return outcome === 'repaired' || outcome === 'booted-unverified' ? 'After' : 'After the last boot we tried';
}

function newestScreenshot(evidence: Evidence[]): Evidence | undefined {
  return evidence
    .filter(({ kind }) => kind === 'screenshot')
    .toSorted((a, b) => (millis(a.capturedAt) ?? 0) - (millis(b.capturedAt) ?? 0))
    .at(-1);
}

function picture(label: string, evidence: Evidence | undefined, images: Images | null, absent: string): Picture {
  if (!evidence) return { label, about: [absent], image: null, alt: '', read: '' };
  const bytes = images?.get(evidence.blob)?.bytes;
  const type = bytes && typeOf(bytes);
  const fits = bytes !== undefined && bytes.length <= LARGEST;
  const about: Text = ['taken ', time(evidence.capturedAt), ...(evidence.fresh ? [] : [', older than the VM’s last power event'])];
  if (images === null) about.push(', blob ', code(evidence.blob));
  else if (!bytes) about.push(`. The picture is not at hand: blob ${evidence.blob}.`);
  else if (!type) about.push(`. Blob ${evidence.blob} is no picture that we know.`);
  else if (!fits) about.push(`. Left out, because it is large (${size(bytes.length)}): blob ${evidence.blob}.`);
  return {
    label,
    about,
    image: type && fits ? { address: `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}` } : null,
    alt: alternative(evidence),
    read: evidence.excerpt,
  };
}

/** Where the finding rests on this picture, whoever reads it has framed that (`functions/triggers/pictures.ts`). */
export function framed({ id }: Evidence, diagnosis: RepairStory['diagnosis']): Text {
  const finding = diagnosis?.findings[0];
  return finding?.regions?.length && finding.evidence.includes(id) ? ['; framed: what the finding rests on'] : [];
}

export function alternative({ capturedAt, excerpt }: Evidence): string {
  const firstLine = excerpt.trim().split('\n')[0] ?? '';
  const read = firstLine === '' ? 'No text was read from it.' : `It reads: ${firstLine}`;
  return `Console of the VM, taken ${moment(capturedAt).text}. ${read}`;
}

/** By the bytes' own signature: what a blob says of itself is not believed. */
function typeOf(bytes: Uint8Array): 'png' | 'jpeg' | 'bmp' | null {
  const starts = (...signature: number[]) => signature.every((byte, n) => bytes[n] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (starts(0xff, 0xd8, 0xff)) return 'jpeg';
  return starts(0x42, 0x4d) ? 'bmp' : null;
}
