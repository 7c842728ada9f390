/** Pictures that are broken, odd or hostile: each is read or refused by name, within bounds. */
import { Worker as Thread } from 'node:worker_threads';
import { afterAll, expect, jest, test } from '@jest/globals';
import { closeOcr, OcrError, readScreen } from '../../ocr/index.ts';
import { preparePicture } from '../../ocr/picture.ts';
import fc from '../fastCheck.ts';
import { drawScreen, stopDutch, toBmp } from './draw.ts';

afterAll(closeOcr);

const canvas = drawScreen(stopDutch, 640, 480);
const png = new Uint8Array(canvas.toBuffer('image/png'));
const jpeg = new Uint8Array(canvas.toBuffer('image/jpeg', 70));
const bmp = toBmp(canvas);

/** An indexed BMP: one or eight bits a pixel, with a black and white palette. */
function indexedBmp(bits: 1 | 8, { height = 480, compression = 0 } = {}): Uint8Array {
  const { data } = canvas.getContext('2d').getImageData(0, 0, 640, 480);
  const colours = 2 ** bits;
  const stride = Math.ceil((640 * bits) / 32) * 4;
  const start = 54 + colours * 4;
  const out = Buffer.alloc(start + stride * 480);
  out.write('BM');
  for (const [at, value] of [
    [2, out.length],
    [10, start],
    [14, 40],
    [18, 640],
    [30, compression],
    [46, colours],
  ] as const)
    out.writeUInt32LE(value, at);
  out.writeInt32LE(height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(bits, 28);
  out.writeUInt32LE(0x00ffffff, 54 + 4);
  for (let y = 0; y < 480; y++) {
    for (let x = 0; x < 640; x++) {
      if ((data[(y * 640 + x) * 4] ?? 0) < 128) continue;
      const row = start + (height < 0 ? y : 479 - y) * stride;
      const at = row + Math.floor((x * bits) / 8);
      out[at] = (out[at] ?? 0) | (bits === 1 ? 0x80 >> (x % 8) : 1);
    }
  }
  return out;
}

test.each<[string, Uint8Array]>([
  ['one bit', indexedBmp(1)],
  ['a palette', indexedBmp(8)],
  ['a negative height: top-down', indexedBmp(8, { height: -480 })],
])('a BMP of %s is read', async (_, bytes) => {
  expect((await readScreen(bytes)).lines.map(({ text }) => text).join('\n')).toMatch(/0xc000021a/i);
});

const outcome = (bytes: Uint8Array): Promise<unknown> =>
  preparePicture(bytes).then(
    ({ width, height }) => {
      expect(width * height).toBeLessThanOrEqual(16_000_000);
      return 'read';
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(OcrError);
      return error;
    },
  );

test.each<[string, Uint8Array]>([
  ['a BMP that says it is run-length coded and is not', indexedBmp(8, { compression: 1 })],
  ['a JPEG cut off', jpeg.subarray(0, jpeg.length / 2)],
  ['a PNG cut off', png.subarray(0, png.length / 2)],
  ['a BMP cut off', bmp.subarray(0, 1000)],
  ['a BMP of height -2^31', Uint8Array.from(bmp, (byte, at) => (at === 25 ? 0x80 : at >= 22 && at < 25 ? 0 : byte))],
  ['nothing', new Uint8Array()],
])('%s neither crashes nor hangs', async (_, bytes) => void (await outcome(bytes)));

test('any bytes are refused by name', async () => {
  const heads = [png, jpeg, bmp].map(bytes => bytes.subarray(0, 30));
  const any = fc.tuple(fc.constantFrom(new Uint8Array(), ...heads), fc.uint8Array({ maxLength: 300 }));
  await fc.assert(
    fc.asyncProperty(any, async ([head, tail]) => void (await outcome(Buffer.concat([head, tail])))),
    { numRuns: 100 },
  );
});

test('a picture with any bytes changed is read or refused by name', async () => {
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), byte: fc.nat(255) });
  const pictures = fc.constantFrom(png, jpeg, bmp.subarray(0, 200_000));
  await fc.assert(
    fc.asyncProperty(pictures, fc.array(change, { minLength: 1, maxLength: 8 }), async (picture, changes) => {
      const bytes = Uint8Array.from(picture);
      // Half of the changes in the first hundred bytes, where sizes and kinds stand.
      for (const [index, { at, byte }] of changes.entries()) bytes[Math.floor(at * (index % 2 ? bytes.length : 100))] = byte;
      await outcome(bytes);
    }),
    { numRuns: 60 },
  );
});

test('an engine whose thread dies is told, and replaced for the next picture', async () => {
  await readScreen(png);
  const send = Thread.prototype.postMessage;
  const dying = jest.spyOn(Thread.prototype, 'postMessage').mockImplementation(function (this: Thread, ...message) {
    dying.mockRestore();
    send.apply(this, message);
    void this.terminate();
  });
  await expect(readScreen(png)).rejects.toMatchObject({ code: 'engine' });
  expect((await readScreen(png)).lines.map(({ text }) => text).join('\n')).toContain('0xc000021a');
});
