import { BUILDS, type Build, type Language, languageOf } from './builds.ts';
import type { Volume } from './disk.ts';
import { controlSetName, getNumber, getText } from './hive.ts';
import { windowsHive } from './volume.ts';

/** What an installed Windows says of itself in its registry. */
export interface Installation {
  build: number;
  revision: number;
  product: string;
  language: Language;
  /** Name of the control set that the next boot uses. */
  controlSet: string;
}

const NAMELESS: Build = { year: 0, build: 0, revision: 0, product: 'Windows Server' };

/** Undefined when the SYSTEM hive does not load. What the SOFTWARE hive does not tell is taken to be the newest build here. */
export function installationOf(volume: Volume): Installation | undefined {
  const system = windowsHive(volume, 'SYSTEM');
  if (system === undefined) return undefined;
  const software = windowsHive(volume, 'SOFTWARE');
  const version = 'Microsoft\\Windows NT\\CurrentVersion';
  const newest = BUILDS.at(-1) ?? NAMELESS;
  const controlSet = controlSetName(getNumber(system, 'Select', 'Default') ?? 0);
  return {
    build: Number((software && getText(software, version, 'CurrentBuild')) ?? newest.build),
    revision: (software && getNumber(software, version, 'UBR')) ?? newest.revision,
    product: (software && getText(software, version, 'ProductName')) ?? newest.product,
    language: languageOf(getText(system, `${controlSet}\\Control\\Nls\\Language`, 'Default')),
    controlSet,
  };
}
