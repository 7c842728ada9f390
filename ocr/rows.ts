/** Tesseract's pieces of text -> rows as they stand on the screen. */
import type { ScreenLine } from './types.ts';

/** One piece as Tesseract's sparse mode finds it; a row comes in several where the gaps are wide. */
export interface Piece {
  text: string;
  confidence: number;
  bbox: { x0: number; y0: number; x1: number; y1: number };
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

/** Joins what is believed to rows, left to right and top to bottom, and drops those without a letter or digit. */
export function toRows(pieces: Piece[]): ScreenLine[] {
  const rows: Piece[][] = [];
  for (const piece of pieces.filter(({ confidence }) => confidence >= believed).toSorted((a, b) => a.bbox.x0 - b.bbox.x0)) {
    const row = rows.find(candidate => candidate.some((last, at) => at === candidate.length - 1 && follows(last, piece)));
    if (row === undefined) rows.push([piece]);
    else row.push(piece);
  }
  return rows
    .toSorted((a, b) => Math.min(...a.map(middle)) - Math.min(...b.map(middle)))
    .map(row => ({
      text: row.map(piece => piece.text.trim()).join(' '),
      confidence: confidenceOf(row),
    }))
    .filter(line => /[\p{L}\p{N}]/u.test(line.text));
}
