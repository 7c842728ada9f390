/**
 * Whether Azure itself keeps a VM from running. Resource Health sees the host, never the guest: *Available* proves nothing about
 * Windows, and *Unavailable* by a person's doing is that person's stop.
 */
import type { HostState } from '../functions/activities/contract.ts';
import type { Observation } from './observation.ts';

export interface PlatformCause {
  /** One clause: what Azure says. */
  why: string;
  settledBy: string;
  /** ISO time since which it is so; a guest that has answered later, and shows no failure, is up all the same. */
  since: string | null;
}

/** An operation without an end older than this has ended, and the log does not say so. */
const longestMinutes = 60;

const wait =
  'patience: Azure brings the VM back by itself; if it stays away for more than 15 minutes, a person may move it to another host with ' +
  'az vm redeploy (its temporary disk is lost): https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/understand-vm-reboot';

export function platformCause({ health, underWay, now }: Observation): PlatformCause | null {
  if (underWay?.what === 'redeploy' && Date.parse(now) - Date.parse(underWay.at) < longestMinutes * 60_000) {
    return {
      why: `it is being moved to another host since ${underWay.at}`,
      settledBy: 'patience: look again when the move has ended',
      since: underWay.at,
    };
  }
  const host = health?.now;
  if (host?.state !== 'unavailable' || host.by !== 'platform') return null;
  return { why: told(host), settledBy: wait, since: host.since };
}

/** What else of Azure's view a reader of the verdict should know; empty = nothing. */
export function hostNote({ health, vm }: Observation): string {
  const host = health?.now;
  if (host?.state === 'degraded' && host.by === 'platform') return `Azure says of the host: ${told(host)}.`;
  const stop = vm.power === 'running' ? undefined : vm.powerEvents?.find(({ what }) => what === 'power-off' || what === 'deallocate');
  if (stop) return `It was ${stop.what === 'power-off' ? 'powered off' : 'deallocated'} at ${stop.at} by ${byWords[stop.by]}.`;
  const back = vm.powerEvents?.[0];
  if (back?.by === 'platform') return `Azure itself took the VM down and brought it back at ${back.at}.`;
  return '';
}

const byWords = { person: 'a person or their program', platform: 'Azure itself', us: 'a repair of ours' };

function told({ planned, title, summary, since }: HostState): string {
  const kind = planned ? 'planned maintenance' : 'a fault of the platform';
  const words = [title, summary].filter(text => text !== '').join(': ');
  return `${kind}${since === null ? '' : ` since ${since}`}${words === '' ? '' : ` (“${words.replace(/\.$/, '')}”)`}`;
}
