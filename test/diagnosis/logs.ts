/** What Windows and others write to COM1, in the form in which they do. */

export const sacStart = [
  'Computer is booting, SAC started and initialized.',
  '',
  'Use the "ch -?" command for information about using channels.',
  'Use the "?" command for general help.',
  '',
  'SAC>',
].join('\r\n');

export const sacReady = '\r\nEVENT: The CMD command is now available.\r\nSAC>';

export interface StopText {
  /** As the block prints it, without leading zeros. */
  code: string;
  name?: string;
  driver?: string;
  parameters?: string[];
}

/** The kernel's XML block and the text of the stop screen after it. */
export function stopBlock({ code, name, driver, parameters = [] }: StopText): string {
  const block = [
    '\r\n<INSTANCE CLASSNAME="BLUESCREEN">',
    `<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"${code}"</VALUE></PROPERTY><machine-info>`,
    '<name>vm1</name>',
    '<os-build-number>17763</os-build-number>',
    '<os-product>Windows Server 2019 Datacenter</os-product>',
    '</machine-info>',
    '',
    '</INSTANCE>',
    '</BP>\u0007',
  ];
  const text = [
    '!SAC>',
    'Your PC ran into a problem and needs to restart.',
    'If you call a support person, give them this info:',
    name ?? code,
    '',
    ...(driver === undefined ? [] : [driver, '']),
    ...parameters,
    '',
    "We're just collecting some error info, and then we'll restart for you. 0% complete",
    '',
  ];
  return `\u0007\u0007\u0007<?xml>\u0007<BP>${[...block, ...text].join('\r\n')}`;
}

export const bootManagerPage = (status: string, file: string) =>
  [
    'Windows Boot Manager',
    '',
    'Windows failed to start. A recent hardware or software change might be the',
    'cause. To fix the problem:',
    '',
    `    File: ${file}`,
    '',
    `    Status: ${status}`,
    '',
    "    Info: The application or operating system couldn't be loaded because a",
    '          required file is missing or contains errors.',
    '',
  ].join('\r\n');

export const linuxBoot =
  '[    0.000000] Linux version 6.8.0-1021-azure (buildd@lcy02)\r\n[    1.2] systemd[1]: Started.\r\n\r\nvm1 login: ';
