/** Draws console pictures for tests, independently of the simulator's renderer. */
import { type Canvas, createCanvas } from '@napi-rs/canvas';

export interface Drawing {
  /** The stop screen's `:(` and a QR code. */
  face?: boolean;
  large?: string[];
  small: string[];
  /** Text mode of the boot manager: grey monospace on black. */
  textMode?: boolean;
  background?: string;
  font?: string;
}

/** Draws at the size of a console; proportions are those of 1024 x 768. */
export function drawScreen(drawing: Drawing, width: number, height: number): Canvas {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const unit = Math.min(width / 1024, height / 768);
  const font = drawing.textMode ? 'DejaVu Sans Mono' : (drawing.font ?? 'DejaVu Sans');
  context.fillStyle = drawing.textMode ? '#000000' : (drawing.background ?? '#0078d7');
  context.fillRect(0, 0, width, height);
  context.fillStyle = drawing.textMode ? '#a8a8a8' : '#ffffff';
  const left = (drawing.textMode ? 10 : 100) * unit;
  let y = (drawing.textMode ? 30 : 80) * unit;
  if (drawing.face) {
    context.font = `${110 * unit}px ${font}`;
    context.fillText(':(', left, y + 90 * unit);
    y += 170 * unit;
  }
  context.font = `${26 * unit}px ${font}`;
  for (const line of drawing.large ?? []) {
    context.fillText(line, left, y);
    y += 36 * unit;
  }
  y += 20 * unit;
  if (drawing.face) {
    const module = Math.max(1, Math.round(4 * unit));
    for (let row = 0; row < 25; row++) {
      for (let column = 0; column < 25; column++) {
        if ((row * 7 + column * 13 + row * column) % 3 > 0) context.fillRect(left + column * module, y + row * module, module, module);
      }
    }
  }
  context.font = `${(drawing.textMode ? 16 : 13) * unit}px ${font}`;
  for (const line of drawing.small) {
    context.fillText(line, left + (drawing.face ? 130 : 0) * unit, y + 12 * unit);
    y += 20 * unit;
  }
  return canvas;
}

/** A canvas of another size with the picture in its middle. */
export function framed(picture: Canvas, width: number, height: number, colour: string): Canvas {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, Math.floor((width - picture.width) / 2), Math.floor((height - picture.height) / 2));
  return canvas;
}

/** 24-bit bottom-up BMP, as Azure serves a screenshot. */
export function toBmp(canvas: Canvas): Uint8Array {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const stride = Math.ceil((width * 3) / 4) * 4;
  const out = Buffer.alloc(54 + stride * height);
  out.write('BM');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((height - 1 - y) * width + x) * 4;
      const to = 54 + y * stride + x * 3;
      out[to] = data[from + 2] ?? 0;
      out[to + 1] = data[from + 1] ?? 0;
      out[to + 2] = data[from] ?? 0;
    }
  }
  return out;
}

export const stopEnglish: Drawing = {
  face: true,
  large: [
    "Your PC ran into a problem and needs to restart. We're just",
    "collecting some error info, and then we'll restart for you.",
    '',
    '35% complete',
  ],
  small: [
    'For more information about this issue and possible fixes, visit https://www.windows.com/stopcode',
    '',
    'If you call a support person, give them this info:',
    'Stop code: CRITICAL_PROCESS_DIED',
    'What failed: myfault.sys',
  ],
};

export const stopDutch: Drawing = {
  face: true,
  large: [
    'Er is een probleem opgetreden met uw pc en de pc moet opnieuw',
    'worden opgestart. We verzamelen alleen wat foutgegevens en',
    'daarna wordt de pc opnieuw opgestart.',
    '',
    '0% voltooid',
  ],
  small: ['Als u de ondersteuning belt, geeft u deze informatie door:', 'Stopcode: 0xc000021a'],
};

export const bootManager: Drawing = {
  textMode: true,
  small: [
    'Windows Boot Manager',
    '',
    'Windows failed to start. A recent hardware or software change might be the',
    'cause. To fix the problem:',
    '',
    '  1. Insert your Windows installation disc and restart your computer.',
    '',
    '    File: \\Windows\\system32\\winload.efi',
    '',
    '    Status: 0xc0000225',
    '',
    "    Info: The application or operating system couldn't be loaded because a",
    '          required file is missing or contains errors.',
  ],
};
