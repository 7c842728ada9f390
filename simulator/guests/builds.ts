import { createHash } from 'node:crypto';

/** What is told apart by a Windows Server's build. */
export interface Build {
  year: number;
  build: number;
  /** Update level that the images here carry. */
  revision: number;
  product: string;
}

/** Build numbers and names: Microsoft's release information of Windows Server. */
export const BUILDS: readonly Build[] = [
  { year: 2016, build: 14393, revision: 7336, product: 'Windows Server 2016 Datacenter' },
  { year: 2019, build: 17763, revision: 6293, product: 'Windows Server 2019 Datacenter' },
  { year: 2022, build: 20348, revision: 2700, product: 'Windows Server 2022 Datacenter' },
];

/** Display languages that the console has texts for. */
export const LANGUAGES = ['en-US', 'nl-NL', 'sv-SE', 'it-IT', 'zh-CN'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Their locale ids, as the registry's `Nls\Language` has them. */
export const LOCALES: Record<Language, string> = { 'en-US': '0409', 'nl-NL': '0413', 'sv-SE': '041d', 'it-IT': '0410', 'zh-CN': '0804' };

/** The language of a locale id; English where it is not one of ours. */
export function languageOf(locale: string | undefined): Language {
  return LANGUAGES.find(language => LOCALES[language] === locale?.toLowerCase()) ?? 'en-US';
}

/** A GUID that depends on the text alone. */
export function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
