/** From picture to finding: OCR and diagnosis together, on pictures that neither was given before. */
import { afterAll, expect, test } from '@jest/globals';
import { readConsole } from '../../diagnosis/index.ts';
import { closeOcr, readScreen } from '../../ocr/index.ts';
import { bootManager, type Drawing, drawScreen, framed, stopDutch, stopEnglish, toBmp } from '../ocr/draw.ts';

afterAll(closeOcr);

const seen = async (picture: Uint8Array) => readConsole(await readScreen(picture));

const blackStop: Drawing = {
  ...stopEnglish,
  background: '#000000',
  large: ['Your device ran into a problem and needs to restart.', '', '100% complete'],
  small: ['Stop code: CRITICAL_PROCESS_DIED (0xEF)', 'What failed: ntoskrnl.exe'],
};
const oldStop: Drawing = {
  textMode: true,
  background: '#000080',
  small: [
    'A problem has been detected and Windows has been shut down to prevent damage',
    'to your computer.',
    '',
    'CRITICAL_PROCESS_DIED',
    '',
    'Technical information:',
    '',
    '*** STOP: 0x000000EF (0xFFFFE00012345080,0x0000000000000000,0x0000000000000000,0',
    'x0000000000000000)',
  ],
};

const codeOn = async (drawing: Drawing, width: number, height: number) => {
  const { failure } = await seen(drawScreen(drawing, width, height).toBuffer('image/png'));
  expect(failure?.confidence).not.toBe('possible');
  return failure?.entry.code;
};

test.each<[number, number]>([
  [640, 480],
  [1920, 1080],
])('stop screens of %i x %i', async (width, height) => {
  expect(await codeOn(stopEnglish, width, height)).toBe('0x000000EF');
  expect(await codeOn(stopDutch, width, height)).toBe('0xC000021A');
});

test.each<[string, Drawing, string]>([
  ['the black screen of 2025', blackStop, '0x000000EF'],
  ['another font', { ...stopEnglish, font: 'DejaVu Serif' }, '0x000000EF'],
  ['the full text of 2008', oldStop, '0x000000EF'],
  ['the boot manager', bootManager, '0xC0000225'],
])('%s', async (_, drawing, code) => expect(await codeOn(drawing, 1024, 768)).toBe(code));

test('a BMP of 1024 x 768, as Azure serves it, is certain', async () => {
  expect((await seen(toBmp(drawScreen(stopDutch, 1024, 768)))).failure).toMatchObject({
    confidence: 'certain',
    entry: { playbook: 'stop-0xc000021a' },
  });
});

test('a letter-boxed JPEG is read', async () => {
  const picture = framed(drawScreen(stopEnglish, 1024, 768), 1600, 900, '#000000').toBuffer('image/jpeg', 60);
  expect((await seen(picture)).failure?.entry.code).toBe('0x000000EF');
});

test('what happens to be no failure is none', async () => {
  const updating: Drawing = { large: ['Working on updates', '35% complete', "Don't turn off your computer"], small: [] };
  const undoing: Drawing = { large: ["We couldn't complete the updates", 'Undoing changes', "Don't turn off your computer"], small: [] };
  const signIn: Drawing = { large: ['10:45', 'Wednesday, March 5', 'Press Ctrl+Alt+Delete to unlock.'], small: [], background: '#101018' };
  const sights = [];
  for (const drawing of [updating, undoing, signIn]) sights.push(await seen(drawScreen(drawing, 1024, 768).toBuffer('image/png')));
  expect(sights).toMatchObject([
    { sight: 'updating', failure: null },
    { sight: 'undoing-changes', failure: null },
    { sight: 'sign-in', failure: null },
  ]);
});

test('a logo without text is a start', async () => {
  const canvas = drawScreen({ small: [], background: '#000000' }, 1024, 768);
  const context = canvas.getContext('2d');
  context.fillStyle = '#0078d7';
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    context.fillRect(440 + x * 72, 240 + y * 72, 68, 68);
  }
  context.fillStyle = '#ffffff';
  for (let dot = 0; dot < 5; dot++) context.fillRect(480 + dot * 14, 520, 5, 5);
  expect(await seen(canvas.toBuffer('image/png'))).toMatchObject({ sight: 'loading', failure: null });
});
