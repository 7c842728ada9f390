/** A guest's picture made into one of ours: what reaches a browser has only pixels of it. */
import { checkedSize } from './header.ts';
import { OcrError, type Region } from './types.ts';

/** Pixels around a region that is drawn. */
const gap = 4;
/** A console has no letter that this cannot be told from; an outline beneath it keeps it visible on any ground. */
const outline = { inner: '#ffd400', outer: '#000' };

/**
 * Decodes a PNG, BMP or JPEG and encodes it anew as PNG: nothing of the file but its pixels is kept.
 * @param marked regions to draw a frame around, pixels of the picture
 * @throws OcrError when it is no picture, damaged, or too large
 */
export async function reencode(bytes: Uint8Array, marked: Region[] = []): Promise<Uint8Array> {
  const { width, height } = checkedSize(bytes);
  // Loaded on first use, as in picture.ts.
  const { createCanvas, loadImage } = await import('@napi-rs/canvas');
  const image = await loadImage(Buffer.from(bytes)).catch((cause: unknown) => {
    throw new OcrError('not-a-picture', 'picture is damaged and cannot be decoded', { cause });
  });
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  for (const { x, y, width: wide, height: high } of marked) {
    for (const [style, line] of [
      [outline.outer, 5],
      [outline.inner, 2],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = line;
      context.strokeRect(x - gap, y - gap, wide + 2 * gap, high + 2 * gap);
    }
  }
  return canvas.encode('png');
}
