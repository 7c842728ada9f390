/** Width and height from a picture's first bytes, so that a decompression bomb is refused before anything is decoded. */
import { OcrError } from './types.ts';

export interface Size {
  width: number;
  height: number;
}

/** Longest side, pixels, and area: a console is at most a few megapixels. */
const maxSide = 8192;
const maxPixels = 16_000_000;
const maxBytes = 20 * 1024 * 1024;

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** PNG: signature, then the IHDR chunk (PNG specification, 11.2.1). */
function pngSize(bytes: Uint8Array): Size | undefined {
  const head = view(bytes);
  if (bytes.length < 24 || head.getUint32(0) !== 0x89504e47 || head.getUint32(4) !== 0x0d0a1a0a) return undefined;
  return { width: head.getUint32(16), height: head.getUint32(20) };
}

/** BMP: BITMAPFILEHEADER, then an info header; a negative height means top-down. */
function bmpSize(bytes: Uint8Array): Size | undefined {
  const head = view(bytes);
  if (bytes.length < 26 || head.getUint16(0) !== 0x424d) return undefined;
  if (head.getUint32(14, true) < 40) return { width: head.getUint16(18, true), height: head.getUint16(20, true) };
  return { width: Math.abs(head.getInt32(18, true)), height: Math.abs(head.getInt32(22, true)) };
}

/** JPEG: walk the segments to the start of frame (ITU T.81, table B.1: C0-CF without C4, C8, CC). */
function jpegSize(bytes: Uint8Array): Size | undefined {
  const head = view(bytes);
  if (bytes.length < 4 || head.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 <= bytes.length && head.getUint8(at) === 0xff) {
    const marker = head.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: head.getUint16(at + 5), width: head.getUint16(at + 7) };
    at += marker === 0xff ? 1 : 2 + head.getUint16(at + 2);
  }
  return undefined;
}

/** Size of a PNG, BMP or JPEG. Throws {@link OcrError} for anything else and for a picture beyond the bounds. */
export function checkedSize(bytes: Uint8Array): Size {
  if (bytes.length > maxBytes) throw new OcrError('too-large', `picture has ${bytes.length} bytes, at most ${maxBytes} are read`);
  const size = pngSize(bytes) ?? bmpSize(bytes) ?? jpegSize(bytes);
  if (size === undefined || size.width === 0 || size.height === 0) {
    throw new OcrError('not-a-picture', `${bytes.length} bytes that are no PNG, BMP or JPEG with a size`);
  }
  const { width, height } = size;
  if (width > maxSide || height > maxSide || width * height > maxPixels) {
    throw new OcrError('too-large', `picture is ${width} x ${height}, at most ${maxSide} a side and ${maxPixels} pixels are read`);
  }
  return size;
}
