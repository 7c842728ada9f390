/** What stands on the drawn screens: text, colours and layout, by style, from a seed. */
import type { Texts } from './texts.ts';

export const styles = ['2012 R2', '2016', '2019', '2022', '11', '2025 black', 'full text', 'boot manager'] as const;
export const calm = [
  'updating',
  'undoing',
  'chkdsk',
  'sign-in',
  'lock screen',
  'loading',
  'black',
  'blank',
  'BitLocker',
  'WinRE',
  'Linux',
  'boot menu',
] as const;
export type Style = (typeof styles)[number] | (typeof calm)[number];

/** Mulberry32: small, and the same on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
export type Random = () => number;
export const pick = <T>(random: Random, from: readonly T[]): T => {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
};

const stops = [
  ['0xC000021A', 'STATUS_SYSTEM_PROCESS_TERMINATED'],
  ['0x000000EF', 'CRITICAL_PROCESS_DIED'],
  ['0x0000007B', 'INACCESSIBLE_BOOT_DEVICE'],
  ['0x0000007E', 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED'],
  ['0x00000050', 'PAGE_FAULT_IN_NONPAGED_AREA'],
  ['0x000000D1', 'DRIVER_IRQL_NOT_LESS_OR_EQUAL'],
  ['0x0000003B', 'SYSTEM_SERVICE_EXCEPTION'],
  ['0x00000074', 'BAD_SYSTEM_CONFIG_INFO'],
  ['0x000000ED', 'UNMOUNTABLE_BOOT_VOLUME'],
  ['0x00000139', 'KERNEL_SECURITY_CHECK_FAILURE'],
  ['0x0000000A', 'IRQL_NOT_LESS_OR_EQUAL'],
] as const;
const statuses = [
  '0xC0000225',
  '0xC000000F',
  '0xC0000034',
  '0xC0000098',
  '0xC000014C',
  '0xC0000221',
  '0xC000000E',
  '0xC0000428',
  '0xC0000605',
];
const drivers = ['storport.sys', 'ntfs.sys', 'mlx5.sys', 'ntoskrnl.exe', 'tcpip.sys'];

/** What is written, in blocks from top to bottom. */
export interface Page {
  paper: string;
  ink: string;
  mono?: boolean;
  face?: boolean;
  qr?: boolean;
  centred?: boolean;
  large: string[];
  small: string[];
  code: string | null;
}
const short = (code: string) => code.replace(/^0x0+(?=.)/, '0x');

function stopPage(style: Style, t: Texts, random: Random): Page {
  const [code, name] = pick(random, stops);
  const percent = `${Math.floor(random() * 101)}${t.complete}`;
  const shown = code === '0xC000021A' ? code.toLowerCase() : name;
  const failed = random() < 0.4 ? [`${t.whatFailed} ${pick(random, drivers)}`] : [];
  const stopped = pick(random, t.stopped);
  const blue = { paper: '#0078d7', ink: '#ffffff', face: true, code };
  if (style === '2012 R2') {
    const named = random() < 0.5 ? code.toLowerCase() : shown;
    return {
      ...blue,
      paper: '#1f6bb5',
      large: [`${stopped} (${percent})`],
      small: [`${t.searchFor} ${named}`, ...failed.map(line => line.replace(/.* (\S+)$/, '($1)'))],
    };
  }
  if (style === '2025 black') {
    const named = `${t.stopCode} ${name} (${short(code)})`;
    return { ...blue, paper: '#000000', face: false, centred: true, large: [stopped, percent], small: [named, ...failed] };
  }
  const link = 'https://www.windows.com/stopcode';
  return {
    ...blue,
    paper: style === '11' ? '#0067b8' : '#0078d7',
    qr: true,
    large: [stopped, percent],
    small: [link, '', t.support, `${t.stopCode} ${shown}`, ...failed],
  };
}

