/** A repair's screenshots for people: encoded anew, with a frame around what the finding rests on. */
import { OcrError, reencode } from '../../ocr/index.ts';
import type { Records, RepairRecord } from '../../records/index.ts';
import type { Evidence } from '../activities/contract.ts';

type Seen = Pick<RepairRecord['story'], 'diagnosis' | 'restart' | 'attempts'>;

/** Screenshots by the name of their blob; the report itself says of one that is gone, or is none, that it lacks. */
export async function picturesOf(story: Seen, records: Records): Promise<Map<string, { bytes: Uint8Array; contentType: string }>> {
  // Names derive from contents: the screen that stopped again after a restart is the same blob, and keeps the frame of the first.
  const shots = new Map(
    screenshotsOf(story)
      .toReversed()
      .map(shot => [shot.blob, shot]),
  );
  const read = await Promise.all(
    [...shots.values()].map(async shot => {
      const bytes = await readPicture(shot, story, records);
      return bytes ? [[shot.blob, { bytes, contentType: 'image/png' }] as const] : [];
    }),
  );
  return new Map(read.flat());
}

/** One screenshot as PNG; undefined = it is gone, or is no picture. */
export async function readPicture(shot: Evidence, { diagnosis }: Seen, records: Records): Promise<Uint8Array | undefined> {
  const bytes = await records.readEvidence(shot.blob);
  if (bytes === undefined) return undefined;
  const finding = diagnosis?.findings[0];
  const marked = finding?.evidence.includes(shot.id) && diagnosis?.evidence.includes(shot) ? finding.regions : undefined;
  return reencode(bytes, marked).catch((error: unknown) => {
    if (error instanceof OcrError) return undefined;
    throw error;
  });
}

function screenshotsOf({ diagnosis, restart, attempts }: Seen): Evidence[] {
  const evidence = [
    ...(diagnosis?.evidence ?? []),
    ...(restart?.evidence ?? []),
    ...attempts.flatMap(attempt => attempt.boot?.evidence ?? []),
  ];
  return evidence.filter(({ kind }) => kind === 'screenshot');
}
