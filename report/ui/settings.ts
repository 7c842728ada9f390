/** Settings in force, who waits for admission, and the last sweep: to read, not to change. */
import type { Settings } from '../../functions/settings.ts';
import type { SweepReport } from '../../records/index.ts';
import { code, facts, list, type Section, type Text, table, text } from '../document.ts';
import { type Measure, shortened } from '../fit.ts';
import { duration } from '../words.ts';
import { type AdmissionView, admitted, swept } from './admission.ts';

export interface InForce {
  settings: Pick<Settings, 'defaults' | 'scopes' | 'timeScale'>;
  /** Null = it cannot be told now. */
  admission: AdmissionView | null;
  /** Null = none yet. */
  sweep: SweepReport | null;
}

export function settingsPage({ settings: { defaults, scopes, timeScale }, admission, sweep }: InForce, measure: Measure) {
  return {
    title: 'Admission and settings',
    sections: [
      ...shortened(admitted(admission), measure, ['all of it is in ', { page: '/api/admission', word: 'the admission as JSON' }, '.']),
      ...shortened([swept(sweep)], measure, ['all of it is in ', { page: '/api/sweeps/latest', word: 'the sweep as JSON' }, '.']),
      ...shortened([rules(defaults, scopes)], measure, ['all scopes are in BOOTMEDIC_SETTINGS.']),
      limits(defaults.limits),
      about(timeScale),
    ],
  };
}

function rules(defaults: Settings['defaults'], scopes: Settings['scopes']): Section {
  const words = (rule: { mode?: string | undefined; consents?: string[] | undefined; restartFirst?: boolean | undefined }): Text[] => [
    [rule.mode ?? `${defaults.mode}, as by default`],
    [(rule.consents ?? defaults.consents).join(', ') || 'none'],
    [(rule.restartFirst ?? defaults.restartFirst) ? 'yes' : 'no'],
  ];
  const rows: Text[][] = [...scopes.map(scope => [matchOf(scope.match), ...words(scope)]), [['every other VM'], ...words(defaults)]];
  return {
    id: 'modes',
    title: 'What may be done to which VM',
    blocks: [
      text('Of the scopes that match a VM the strictest counts; its tag bootmedic-mode and a request can only tighten it.'),
      ...table('Scopes', ['VMs', 'Mode', 'Consents given', 'Restart first'], rows),
    ],
  };
}

function matchOf({ subscription, resourceGroup, tag }: Settings['scopes'][number]['match']): Text {
  const parts: Text[] = [
    subscription === undefined ? [] : ['subscription ', code(subscription), ' '],
    resourceGroup === undefined ? [] : ['resource group ', code(resourceGroup), ' '],
    tag === undefined ? [] : ['tag ', code(`${tag.name}=${tag.value}`)],
  ];
  return parts.flat();
}

function limits(given: Settings['defaults']['limits']): Section {
  const rows = Object.entries(given).map(([name, value]): Text[] => [
    [code(name)],
    [typeof value === 'number' && name.endsWith('Seconds') ? duration(value) : String(value)],
  ]);
  return { id: 'limits', title: 'Limits', blocks: table('Limits of every repair', ['Limit', 'Value'], rows) };
}

function about(timeScale: number): Section {
  const rehearsal = timeScale === 1 ? null : [`${timeScale} times faster than Azure: this is a rehearsal`];
  return {
    id: 'about',
    title: 'About',
    blocks: [
      ...facts({ Rehearsal: rehearsal }),
      ...list([['Settings come from BOOTMEDIC_SETTINGS and are read when the app starts; nobody can change them here.']]),
    ],
  };
}