function fullText(random: Random): Page {
  const [code, name] = pick(random, stops);
  const parameter = () =>
    `0x${Math.floor(random() * 2 ** 32)
      .toString(16)
      .toUpperCase()
      .padStart(16, '0')}`;
  const small = [
    'A problem has been detected and Windows has been shut down to prevent damage',
    'to your computer.',
    '',
    ...(random() < 0.7 ? [name, ''] : []),
    'If this is the first time you have seen this Stop error screen,',
    'restart your computer. If this screen appears again, follow these steps:',
    '',
    'Technical information:',
    '',
    `*** STOP: ${code} (${parameter()},${parameter()},`,
    `${parameter()},${parameter()})`,
  ];
  return { paper: '#000082', ink: '#ffffff', mono: true, large: [], small, code };
}

function bootPage(t: Texts, random: Random): Page {
  const code = pick(random, statuses);
  const file = pick(random, [
    '\\Windows\\system32\\winload.efi',
    '\\Boot\\BCD',
    '\\Windows\\System32\\config\\system',
    '\\Windows\\system32\\ntoskrnl.exe',
  ]);
  const small = [
    ...t.bootManager.flatMap(line => [line, '']),
    `    ${t.file} ${file}`,
    '',
    `    ${t.status} ${code.toLowerCase()}`,
    '',
    `    ${t.info}`,
  ];
  return { paper: '#000000', ink: '#a8a8a8', mono: true, large: [], small, code };
}

const linux = [
  ['Ubuntu 22.04.4 LTS vm1 ttyS0', '', 'vm1 login: _'],
  [
    '[    1.234567] systemd[1]: Started Journal Service.',
    '[    1.834112] EXT4-fs (sda1): mounted filesystem',
    '[    2.100042] systemd[1]: Reached target Basic System.',
  ],
  ['GNU GRUB  version 2.06', '', '*Ubuntu', ' Advanced options for Ubuntu', ' UEFI Firmware Settings'],
  [
    '[    0.912001] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
    '[    0.912010] CPU: 0 PID: 1 Comm: swapper/0 Not tainted 5.15.0',
  ],
];

export function calmPage(style: Style, t: Texts, random: Random): Page {
  const percent = `${Math.floor(random() * 101)}${t.complete}`;
  const dark = { paper: pick(random, ['#0063b1', '#000000', '#101018', '#004e8c']), ink: '#ffffff', code: null, centred: true, small: [] };
  switch (style) {
    case 'updating':
      return {
        ...dark,
        large: random() < 0.5 ? [t.updating[0] ?? '', percent, t.updating[1] ?? ''] : [pick(random, t.updating.slice(2)), percent],
      };
    case 'undoing':
      return { ...dark, large: [...t.undoing, t.updating[1] ?? ''] };
    case 'chkdsk':
      return { ...dark, paper: '#000000', large: [`${t.checking[0]} ${percent}`] };
    case 'sign-in':
      return { ...dark, large: ['10:45', t.signIn] };
    case 'lock screen':
      return { ...dark, large: [`${8 + Math.floor(random() * 12)}:${10 + Math.floor(random() * 50)}`] };
    case 'loading':
      return { ...dark, large: [pick(random, t.loading)] };
    case 'BitLocker':
      return { ...dark, paper: '#005a9e', centred: false, large: t.bitLocker, small: ['(ID: 7A1C4B9E-52D0-4F6B-8C11-90AB33D2E1F7)'] };
    case 'WinRE':
      return { ...dark, paper: '#0067b8', centred: false, large: t.recovery };
    case 'Linux':
      return { ...dark, paper: '#000000', ink: '#a8a8a8', mono: true, centred: false, large: [], small: pick(random, linux) };
    case 'boot menu':
      return {
        ...dark,
        paper: '#000000',
        ink: '#a8a8a8',
        mono: true,
        centred: false,
        large: [],
        small: [...t.bootManager.slice(0, 1), '', ...t.bootMenu, '', '    Windows Server 2022', '    Windows Server 2019'],
      };
    default:
      return { ...dark, paper: style === 'black' ? '#000000' : '#0078d7', large: [] };
  }
}

/** What a screen of this style says. */
export function failingPage(style: Style, t: Texts, random: Random): Page {
  if (style === 'full text') return fullText(random);
  return style === 'boot manager' ? bootPage(t, random) : stopPage(style, t, random);
}
