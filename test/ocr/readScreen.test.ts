import { afterAll, describe, expect, test } from '@jest/globals';
import { createCanvas } from '@napi-rs/canvas';
import { closeOcr, OcrError, readScreen } from '../../ocr/index.ts';
import { bootManager, type Drawing, drawScreen, framed, stopDutch, stopEnglish, toBmp } from './draw.ts';

afterAll(closeOcr);

const textOf = async (picture: Uint8Array) => (await readScreen(picture)).lines.map(line => line.text);

describe('readScreen', () => {
  test.each<[number, number]>([
    [640, 480],
    [1024, 768],
    [1920, 1080],
  ])('reads an English stop screen of %i x %i', async (width, height) => {
    const read = await readScreen(drawScreen(stopEnglish, width, height).toBuffer('image/png'));
    expect(read).toMatchObject({ width, height, blank: null, language: 'eng' });
    const text = read.lines.map(line => line.text);
    expect(text.findIndex(line => line.startsWith('Your PC ran into a problem'))).toBeLessThan(
      text.findIndex(line => /^Stop code: CRITICAL[_ ]PROCESS[_ ]DIED/.test(line)),
    );
    expect(text).toContain('What failed: myfault.sys');
  });

  test('reads a BMP, as Azure serves it', async () => {
    expect(await textOf(toBmp(drawScreen(stopDutch, 1024, 768)))).toContain('Stopcode: 0xc000021a');
  });

  test('reads a JPEG of poor quality', async () => {
    expect(await textOf(drawScreen(stopDutch, 1024, 768).toBuffer('image/jpeg', 50))).toContain('Stopcode: 0xc000021a');
  });

  test('keeps the rows of a text screen whole', async () => {
    const text = await textOf(drawScreen(bootManager, 800, 600).toBuffer('image/png'));
    expect(text).toContain('Status: 0xc0000225');
    expect(text).toContain('Windows Boot Manager');
  });

  test.each(['#000000', '#ffffff', '#303030'])('finds a small screen in the middle of %s', async colour => {
    const picture = framed(drawScreen(stopEnglish, 800, 600), 1600, 900, colour);
    expect((await textOf(picture.toBuffer('image/png'))).join('\n')).toMatch(/Stop code: CRITICAL[_ ]PROCESS[_ ]DIED/);
  });

  test('answers pictures asked for at the same time each with its own text', async () => {
    const words = ['first', 'second', 'third'];
    const drawing = (word: string): Drawing => ({ small: [`This is the ${word} picture`] });
    const reads = await Promise.all(words.map(word => textOf(drawScreen(drawing(word), 640, 480).toBuffer('image/png'))));
    expect(reads).toEqual(words.map(word => [`This is the ${word} picture`]));
  });
});

describe('a screen with nothing on it', () => {
  test.each([
    ['#000000', 'black'],
    ['#0078d7', 'blank'],
    ['#ffffff', 'blank'],
  ])('%s is %s', async (colour, blank) => {
    const read = await readScreen(framed(createCanvas(1, 1), 1024, 768, colour).toBuffer('image/png'));
    expect(read).toEqual({ lines: [], width: 1024, height: 768, blank, language: null });
  });

  test('a blinking cursor is nothing', async () => {
    const canvas = framed(createCanvas(1, 1), 720, 400, '#000000');
    const context = canvas.getContext('2d');
    context.fillStyle = '#a8a8a8';
    context.fillRect(0, 12, 9, 2);
    expect(await readScreen(canvas.toBuffer('image/png'))).toMatchObject({ blank: 'black', lines: [] });
  });
});

describe('what is no picture', () => {
  const picture = drawScreen(stopEnglish, 640, 480).toBuffer('image/png');
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'not-a-picture'],
    ['a text', new TextEncoder().encode('<?xml version="1.0"?><Error><Code>BlobNotFound</Code></Error>'), 'not-a-picture'],
    ['a picture cut off', picture.subarray(0, 60), 'not-a-picture'],
    ['a picture with a wrong header', Uint8Array.from(picture, (byte, at) => (at > 30 && at < 200 ? 0 : byte)), 'not-a-picture'],
    ['a decompression bomb', Uint8Array.from(picture, (byte, at) => (at === 17 || at === 21 ? 0x40 : byte)), 'too-large'],
    ['a file beyond 20 MB', new Uint8Array(21 * 1024 * 1024), 'too-large'],
  ])('%s is refused by name', async (_, bytes, code) => {
    const error = await readScreen(bytes).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OcrError);
    expect(error).toMatchObject({ code });
  });

  test('and the next picture is read all the same', async () => {
    expect(await textOf(drawScreen({ small: ['Still here'] }, 640, 480).toBuffer('image/png'))).toEqual(['Still here']);
  });
});
