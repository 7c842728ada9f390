/**
 * Picture -> what Tesseract reads best: dark text on white, cropped to what is drawn, letters of a good height.
 * A stop screen is white on blue, a boot manager page grey on black, and portals scale and letter-box both.
 */
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import { checkedSize } from './header.ts';
import type { Bounds } from './rows.ts';
import { OcrError, type Region } from './types.ts';

/** Taken once: a look-up of a global for every pixel is slow in a vm context, where jest runs this. */
const { abs, round } = Math;

export interface Prepared {
  width: number;
  height: number;
  blank: 'black' | 'blank' | null;
  /** Portable graymap (P5) for Tesseract; null when blank. */
  graymap: Uint8Array | null;
  /** Where a place of the graymap lies on the picture. */
  onPicture: (box: Bounds) => Region;
}

interface Gray {
  width: number;
  height: number;
  /** Luma, one byte a pixel. */
  luma: Uint8Array;
}
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Luma difference from the background that counts as drawn; JPEG noise and dithering stay below. */
const inkThreshold = 48;
/** Less than this part of the picture drawn is nothing but a cursor. */
const cursorPart = 0.00015;
/** Wanted width of what is drawn, pixels: letters of a 1024 x 768 stop screen come to about 20 pixels. */
const targetWidth = 1500;
const maxScale = 3;
const margin = 12;

/** Decodes, normalises, crops and scales. Throws {@link OcrError} when it is no picture or too large. */
export async function preparePicture(bytes: Uint8Array): Promise<Prepared> {
  const { width, height } = checkedSize(bytes);
  // Loaded on first use: the native library must not burden the cold start of an app that reads no screenshot.
  const { createCanvas, loadImage } = await import('@napi-rs/canvas');
  const image = await loadImage(Buffer.from(bytes)).catch((cause: unknown) => {
    throw new OcrError('not-a-picture', 'picture is damaged and cannot be decoded', { cause });
  });
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const gray = grayOf(context, width, height);
  const drawn = drawnBox(gray);
  if (drawn === null)
    return {
      width,
      height,
      blank: background(gray, whole(gray)) < inkThreshold ? 'black' : 'blank',
      graymap: null,
      onPicture: placeOn(whole(gray), 1),
    };
  const scale = Math.min(maxScale, targetWidth / drawn.width);
  const target = createCanvas(Math.round(drawn.width * scale), Math.round(drawn.height * scale));
  return { width, height, blank: null, graymap: graymap(resample(canvas, drawn, target)), onPicture: placeOn(drawn, scale) };
}

const placeOn =
  (drawn: Box, scale: number) =>
  ({ x0, y0, x1, y1 }: Bounds): Region => {
    const x = round(drawn.left + Math.max(0, x0 - margin) / scale);
    const y = round(drawn.top + Math.max(0, y0 - margin) / scale);
    const width = Math.min(drawn.left + drawn.width - x, round((x1 - x0) / scale));
    const height = Math.min(drawn.top + drawn.height - y, round((y1 - y0) / scale));
    return { x, y, width: Math.max(1, width), height: Math.max(1, height) };
  };

const whole = (gray: Gray): Box => ({ left: 0, top: 0, width: gray.width, height: gray.height });

function grayOf(context: SKRSContext2D, width: number, height: number): Gray {
  const { data } = context.getImageData(0, 0, width, height);
  const luma = new Uint8Array(width * height);
  for (let to = 0, from = 0; to < luma.length; to++, from += 4) {
    // ITU-R BT.601 weights in 1/256.
    luma[to] = ((data[from] ?? 0) * 77 + (data[from + 1] ?? 0) * 150 + (data[from + 2] ?? 0) * 29) >> 8;
  }
  return { width, height, luma };
}

/** The commonest luma in a box, in steps of 8. */
function background(gray: Gray, box: Box): number {
  const counts = new Uint32Array(32);
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let x = box.left, at = y * gray.width + x; x < box.left + box.width; x++, at++) {
      const step = (gray.luma[at] ?? 0) >> 3;
      counts[step] = (counts[step] ?? 0) + 1;
    }
  }
  return counts.indexOf(Math.max(...counts)) * 8 + 4;
}

/** Smallest box around what differs from its background; null when nothing but a cursor does. */
function inkBox(gray: Gray, box: Box, paper: number): Box | null {
  let [left, top, right, bottom, ink] = [gray.width, gray.height, -1, -1, 0];
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let x = box.left, at = y * gray.width + x; x < box.left + box.width; x++, at++) {
      if (abs((gray.luma[at] ?? 0) - paper) < inkThreshold) continue;
      ink++;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return ink < gray.width * gray.height * cursorPart ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Box of what is drawn. Goes inwards while the background changes, so that letter-box bars fall away first. */
function drawnBox(gray: Gray): Box | null {
  let box = whole(gray);
  let paper = background(gray, box);
  for (;;) {
    const ink = inkBox(gray, box, paper);
    if (ink === null) return null;
    const inner = background(gray, ink);
    const framed = ink.width < box.width || ink.height < box.height;
    if (!framed || abs(inner - paper) < inkThreshold / 2) return ink;
    box = ink;
    paper = inner;
  }
}

function resample(source: Canvas, box: Box, target: Canvas): Gray {
  const context = target.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, box.left, box.top, box.width, box.height, 0, 0, target.width, target.height);
  return grayOf(context, target.width, target.height);
}

/** Dark on white with full contrast, with a margin (Tesseract loses letters that touch the edge). */
function graymap(gray: Gray): Uint8Array {
  const paper = background(gray, whole(gray));
  const contrast = gray.luma.reduce((most, luma) => Math.max(most, abs(luma - paper)), 1);
  const [width, height] = [gray.width + 2 * margin, gray.height + 2 * margin];
  const head = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`);
  const out = new Uint8Array(head.length + width * height).fill(255);
  out.set(head);
  for (let y = 0; y < gray.height; y++) {
    const to = head.length + (y + margin) * width + margin;
    for (let x = 0; x < gray.width; x++) {
      const difference = abs((gray.luma[y * gray.width + x] ?? 0) - paper);
      out[to + x] = 255 - round((difference * 255) / contrast);
    }
  }
  return out;
}
