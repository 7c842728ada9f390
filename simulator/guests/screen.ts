/** Draws a console as Azure's screenshot shows it. */
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import type { Screen } from './contract.ts';
import { type StopTexts, wordsOf } from './screenTexts.ts';

const WIDTH = 1024;
const HEIGHT = 768;
const WHITE = '#ffffff';

/** Chinese has no font in the packages: the machine's own is taken where it has one, else boxes are drawn. Codes are Latin in every language. */
const CHINESE = '"Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei"';
const SANS = `"Console Sans", ${CHINESE}`;
const MONO = `"Console Mono", ${CHINESE}`;

let registered = false;

/** A PNG of 1024 x 768. The same screen gives the same picture. */
export async function renderScreen(screen: Screen): Promise<Uint8Array> {
  if (!registered) registerFonts();
  const canvas = createCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext('2d');
  draw(context, screen);
  return canvas.encode('png');
}

function registerFonts(): void {
  const { resolve } = createRequire(import.meta.url);
  GlobalFonts.registerFromPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'), 'Console Sans');
  GlobalFonts.registerFromPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf'), 'Console Mono');
  registered = true;
}

function draw(context: SKRSContext2D, screen: Screen): void {
  fill(context, '#000000');
  switch (screen.kind) {
    case 'black':
      return;
    case 'windows-logo':
      drawLogo(context, WIDTH / 2, 300, 130);
      drawSpinner(context, WIDTH / 2, 570, 20);
      return;
    case 'stop':
      drawStop(context, screen);
      return;
    case 'firmware':
      drawText(context, screen.lines);
      return;
    case 'boot-manager':
      drawText(context, bootManagerLines(screen));
      return;
    case 'updating':
      drawWaiting(context, screen.undoing ? wordsOf(screen.language).undoing : wordsOf(screen.language).updating(screen.percent));
      return;
    case 'checking-disk':
      drawLogo(context, WIDTH / 2, 300, 130);
      drawSpinner(context, WIDTH / 2, 570, 20);
      centred(context, wordsOf(screen.language).checking(screen.percent), 640, 17);
      return;
    case 'sign-in':
      drawSignIn(context, screen);
      return;
  }
}

function fill(context: SKRSContext2D, colour: string): void {
  context.fillStyle = colour;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = WHITE;
}

function write(context: SKRSContext2D, text: string, x: number, y: number, size: number, family = SANS): void {
  context.font = `${size}px ${family}`;
  context.fillText(text, x, y);
}

function centred(context: SKRSContext2D, text: string, y: number, size: number): void {
  context.font = `${size}px ${SANS}`;
  context.fillText(text, (WIDTH - context.measureText(text).width) / 2, y);
}

/** Windows 10 and Server 2016 to 2022: white on blue, a face, the sentence, a QR code beside what to tell support. */
function drawStop(context: SKRSContext2D, screen: Screen & { kind: 'stop' }): void {
  const { stop } = wordsOf(screen.language);
  const left = 102;
  fill(context, '#0078d7');
  write(context, ':(', left, 190, 120);
  let y = 275;
  for (const line of [...stop.sentence, '', stop.complete(screen.percent)]) {
    write(context, line, left, y, 25);
    y += line === '' ? 16 : 37;
  }
  drawQr(context, left, y - 5, 112);
  drawSupport(context, stop, screen, left + 136, y + 8);
}

function drawSupport(context: SKRSContext2D, stop: StopTexts, screen: Screen & { kind: 'stop' }, left: number, top: number): void {
  const code = stop.stopCode + screen.stopCode;
  const failed = screen.whatFailed === undefined ? [] : [stop.whatFailed + screen.whatFailed];
  const lines = [...wrap(context, stop.visit, WIDTH - left - 60, 14), '', stop.call, code, ...failed];
  for (const [index, line] of lines.entries()) write(context, line, left, top + index * 21, 14);
}

