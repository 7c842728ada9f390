/** Settings in force, who waits for admission, and the last sweep: to read, not to change. */
import type { Limits } from '../../functions/activities/contract.ts';
import type { Settings } from '../../functions/settings.ts';
import type { SweepReport } from '../../records/index.ts';
import { code, facts, list, type Section, type Text, table, text } from '../document.ts';
import { type Measure, shortened } from '../fit.ts';
import { counted, duration } from '../words.ts';
import { type AdmissionView, admitted, swept } from './admission.ts';

export interface InForce {
  settings: Omit<Settings, 'armEndpoint' | 'blobEndpoint' | 'logLevel' | 'authentication' | 'localCallers'>;
  /** Null = it cannot be told now. */
  admission: AdmissionView | null;
  /** Null = none yet. */
  sweep: SweepReport | null;
}

export function settingsPage({ settings, admission, sweep }: InForce, measure: Measure) {
  const { defaults, scopes, timeScale } = settings;
  const whole: Text = ['all of them are in BOOTMEDIC_SETTINGS.'];
  return {
    title: 'Admission and settings',
    sections: [
      ...shortened(admitted(admission), measure, ['all of it is in ', { page: '/api/admission', word: 'the admission as JSON' }, '.']),
      ...shortened([swept(sweep, settings.sweep.schedule)], measure, [
        'all of it is in ',
        { page: '/api/sweeps/latest', word: 'the sweep as JSON' },
        '.',
      ]),
      ...shortened([rules(defaults, scopes), sweeping(settings.sweep), people(settings), vendors(settings.vendorFiles)], measure, whole),
      limits(defaults.limits),
      about(timeScale),
    ].filter(section => section.blocks.length > 0),
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
    tag === undefined ? [] : ['tag ', code(tagged(tag))],
  ];
  return parts.flat();
}

const tagged = ({ name, value }: { name: string; value?: string | undefined }) => (value === undefined ? name : `${name}=${value}`);

/** Each as quoted text; null = there is none. */
function names(values: string[]): Text | null {
  return values.length === 0 ? null : values.flatMap((value, n) => [n === 0 ? '' : ', ', code(value)]);
}

function sweeping(given: Settings['sweep']): Section {
  const { schedule, subscriptions, resourceGroups, optIn, optOut, silentSeconds, againSeconds, historyDays } = given;
  return {
    id: 'sweeping',
    title: 'When VMs are looked at unasked',
    blocks: facts({
      Schedule:
        schedule === null
          ? ['none: only when it is asked for']
          : [code(schedule), ' UTC (second, minute, hour, day, month, day of the week)'],
      Subscriptions: names(subscriptions) ?? ['every one that can be read'],
      'Resource groups': names(resourceGroups) ?? ['every one'],
      'Only with a tag of': names(optIn.map(tagged)),
      'Never with a tag of': names([...optOut.map(tagged), 'bootmedic-mode=off']),
      'Looked at closer when silent for': [duration(silentSeconds)],
      'Left to a person after a failure for': [duration(againSeconds)],
      'Histories of orchestrations are kept for': [counted(historyDays, 'day')],
    }),
  };
}

function people({ callerRights, fourEyes, alertCallers, notifications, defaults, scripts, report }: InForce['settings']): Section {
  // Addresses and secrets are in app settings of these names, and are shown nowhere.
  const told = notifications.webhooks.map(({ urlSetting, secretSetting, events }): Text[] => [
    [code(urlSetting)],
    [events.join(', ')],
    secretSetting === undefined ? ['no'] : ['with ', code(secretSetting)],
  ]);
  return {
    id: 'people',
    title: 'Who may ask, who decides, who is told',
    blocks: [
      ...facts({
        'Who asks for a repair': [
          callerRights === 'required'
            ? 'needs a role of the app, and rights of their own on that VM in Azure'
            : 'needs a role of the app; rights on the VM in Azure are not asked for',
        ],
        'Who has asked': [fourEyes ? 'may not decide on that repair: four eyes' : 'may decide on that repair too'],

        'Alerts come from the apps': names(alertCallers),
        'A scope, beside group and availability set, is what shares the tag': names(defaults.scopeTags),
        'Scripts of your own come from the container': scripts === undefined ? null : [code(scripts.container)],
        'Reports tell times in UTC and in': report.timeZone === null ? null : [code(report.timeZone)],
        'Told of what happens': told.length === 0 ? ['nobody: no webhook is named'] : null,
      }),
      ...table('Webhooks', ['Address, by its app setting', 'Told of', 'Signed'], told),
    ],
  };
}

function vendors(rulesInForce: Settings['vendorFiles']): Section {
  const rows = rulesInForce.map(({ name, driver, folder, files, modifiedFrom, modifiedUntil, sha256, bytes, unasked }): Text[] => [
    [name],
    [code(driver)],
    [code(`${folder}\\${files}`)],
    [
      [
        modifiedFrom && `modified from ${modifiedFrom}`,
        modifiedUntil && `before ${modifiedUntil}`,
        sha256 && `SHA-256 ${sha256.slice(0, 12)}`,
        bytes !== undefined && `${bytes} bytes`,
      ]
        .filter(part => typeof part === 'string')
        .join(', '),
    ],
    [unasked ? 'unasked' : 'by consent'],
  ]);
  return {
    id: 'vendors',
    title: 'Files of vendors that are known to be bad',
    blocks: table('Rules', ['Rule', 'Where the stop blames', 'Files', 'That are', 'Quarantined'], rows),
  };
}

/** What each limit means, for who reads the page and not the design. */
const meanings: { [Name in keyof Limits]-?: string } = {
  repairsPerVmAndDay: 'repairs of one VM in 24 hours',
  repairsAtOnce: 'VMs under repair at once',
  bootsPerRepair: 'boots tried in one repair',
  copiesPerRepair: 'copies of the OS disk worked on in one repair',
  stabilitySeconds: 'how long a VM must run on before it counts as repaired',
  silenceSeconds: 'how long a boot may show nothing before it counts as failed',
  hangSeconds: 'how long a screen may stay the same before the boot counts as hung',
  restartSilenceSeconds: 'how long the one restart before a repair may show nothing',
  patienceSeconds: 'how long Windows may update itself or check its disk',
  approvalSeconds: 'how long a plan waits for a person',
  repairSeconds: 'how long a repair may take, without the queue, approvals and a Windows at work',
  breakerFailures: 'failed repairs in a row for one finding that stop further ones',
  breakerSeconds: 'for how long they are stopped',
  burstVms: 'VMs with the same finding that are too many to be repaired unseen',
  burstSeconds: 'within how long',
  scopePercent: 'share of a scope’s VMs under repair at once',
  keepDays: 'how long snapshots and replaced disks stay',
};

function limits(given: Limits): Section {
  const rows = Object.entries(given).map(([name, value]): Text[] => [
    [code(name)],
    [limitValue(name, value)],
    [Object.entries(meanings).find(([known]) => known === name)?.[1] ?? ''],
  ]);
  return { id: 'limits', title: 'Limits', blocks: table('Limits of every repair', ['Limit', 'Value', 'What it bounds'], rows) };
}

function limitValue(name: string, value: number): string {
  if (name.endsWith('Seconds')) return duration(value);
  if (name.endsWith('Days')) return counted(value, 'day');
  return name.endsWith('Percent') ? `${value} %` : String(value);
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
