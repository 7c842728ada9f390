import { nearest } from '../distance.ts';
import { english } from './en.ts';
import { dutch } from './nl.ts';
import type { Phrases } from './phrases.ts';

const languages: Phrases[] = [english, dutch];

export type Topic = Exclude<keyof Phrases, 'language'>;

/** Lower case, without accents, words apart by one space. Phrases are compared in this form. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** A misread letter in eight is tolerated; a short phrase must be exact. */
const tolerance = (phrase: string) => (phrase.length < 10 ? 0 : Math.floor(phrase.length / 8));

/** Which of these phrases a plain text has, as whole words, a few misread letters tolerated. */
export function saysAny(phrases: readonly string[], text: string): boolean {
  const padded = ` ${text} `;
  return phrases.some(phrase => {
    const allowed = tolerance(phrase);
    return allowed === 0 ? padded.includes(` ${phrase} `) : nearest(` ${phrase} `, padded) <= allowed;
  });
}

/** Whether a plain text has a phrase of a topic, in any language. */
export const says = (topic: Topic, text: string): boolean => languages.some(phrases => saysAny(phrases[topic], text));

/** Whether a plain text ends with a phrase of a topic, in any language: it is the label of what follows. */
export const endsWithLabel = (topic: Topic, text: string): boolean =>
  languages.some(phrases => phrases[topic].some(phrase => saysAny([phrase], text.slice(-phrase.length - 2))));
