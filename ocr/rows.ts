/** Tesseract's pieces of text -> rows as they stand on the screen. */
import type { Region, ScreenLine } from './types.ts';

/** Corners, pixels. */
export interface Bounds {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** One piece as Tesseract's sparse mode finds it; a row comes in several where the gaps are wide. */
export interface Piece {
  text: string;
  confidence: number;
  bbox: Bounds;
}

const height = (piece: Piece) => piece.bbox.y1 - piece.bbox.y0;
const middle = (piece: Piece) => (piece.bbox.y0 + piece.bbox.y1) / 2;

/** Same row: middles closer than half the smaller height, similar heights (a QR code beside text is no part of it), no wide gap. */
function follows(last: Piece, next: Piece): boolean {
  const small = Math.min(height(last), height(next));
  const large = Math.max(height(last), height(next));
  const gap = next.bbox.x0 - last.bbox.x1;
  return Math.abs(middle(last) - middle(next)) < small / 2 && large < small * 2.5 && gap > -small && gap < large * 4;
}

/** By length: a speck beside a line takes nothing from it. */
function confidenceOf(row: Piece[]): number {
  const letters = row.reduce((sum, { text }) => sum + text.trim().length, 0);
  return Math.round(row.reduce((sum, { text, confidence }) => sum + text.trim().length * confidence, 0) / Math.max(1, letters));
}

/** Below this Tesseract does not believe itself: letters that it made of a logo or a QR code. */
const believed = 30;

/** A code or a name in capitals: what a QR code does not yield, and worth telling even when it is hardly believed. */
const telling = /[0OQo][xX×][0-9A-Za-z]{2}|[A-Z]{3}[A-Z0-9]*(?:[_ ]+[A-Z0-9]{2,})+/;
const isKept = ({ text, confidence }: Piece) => confidence >= believed || telling.test(text);

/** Of the area that was read, the part that Tesseract hardly believes: letters that the model does not know. */
const foreign = 50;
const foreignPart = 0.3;
const areaOf = (pieces: Piece[]) => pieces.reduce((sum, { bbox }) => sum + (bbox.x1 - bbox.x0) * (bbox.y1 - bbox.y0), 0);

/** Whether so much was read without belief that the screen may be in another script. */
export const isForeign = (pieces: Piece[]): boolean =>
  areaOf(pieces.filter(({ confidence }) => confidence < foreign)) > areaOf(pieces) * foreignPart;

const overlap = (a: Bounds, b: Bounds) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/** What the first reading believed and the codes and names it saw, and what the second one has to say of all other places. */
export function mergeReadings(first: Piece[], second: Piece[]): Piece[] {
  const sure = first.filter(({ confidence }) => confidence >= foreign);
  const codes = first.filter(piece => piece.confidence < foreign && telling.test(piece.text));
  const over = (pieces: Piece[], { bbox }: Piece) => pieces.some(piece => overlap(piece.bbox, bbox));
  // Where the first saw a code, a second reading that is not believed either would only contradict it.
  const added = second.filter(piece => !over(sure, piece) && (piece.confidence >= foreign || !over(codes, piece)));
  return [...sure, ...codes, ...added];
}

const around = (row: Piece[]): Bounds => ({
  x0: Math.min(...row.map(({ bbox }) => bbox.x0)),
  y0: Math.min(...row.map(({ bbox }) => bbox.y0)),
  x1: Math.max(...row.map(({ bbox }) => bbox.x1)),
  y1: Math.max(...row.map(({ bbox }) => bbox.y1)),
});

/** Joins what is kept to rows, left to right and top to bottom, and drops those without a letter or digit. */
export function toRows(pieces: Piece[], onPicture: (box: Bounds) => Region): ScreenLine[] {
  const rows: Piece[][] = [];
  for (const piece of pieces.filter(isKept).toSorted((a, b) => a.bbox.x0 - b.bbox.x0)) {
    const row = rows.find(candidate => candidate.some((last, at) => at === candidate.length - 1 && follows(last, piece)));
    if (row === undefined) rows.push([piece]);
    else row.push(piece);
  }
  return rows
    .toSorted((a, b) => Math.min(...a.map(middle)) - Math.min(...b.map(middle)))
    .map(row => ({
      text: row.map(piece => piece.text.trim()).join(' '),
      confidence: confidenceOf(row),
      box: onPicture(around(row)),
    }))
    .filter(line => /[\p{L}\p{N}]/u.test(line.text));
}
