import { afterAll, describe, expect, test } from '@jest/globals';
import { loadImage } from '@napi-rs/canvas';
import { closeOcr, readScreen } from '../../../ocr/index.ts';
import type { Screen } from '../../../simulator/guests/contract.ts';
import { guests } from '../../../simulator/guests/index.ts';
import { boot, disk, last, services } from './world.ts';

afterAll(closeOcr);

/** Without what OCR mixes up: O and 0, l, I and 1, blanks and underscores. */
const plain = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('o', '0')
    .replaceAll(/[li|]/g, '1')
    .replaceAll(/[_\s]+/g, ' ');
const read = async (screen: Screen) => {
  const { lines } = await readScreen(await guests.renderScreen(screen));
  return plain(lines.map(line => line.text).join(' '));
};

describe('the console as OCR sees it', () => {
  test.each<[string, Screen, string[]]>([
    ['Dutch stop', { kind: 'stop', language: 'nl-NL', stopCode: '0xc000021a', percent: 0 }, ['0xc000021a', 'stopcode']],
    [
      'English stop',
      { kind: 'stop', language: 'en-US', stopCode: 'CRITICAL_PROCESS_DIED', whatFailed: 'services.exe', percent: 100 },
      ['CRITICAL_PROCESS_DIED', 'services.exe', '100% complete'],
    ],
    ['Swedish stop', { kind: 'stop', language: 'sv-SE', stopCode: '0xc000021a', percent: 0 }, ['0xc000021a']],
    [
      'Chinese stop, whose words have no font here',
      { kind: 'stop', language: 'zh-CN', stopCode: 'CRITICAL_PROCESS_DIED', percent: 0 },
      ['CRITICAL_PROCESS_DIED'],
    ],
    [
      'boot manager',
      { kind: 'boot-manager', status: '0xc000000e', file: '\\Windows\\system32\\winload.efi', info: 'A required device is not there.' },
      ['0xc000000e', 'winload.efi'],
    ],
    ['firmware', { kind: 'firmware', lines: ['BOOTMGR is missing', 'Press Ctrl+Alt+Del to restart'] }, ['BOOTMGR is missing']],
    ['updates undone', { kind: 'updating', language: 'en-US', percent: 40, undoing: true }, ['Undoing changes']],
    ['updates', { kind: 'updating', language: 'en-US', percent: 40, undoing: false }, ['Working on updates', '40%']],
    ['sign-in', { kind: 'sign-in', language: 'en-US', computerName: 'db-ok-03' }, ['Ctrl+Alt+Delete']],
  ])('%s', async (_, screen, texts) => {
    const seen = await read(screen);
    for (const text of texts) expect(seen).toContain(plain(text));
  });

  test('what a boot shows can be read', async () => {
    const { screen } = last(boot(disk({ build: 20348 }, [{ kind: 'corrupt-file', path: services, repairable: true }])));
    expect(await read(screen)).toContain(plain('CRITICAL_PROCESS_DIED'));
  });
});

test('pictures are PNGs of the console’s size, and the same screen gives the same bytes', async () => {
  for (const screen of [
    { kind: 'black' },
    { kind: 'windows-logo' },
    { kind: 'stop', language: 'nl-NL', stopCode: '0xc000021a', percent: 5 },
  ] satisfies Screen[]) {
    const png = await guests.renderScreen(screen);
    const image = await loadImage(Buffer.from(png));
    expect([image.width, image.height]).toEqual([1024, 768]);
    expect(Buffer.from(await guests.renderScreen(screen)).equals(png)).toBe(true);
  }
});