function wrap(context: SKRSContext2D, text: string, width: number, size: number): string[] {
  context.font = `${size}px ${SANS}`;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trimStart();
    if (lines.length > 0 && context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Looks like the code for windows.com/stopcode, and says nothing. */
function drawQr(context: SKRSContext2D, left: number, top: number, size: number): void {
  const modules = 25;
  const cell = (size - 8) / modules;
  context.fillRect(left, top, size, size);
  context.fillStyle = '#0078d7';
  for (let row = 0; row < modules; row++) {
    for (let column = 0; column < modules; column++) {
      const ring = finderRing(row, column, modules);
      const dark = ring === undefined ? (row * 7 + column * 11 + ((row * column) % 5)) % 3 === 0 : ring !== 1;
      if (dark) context.fillRect(left + 4 + column * cell, top + 4 + row * cell, cell, cell);
    }
  }
  context.fillStyle = WHITE;
}

/** In one of the three corner marks: 0 its edge, 1 its gap, 2 its middle. */
function finderRing(row: number, column: number, modules: number): number | undefined {
  const r = row < 7 ? row : row - (modules - 7);
  const c = column < 7 ? column : column - (modules - 7);
  const inCorner =
    (row < 7 || row >= modules - 7) && (column < 7 || column >= modules - 7) && !(row >= modules - 7 && column >= modules - 7);
  return inCorner ? Math.min(2, r, c, 6 - r, 6 - c) : undefined;
}

/** Text mode: grey on black, 80 columns. */
function drawText(context: SKRSContext2D, lines: string[]): void {
  context.fillStyle = '#c0c0c0';
  for (const [index, line] of lines.entries()) write(context, line, 24, 44 + index * 24, 19, MONO);
}

/** Always in English here: the boot manager follows the BCD's locale only where its language files are installed. */
function bootManagerLines(screen: Screen & { kind: 'boot-manager' }): string[] {
  const [first = '', ...rest] = wordWrap(`Info: ${screen.info}`, 74);
  return [
    '                              Windows Boot Manager',
    '',
    'Windows failed to start. A recent hardware or software change might be the',
    'cause. To fix the problem:',
    '',
    '  1. Insert your Windows installation disc and restart your computer.',
    '  2. Choose your language settings, and then click "Next."',
    '  3. Click "Repair your computer."',
    '',
    'If you do not have this disc, contact your system administrator or computer',
    'manufacturer for assistance.',
    '',
    ...(screen.file === undefined ? [] : [`    File: ${screen.file}`, '']),
    `    Status: ${screen.status}`,
    '',
    `    ${first}`,
    ...rest.map(line => `          ${line}`),
    '',
    '',
    ' ENTER=Continue                                                    ESC=Exit',
  ];
}

function wordWrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trimStart();
    if (lines.length > 0 && longer.length <= columns - 10) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function drawLogo(context: SKRSContext2D, x: number, y: number, size: number): void {
  const gap = size * 0.06;
  const pane = (size - gap) / 2;
  context.fillStyle = '#00a4ef';
  for (const [column, row] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    context.fillRect(x - size / 2 + column * (pane + gap), y - size / 2 + row * (pane + gap), pane, pane);
  }
  context.fillStyle = WHITE;
}

/** The ring of dots, caught at one moment. */
function drawSpinner(context: SKRSContext2D, x: number, y: number, radius: number): void {
  for (let dot = 0; dot < 5; dot++) {
    const angle = dot * 0.55 - 2.2;
    context.beginPath();
    context.arc(x + radius * Math.cos(angle), y + radius * Math.sin(angle), 3, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawWaiting(context: SKRSContext2D, lines: string[]): void {
  fill(context, '#006dae');
  drawSpinner(context, WIDTH / 2, 320, 24);
  for (const [index, line] of lines.entries()) centred(context, line, 400 + index * 36, 24);
}

function drawSignIn(context: SKRSContext2D, screen: Screen & { kind: 'sign-in' }): void {
  fill(context, '#0b2a4a');
  centred(context, wordsOf(screen.language).signIn, 660, 24);
  write(context, screen.computerName, 60, 720, 18);
}
