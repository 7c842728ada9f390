/** Picture of a console -> lines of text, offline. */
import { language, readGraymap } from './engine.ts';
import { preparePicture } from './picture.ts';
import { toRows } from './rows.ts';
import type { ScreenRead } from './types.ts';

export { closeOcr } from './engine.ts';
export type { OcrErrorCode, ScreenLine, ScreenRead } from './types.ts';
export { OcrError } from './types.ts';

/**
 * Reads the text of a PNG, BMP or JPEG screenshot (at most 20 MB, 8192 pixels a side, 16 megapixels). A blank picture is answered
 * without OCR. The worker thread stays warm: call `closeOcr` when no more pictures come.
 * @throws OcrError when it is no picture, too large, or takes too long.
 */
export async function readScreen(image: Uint8Array): Promise<ScreenRead> {
  const { width, height, blank, graymap } = await preparePicture(image);
  if (graymap === null) return { lines: [], width, height, blank, language: null };
  return { lines: toRows(await readGraymap(graymap)), width, height, blank: null, language };
}
