import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readConsole } from '../../diagnosis/index.ts';
import { languages, plain, saysAny, type Topic } from '../../diagnosis/languages/index.ts';
import { texts } from '../ocr/texts.ts';

/** What screens say, by language and topic: for every phrase a wording that it alone recognises. */
const wordings: Record<string, Record<Topic, string[]>> = JSON.parse(readFileSync(new URL('wordings.json', import.meta.url), 'utf8'));
const topics = Object.keys(wordings.en ?? {}) as Topic[];

/** Labels stand right before what they name; other phrases anywhere. */
const matches = (topic: Topic, phrase: string, text: string) =>
  topic === 'stopCode' ? plain(text).endsWith(phrase) : saysAny([phrase], plain(text));

describe.each(languages.map(phrases => [phrases.language, phrases] as const))('%s', (language, phrases) => {
  test.each(topics)('%s: every wording is recognised, and no phrase can be missed', topic => {
    const samples = wordings[language]?.[topic] ?? [];
    const recognisedBy = samples.map(sample => phrases[topic].filter(phrase => matches(topic, phrase, sample)));
    expect(samples.filter((_, at) => recognisedBy[at]?.length === 0)).toEqual([]);
    const alone = recognisedBy.flatMap(by => (by.length === 1 ? by : []));
    expect(phrases[topic].filter(phrase => !alone.includes(phrase))).toEqual([]);
  });
});

const lines = (...said: string[]) => ({
  lines: said.map((text, at) => ({ text, confidence: 92, box: { x: 0, y: 20 * at, width: 300, height: 16 } })),
  width: 1024,
  height: 768,
  blank: null,
  language: 'eng',
});
const sightOf = (...said: string[]) => readConsole(lines(...said)).sight;

test.each(Object.entries(texts))('every screen of %s has its meaning', (_, t) => {
  for (const stopped of t.stopped) expect(sightOf(stopped)).toBe('stop-screen');
  for (const updating of t.updating) expect(sightOf(updating)).toBe('updating');
  for (const undoing of t.undoing) expect(sightOf(undoing)).toBe('undoing-changes');
  for (const checking of t.checking) expect(sightOf(`${checking} 35${t.complete}`)).toBe('checking-disk');
  for (const loading of t.loading) expect(sightOf(loading)).toBe('loading');
  for (const asks of t.bitLocker) expect(sightOf(asks)).toBe('key-prompt');
  expect(sightOf(t.signIn)).toBe('sign-in');
  expect(sightOf(...t.recovery)).toBe('recovery-environment');
  expect(sightOf(...t.bootMenu)).toBe('boot-menu');
  expect(sightOf(`${t.status} 0xc0000225`)).toBe('boot-manager-error');
  expect(readConsole(lines(`20% ${t.complete}`, `${t.stopCode} CRITICAL_PROCESS_DIED`)).failure).toMatchObject({
    confidence: 'certain',
    entry: { code: '0x000000EF' },
  });
  expect(readConsole(lines(`${t.stopCode} CRITICAL_PROCESS_DIED`, `${t.whatFailed} ntfs.sys`)).failure?.whatFailed).toBe('ntfs.sys');
});

test('a language that is not known gives its code, and its meaning is unrecognised', () => {
  expect(readConsole(lines('Wystąpił problem z komputerem', 'Kod zatrzymania: CRITICAL_PROCESS_DIED', '20%')).failure?.entry.code).toBe(
    '0x000000EF',
  );
  expect(sightOf('Praca nad aktualizacjami 20%')).toBe('unrecognised');
});
