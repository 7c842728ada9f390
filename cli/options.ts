/** Options and arguments that several verbs share, and what is wrong with one. */
import { InvalidArgumentError, Option } from 'commander';

export function timeScale(otherwise: number): Option {
  const option = new Option('--time-scale <x>', 'how many times faster than Azure').default(otherwise);
  return option.argParser(text => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
    return value;
  });
}

export function powershell(): Option {
  return new Option('--powershell <path>', 'a pwsh 7 on this machine that the guests run scripts with, as they are sent');
}

export function port(): Option {
  return new Option('--port <n>', 'port on the loopback; 0 takes a free one').default(0).argParser(text => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
    return value;
  });
}

export function url(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be an address that starts with https:// (or http://).');
}

/** The app checks it whole; this spares the start of a host for a slip. */
export function vmId(text: string): string {
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+\/?$/i.test(text)) return text;
  throw new InvalidArgumentError('It must be /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/virtualMachines/<name>.');
}

export const auditedId = (text: string) => (/^s-[a-z2-7]{12}$/.test(text) ? text : repairId(text));

export function repairId(text: string): string {
  if (/^r-[a-z2-7]{12}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be r- and twelve characters of a-z and 2-7, as bootmedic status shows it.');
}
