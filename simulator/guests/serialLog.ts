/** What a Windows guest writes to COM1. */

import { guidOf } from './builds.ts';
import type { Machine } from './contract.ts';
import type { Installation } from './installation.ts';
import { stopTexts } from './screenTexts.ts';
import type { Stop } from './startup.ts';

/** The Special Administration Console's greeting (message SAC_INITIALIZED). */
export const SAC_STARTED =
  '\r\nComputer is booting, SAC started and initialized.\r\n\r\nUse the "ch -?" command for information about using channels.\r\nUse the "?" command for general help.\r\n\r\n\r\nSAC>';
export const SAC_READY = '\r\nEVENT: The CMD command is now available.\r\nSAC>';

/**
 * A bug check as EMS tells it: a block for machines, then the text of the screen. The layout is that of the XML which terminal servers'
 * manuals document (for example Avocent's Cyclades ACS, "BP tags"); not confirmed on a current build. STOPCODE has no leading zeros
 * and quotes inside VALUE, and the first line is no well-formed XML: so it is in the samples.
 */
export function bugCheckLog(stop: Stop, installation: Installation, machine: Machine): string {
  const code = stop.code.toString(16).toUpperCase();
  const lines = [
    '\x07\x07\x07<?xml>\x07<BP>',
    '<INSTANCE CLASSNAME="BLUESCREEN">',
    `<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0x${code}"</VALUE>`,
    '</PROPERTY>',
    '<machine-info>',
    `<name>${machine.computerName}</name>`,
    `<guid>${guidOf(machine.computerName)}</guid>`,
    '<processor-architecture>AMD64</processor-architecture>',
    '<os-version>10.0</os-version>',
    `<os-build-number>${installation.build}</os-build-number>`,
    `<os-product>${installation.product}</os-product>`,
    '<os-service-pack>None</os-service-pack>',
    '</machine-info>',
    '</INSTANCE>',
    '</BP>\x07',
    '!SAC>',
    ...stopTexts(installation.language).sentence,
    '',
    stop.name.startsWith('0x') ? `0x${code}` : stop.name,
    '',
    ...stop.parameters.map(parameter => `0x${BigInt(parameter).toString(16).toUpperCase().padStart(16, '0')}`),
    '',
    stopTexts(installation.language).complete(0),
  ];
  return `\r\n${lines.join('\r\n')}\r\n`;
}

/** The VM agent's report, which it writes where no SAC holds the port (layout: a support article on the serial console). */
export function healthReport(at: Date): string {
  const time = at.toISOString().replace('Z', '0000Z');
  const report = {
    reportTime: time,
    networkAdapters: [{ name: 'Ethernet', status: 'Up', ipProperties: [{ protocolVersion: 4, address: '10.0.0.4', isDhcpEnabled: true }] }],
  };
  const frame = (word: string) => `======== Microsoft Azure VM Health Report - ${word} ${time} ========`;
  return `\r\n${frame('Start')}\r\n${JSON.stringify(report)}\r\n${frame('End')}\r\n`;
}
