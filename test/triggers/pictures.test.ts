/** Screenshots for people: only pixels of what a guest has drawn, and a frame around what the finding rests on. */

import { describe, expect, test } from '@jest/globals';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { picturesOf } from '../../functions/triggers/pictures.ts';
import { reencode } from '../../ocr/index.ts';
import type { Records } from '../../records/index.ts';
import { evidence } from '../report/sample/night.ts';
import { repaired } from '../report/sample/stories.ts';

const region = { x: 40, y: 30, width: 20, height: 10 };

function drawn(): Buffer {
  const canvas = createCanvas(120, 80);
  const context = canvas.getContext('2d');
  context.fillStyle = '#0078d7';
  context.fillRect(0, 0, 120, 80);
  return canvas.toBuffer('image/png');
}

/** What a file can carry beside its pixels: a text chunk behind the header (PNG specification, 11.3.4.3; readers skip its checksum here). */
function withPassenger(png: Buffer): Buffer {
  const text = Buffer.from('Comment\0<script>alert(1)</script>');
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from('tEXt'), text, Buffer.alloc(4)]);
  chunk.writeUInt32BE(text.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33), Buffer.from('<script>trailing</script>')]);
}

async function colors(png: Uint8Array): Promise<(x: number, y: number) => string> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  return (x, y) => Buffer.from(context.getImageData(x, y, 1, 1).data.subarray(0, 3)).toString('hex');
}

describe('a picture encoded anew', () => {
  test('has the pixels and nothing else of the file', async () => {
    const fresh = Buffer.from(await reencode(withPassenger(drawn())));
    expect(fresh.includes('script')).toBe(false);
    expect((await colors(fresh))(60, 40)).toBe('0078d7');
  });
  test('has a frame around each region, which covers nothing of it', async () => {
    const at = await colors(await reencode(drawn(), [region]));
    expect([at(36, 35), at(50, 35), at(10, 10)]).toEqual(['ffd400', '0078d7', '0078d7']);
  });
  test('is none where there was none', () => expect(reencode(Buffer.from('<svg onload=alert(1)>'))).rejects.toThrow());
});

describe('pictures of a repair', () => {
  const finding = { ...repaired.diagnosis!.findings[0]!, regions: [region], evidence: ['seen'] };
  const shot = (id: string) => ({ ...evidence(id, 'screenshot', 0, '', 'image/png'), blob: 'r/same.png' });
  const story = {
    diagnosis: { ...repaired.diagnosis!, findings: [finding], evidence: [shot('seen')] },
    // The same screen again: the same contents, so the same blob.
    restart: { ...repaired.attempts[1]!.boot!, evidence: [shot('again')] },
    attempts: [],
  };
  const from = (bytes: Uint8Array | undefined) => ({ readEvidence: async () => bytes }) as unknown as Records;

  test('the frame stays where a later boot shows the same screen', async () => {
    const pictures = await picturesOf(story, from(drawn()));
    expect((await colors(pictures.get('r/same.png')!.bytes))(36, 35)).toBe('ffd400');
  });
  test('one that is gone, and one that is none, are left out', async () => {
    for (const bytes of [undefined, Buffer.from('no picture')]) expect((await picturesOf(story, from(bytes))).size).toBe(0);
  });
});
