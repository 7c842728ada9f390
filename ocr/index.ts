/** Picture of a console -> lines of text, offline. */
import { type Model, readGraymap } from './engine.ts';
import { preparePicture } from './picture.ts';
import { isForeign, mergeReadings, toRows } from './rows.ts';
import type { ScreenRead } from './types.ts';

export { closeOcr } from './engine.ts';
export { reencode } from './reencode.ts';
export type { OcrErrorCode, Region, ScreenLine, ScreenRead } from './types.ts';
export { OcrError } from './types.ts';

/** Asked in this order for what the English model hardly believes. */
const eastern: readonly Model[] = ['chi_sim', 'jpn'];

/**
 * Reads the text of a PNG, BMP or JPEG screenshot (at most 20 MB, 8192 pixels a side, 16 megapixels). A blank picture is answered
 * without OCR. The worker thread stays warm: call `closeOcr` when no more pictures come.
 * @throws OcrError when it is no picture, too large, or takes too long.
 */
export async function readScreen(image: Uint8Array): Promise<ScreenRead> {
  const { width, height, blank, graymap, onPicture } = await preparePicture(image);
  if (graymap === null) return { lines: [], width, height, blank, language: null };
  const read: Model[] = ['eng'];
  let pieces = await readGraymap(graymap, 'eng');
  for (const model of eastern) {
    if (!isForeign(pieces)) break;
    pieces = mergeReadings(pieces, await readGraymap(graymap, model));
    read.push(model);
  }
  return { lines: toRows(pieces, onPicture), width, height, blank: null, language: read.join('+') };
}
