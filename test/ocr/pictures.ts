/**
 * Pictures of consoles drawn from a seed: style, language, font, size and damage all follow from it, and so does what is on them.
 * Independent of the product and of the simulator's renderer.
 */

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { framed } from './draw.ts';
import { calm, calmPage, failingPage, type Page, pick, type Random, randomFrom, type Style, styles } from './pages.ts';
import { texts } from './texts.ts';

export const damages = ['clean', 'scaled', 'JPEG', 'noise', 'blur', 'letter-box'] as const;
export type Damage = (typeof damages)[number];

export interface Picture {
  bytes: Uint8Array;
  style: Style;
  language: string;
  damage: Damage;
  /** Normal form, as the screen tells it; null = it tells of no stop and no boot error. */
  code: string | null;
  font: string;
  size: string;
}

const { resolve } = createRequire(import.meta.url);
const latinFonts = ['DejaVu Sans', 'DejaVu Serif', 'Open Sans', 'Roboto'];

/** Registers the fonts of the npm packages; a family that comes in many files is one family all the same. */
function registerFonts(): void {
  const dejavu = join(dirname(resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  for (const file of readdirSync(dejavu))
    if (/^DejaVu(Sans|Serif|SansMono)\.ttf$/.test(file)) GlobalFonts.registerFromPath(join(dejavu, file));
  for (const [name, family] of [
    ['open-sans', 'Open Sans'],
    ['roboto', 'Roboto'],
    ['noto-sans-sc', 'Noto SC'],
    ['noto-sans-jp', 'Noto JP'],
  ] as const) {
    const files = join(dirname(resolve(`@fontsource/${name}/package.json`)), 'files');
    for (const file of readdirSync(files)) {
      if (file.endsWith('-400-normal.woff2')) GlobalFonts.registerFromPath(join(files, file), family);
    }
  }
}
let registered = false;

const isWide = (letter: string) => /[\u3000-\u9fff\uff00-\uffef]/.test(letter);
/** Words, and letters of scripts that set no spaces. */
const pieces = (line: string) => line.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+|\s+/g) ?? [];

function wrap(context: SKRSContext2D, line: string, width: number): string[] {
  const rows = [''];
  for (const piece of pieces(line)) {
    const row = rows.at(-1) ?? '';
    if (row !== '' && context.measureText(row + piece).width > width && (isWide(piece) || piece.trim() !== '')) rows.push(piece);
    else rows[rows.length - 1] = row + piece;
  }
  return rows;
}

function drawQr(context: SKRSContext2D, random: Random, x: number, y: number, module: number): void {
  for (let at = 0; at < 29 * 29; at++) {
    if (random() < 0.5) context.fillRect(x + (at % 29) * module, y + Math.floor(at / 29) * module, module, module);
  }
}

function draw(page: Page, family: string, width: number, height: number, random: Random): Canvas {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const unit = Math.min(width / 1024, height / 768);
  context.fillStyle = page.paper;
  context.fillRect(0, 0, width, height);
  context.fillStyle = page.ink;
  const left = (page.mono ? 12 : 100) * unit;
  let y = (page.mono ? 30 : page.centred ? 300 : 90) * unit;
  if (page.face) {
    context.font = `${120 * unit}px ${family}`;
    context.fillText(':(', left, y + 80 * unit);
    y += 170 * unit;
  }
  const write = (lines: string[], size: number, x: number) => {
    context.font = `${size * unit}px ${family}`;
    for (const row of lines.flatMap(line => wrap(context, line, width - x - 60 * unit))) {
      const start = page.centred ? (width - context.measureText(row).width) / 2 : x;
      context.fillText(row, start, y);
      y += size * 1.45 * unit;
    }
  };
  write(page.large, 24 + random() * 5, left);
  y += 24 * unit;
  if (page.qr) drawQr(context, random, left, y - 14 * unit, Math.max(1, Math.round(3.4 * unit)));
  write(page.small, page.mono ? 15 + random() * 2 : 13 + random() * 3, left + (page.qr ? 125 * unit : 0));
  return canvas;
}

const redrawn = (source: Canvas, width: number, height: number): Canvas => {
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').drawImage(source, 0, 0, width, height);
  return canvas;
};

function noisy(canvas: Canvas, random: Random, strength: number): Canvas {
  const context = canvas.getContext('2d');
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < image.data.length; at += 4) {
    const shift = (random() - 0.5) * strength;
    for (let channel = 0; channel < 3; channel++) image.data[at + channel] = (image.data[at + channel] ?? 0) + shift;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

async function damaged(canvas: Canvas, damage: Damage, random: Random): Promise<Uint8Array> {
  const { width, height } = canvas;
  if (damage === 'scaled') {
    const factor = 0.8 + random() * 0.15;
    return redrawn(redrawn(canvas, Math.round(width * factor), Math.round(height * factor)), width, height).toBuffer('image/png');
  }
  if (damage === 'JPEG') return canvas.toBuffer('image/jpeg', 35 + Math.floor(random() * 40));
  if (damage === 'noise') return noisy(canvas, random, 20 + random() * 30).toBuffer('image/png');
  if (damage === 'blur') {
    const soft = createCanvas(width, height);
    const context = soft.getContext('2d');
    context.filter = `blur(${0.5 + random() * 0.4}px)`;
    context.drawImage(canvas, 0, 0);
    return soft.toBuffer('image/png');
  }
  if (damage === 'letter-box') {
    return framed(
      canvas,
      width + 100 + Math.floor(random() * 500),
      height + Math.floor(random() * 200),
      pick(random, ['#000000', '#ffffff', '#202020']),
    ).toBuffer('image/jpeg', 75);
  }
  return canvas.toBuffer('image/png');
}

const sizes = [
  [1024, 768],
  [1024, 768],
  [1024, 768],
  [800, 600],
  [1280, 1024],
  [1920, 1080],
] as const;

/** The picture number `index` of a seed. Half of them tell of a failure; half of them are damaged. */
export async function picture(seed: number, index: number): Promise<Picture> {
  if (!registered) registerFonts();
  registered = true;
  const random = randomFrom(seed * 1_000_003 + index);
  const fails = index % 3 !== 2;
  const style: Style = fails ? pick(random, styles) : pick(random, calm);
  const language = style === 'full text' || style === 'Linux' ? 'en' : pick(random, Object.keys(texts));
  const t = texts[language] ?? pick(random, Object.values(texts));
  const damage = index % 2 === 0 ? 'clean' : pick(random, damages.slice(1));
  const page = fails ? failingPage(style, t, random) : calmPage(style, t, random);
  const latin = page.mono ? 'DejaVu Sans Mono' : pick(random, latinFonts);
  const family =
    language === 'zh'
      ? page.mono
        ? `${latin}, Noto SC`
        : 'Noto SC'
      : language === 'ja'
        ? page.mono
          ? `${latin}, Noto JP`
          : 'Noto JP'
        : latin;
  const quoted = family
    .split(', ')
    .map(name => `"${name}"`)
    .join(', ');
  const [width, height] = pick(random, sizes);
  const canvas = draw(page, quoted, width, height, random);
  return {
    bytes: await damaged(canvas, damage, random),
    style,
    language,
    damage,
    code: page.code,
    font: family,
    size: `${width}x${height}`,
  };
}
