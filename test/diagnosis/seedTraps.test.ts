/** What in the seed articles misleads who reads them too literally, each trap with its own test (see also test/playbooks/articles.test.ts). */
import { describe, expect, test } from '@jest/globals';
import { knownCodes, knownNames } from '../../diagnosis/catalogue.ts';
import { findName } from '../../diagnosis/codes.ts';
import { readConsole, readSerialLog } from '../../diagnosis/index.ts';
import { articleById, articles } from '../../playbooks/articles/index.ts';
import { stopBlock } from './logs.ts';
import { read } from './observations.ts';

const stepsOf = (id: string) => articleById(id)?.steps ?? [];

describe('traps of the screens that the articles show', () => {
  test.each([
    ['nl', 'Er is een probleem opgetreden op de PC en opnieuw moet worden opgestart. (35% voltooid)', 'zoeken op deze fout: 0xC000021a'],
    ['nl, 003', 'Er is een probleem opgetreden in de PC en opnieuw moet worden opgestart. (35% voltooid)', 'zoeken op deze fout: 0xEF'],
    ['sv', 'Datorn stötte på ett problem och måste startas om. (35% Complete)', 'efter det här felet: 0xC000021a'],
    ['zh', '你的电脑遇到问题，需要重新启动。 (35% 完成)', '可以稍后在以后搜索此错误：0xC000021a'],
    ['it', 'Il computer ha riscontrato un problema e deve essere riavviato. (35% completato)', "cercare l'errore: 0xC000021a"],
  ])('trap: the sentence is a machine’s translation, no real screen’s; the code is found without it (%s)', (_, sentence, told) => {
    const { sight, failure } = readConsole(read(sentence, told));
    expect([sight, failure?.entry.code]).toEqual(['stop-screen', told.endsWith('EF') ? '0x000000EF' : '0xC000021A']);
  });

  test.each(['kritiek proces is gestorven', 'status systeem proces beëindigd', 'processo del sistema di stato terminato'])(
    'trap: a translated name is no stop name (%s)',
    text => expect(findName(text)).toBeUndefined(),
  );

  test.each(['PC', 'device'])('trap: newer screens say device where older ones say PC (%s)', word => {
    const { failure } = readConsole(read(`Your ${word} ran into a problem and needs to restart.`, 'Stop code: 0xC000021A'));
    expect(failure).toMatchObject({ entry: { id: 'azure-0xc000021a' }, confidence: 'certain' });
  });

  test.each(['drives', 'drivers'])('trap: the article prints drivers, the firmware says drives (%s)', word => {
    const lines = ["An operating system wasn't found. Try disconnecting any", `${word} that don't contain an operating system.`];
    expect(readConsole(read(...lines)).failure?.entry.id).toBe('azure-os-not-found');
  });

  test.each(['drive', 'driver'])('trap: the article prints USB driver, the screen says USB drive (%s)', word => {
    expect(readConsole(read(`Plug in the USB ${word} that has the BitLocker key`)).failure?.entry.id).toBe('azure-bitlocker');
  });

  test.each([
    ['0xc000000f', 'azure-0xc000000f'],
    ['0xc000000e', 'azure-0xc000000e'],
    ['0xc0000605', 'azure-0xc0000605'],
    ['0xc0000428', 'azure-0xc0000428'],
  ])('trap: pages of several statuses name winload.exe; the code decides (%s)', (status, id) => {
    const page = ['Windows Boot Manager', 'Windows failed to start.', 'File: \\Windows\\system32\\winload.exe', `Status: ${status}`];
    expect(readConsole(read(...page)).failure?.entry.id).toBe(id);
  });

  test('trap: STOPCODE has no zero padding and quotes inside VALUE, and only the last block counts', () => {
    const log = stopBlock({ code: '0x7B' }) + stopBlock({ code: '0xEF' });
    expect(log).toContain('<VALUE>"0xEF"</VALUE>');
    expect(readSerialLog(log).failure?.entry.code).toBe('0x000000EF');
  });
});

describe('traps of the articles’ data', () => {
  test('trap: a page titles IRQL_NOT_LESS_OR_EQUAL 0x1A; it is 0x0A', () => {
    expect(knownNames.get('IRQL_NOT_LESS_OR_EQUAL')?.code).toBe('0x0000000A');
    expect(knownCodes.get('0x0000001A')?.name).toBe('MEMORY_MANAGEMENT');
  });

  test('trap: the store’s path is given for Gen1 only; no step is bound to it', () => {
    const stores = articles().flatMap(({ steps }) => steps.flatMap(({ do: text }) => /\/store (\S+)/.exec(text)?.[1] ?? []));
    expect([...new Set(stores)]).toEqual(['<BCD>']);
  });

  test('trap: ControlSet002 is not created where it is not there', () => {
    const second = stepsOf('azure-0xef').filter(({ do: text }) => text.includes('ControlSet002'));
    expect(second.length).toBeGreaterThan(0);
    for (const { note } of second) expect(note).toMatch(/only if the key already exists/);
  });

  test('trap: NMICrashDump does nothing since Windows 8, and every record that sets it says so', () => {
    const setting = articles().filter(({ steps }) => steps.some(({ do: text }) => text.includes('NMICrashDump')));
    expect(setting.length).toBeGreaterThan(10);
    for (const { id, pitfalls } of setting) expect([id, pitfalls.join().includes('NMICrashDump is ignored')]).toEqual([id, true]);
  });

  test('trap: a dump needs more room than there is memory, not as much', () => {
    expect(stepsOf('azure-0xef').some(({ do: text }) => text.includes('free space on OS disk > RAM'))).toBe(true);
  });

  test('trap: a crash loop leaves its dump in the pagefile, and the person is sent there too', () => {
    expect(articleById('azure-0xc000021a')?.fallback.join(' ')).toMatch(/pagefile\.sys.*DedicatedDumpFile/);
  });

  test('trap: a page misspells what the screen says', () => {
    const said = JSON.stringify(articles().map(({ texts }) => texts));
    expect(said).not.toMatch(/errros|\( ?# A\d\)/);
  });

  test('trap: an expired preview cannot be repaired', () => {
    expect(articleById('azure-0xc0000605')).toMatchObject({ safety: 'manual_only', steps: [] });
    expect(knownCodes.get('0xC0000605')?.playbook).toBeNull();
  });
});
