import { createCanvas } from '@napi-rs/canvas';
import { repairId, signInText, stopText } from './night.ts';

/** Pictures for every screenshot blob that a sample names: a stop screen before, a sign-in screen after. */
export function images(): Map<string, { bytes: Uint8Array; contentType: string }> {
  const stop = screen('#0a64ad', stopText.split('\n'), ':(');
  const signIn = screen('#123a5e', signInText.split('\n'), '');
  const png = (bytes: Uint8Array) => ({ bytes, contentType: 'image/png' });
  return new Map([
    [`${repairId}/before.png`, png(stop)],
    [`${repairId}/again.png`, png(stop)],
    [`${repairId}/after.png`, png(signIn)],
  ]);
}

function screen(ground: string, lines: string[], face: string): Uint8Array {
  const canvas = createCanvas(1024, 768);
  const context = canvas.getContext('2d');
  context.fillStyle = ground;
  context.fillRect(0, 0, 1024, 768);
  context.fillStyle = '#fff';
  context.font = '120px sans-serif';
  context.fillText(face, 90, 220);
  context.font = '22px sans-serif';
  for (const [n, line] of lines.entries()) context.fillText(line, 90, 320 + n * 40);
  return canvas.toBuffer('image/png');
}
