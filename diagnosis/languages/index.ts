import { hasWithin } from '../distance.ts';
import { german } from './de.ts';
import { english } from './en.ts';
import { spanish } from './es.ts';
import { french } from './fr.ts';
import { italian } from './it.ts';
import { japanese } from './ja.ts';
import { dutch } from './nl.ts';
import type { Phrases } from './phrases.ts';
import { swedish } from './sv.ts';
import { chinese } from './zh.ts';

export type Topic = Exclude<keyof Phrases, 'language'>;

/** Scripts that set no spaces between words, so that the spaces OCR sees there mean nothing. */
const unspaced = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー';
const gaps = new RegExp(`(?<=[${unspaced}]) (?=[${unspaced}])`, 'gu');
const hasUnspaced = new RegExp(`[${unspaced}]`, 'u');
const everyUnspaced = new RegExp(hasUnspaced, 'gu');

/** Lower case, without accents, words apart by one space. Phrases are compared in this form. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(gaps, '')
    .trim();

const topics = Object.keys(english).filter((key): key is Topic => key !== 'language');

function compared(phrases: Phrases): Phrases {
  const copy = { ...phrases };
  for (const topic of topics) copy[topic] = phrases[topic].map(plain);
  return copy;
}

/** Every language, its phrases in the form in which they are compared. */
export const languages: readonly Phrases[] = [english, dutch, swedish, italian, german, french, spanish, chinese, japanese].map(compared);

/** Every topic's phrases in all languages, with the spaces around them that make them whole words. */
const exact = new Map(topics.map(topic => [topic, languages.flatMap(phrases => phrases[topic].map(asWords))]));

/** A misread letter in eight is tolerated, in six where each letter is half a word; a short phrase must be exact. */
function tolerance(phrase: string): number {
  const unspacedLetters = phrase.match(everyUnspaced)?.length ?? 0;
  if (unspacedLetters > 0) return Math.floor(unspacedLetters / 6);
  return phrase.length < 10 ? 0 : Math.floor(phrase.length / 8);
}

/** Where no spaces are set there are no whole words. */
function asWords(phrase: string): string {
  return hasUnspaced.test(phrase) ? phrase : ` ${phrase} `;
}

function saysOne(phrase: string, padded: string): boolean {
  const wanted = asWords(phrase);
  const allowed = tolerance(phrase);
  return padded.includes(wanted) || (allowed > 0 && hasWithin(allowed, wanted, padded));
}

/** Whether a plain text has one of these phrases, as whole words, a few misread letters tolerated. */
export function saysAny(phrases: readonly string[], text: string): boolean {
  const padded = ` ${text} `;
  return phrases.some(phrase => saysOne(phrase, padded));
}

/** Whether a plain text has a phrase of a topic, in any language. */
export const says = (topic: Topic, text: string): boolean => languages.some(phrases => saysAny(phrases[topic], text));

/** Whether a plain text ends with a phrase of a topic, in any language: it is the label of what follows. */
export const endsWithLabel = (topic: Topic, text: string): boolean =>
  languages.some(phrases => phrases[topic].some(phrase => saysAny([phrase], text.slice(-phrase.length - 2))));

/** As `says`, letter by letter: for text that no OCR has read. Cheap enough to be asked of every line of a log. */
export function saysExactly(topic: Topic, text: string): boolean {
  const padded = ` ${text} `;
  return exact.get(topic)?.some(phrase => padded.includes(phrase)) ?? false;
}

/** As `endsWithLabel`, letter by letter. */
export function endsWithExactly(topic: Topic, text: string): boolean {
  const padded = ` ${text} `;
  return exact.get(topic)?.some(phrase => padded.endsWith(phrase) || (!phrase.startsWith(' ') && text.endsWith(phrase))) ?? false;
}
