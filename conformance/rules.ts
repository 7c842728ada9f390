/** Instrument "rules": what the simulator's behaviour rests on, and how a real subscription would settle what is guessed. */
import { readFileSync } from 'node:fs';
import { listDurations, listRules, OPPOSITES } from '../simulator/index.ts';
import { readRecordings } from './recordings/exchanges.ts';
import { type Finding, Ledger, type Table } from './report.ts';

/** For each guessed rule, what to do on a real subscription and what to look at. */
const EXPERIMENTS: Record<string, string> = {
  'child-exists': 'GET a run command that was never made: status, code, `x-ms-failure-cause`',
  'body-members-known': 'nothing to learn: the simulator is stricter on purpose',
  'linked-action-allowed': 'take one action at a time out of `infra/roles.json` and repeat: which call is refused, with which code',
  'create-powers-on': 'create a VM and read its instance view every 5 s: when is it `PowerState/running`, when Ready',
  'power-shows-updating': 'GET the VM while it starts, stops and deallocates: `provisioningState`',
  'nic-name': 'create a VM with `networkInterfaceConfigurations`: the name of its NIC',
  'detach-known-disk': 'attachDetachDataDisks with the OS disk, and with a disk of another VM: status, code',
  'swap-disk-name': 'PATCH `osDisk.managedDisk.id` without `osDisk.name`, and with another name',
  'swap-same-size': 'swap to a larger disk',
  'swap-on-running-vm': 'PATCH the OS disk of a running VM (a test VM): refused, or stopped by Azure',
  'run-command-agent-ready': 'PUT a run command on a VM whose agent is gone: at once refused, or failed after how long',
  'run-command-output-blob': 'PUT a run command with an expired SAS: does the script run',
  'run-command-timed-out': 'a script that writes a line a second, cut by its timeout, by DELETE, by powerOff: is it killed',
  'run-command-no-secret': 'GET a run command that has `outputBlobUri` with a SAS: is the signature shown',
  'boot-diagnostics-overwritten': 'read the serial log before and after a restart, and after powerOff',
  'activity-log-lags': 'deallocate and ask the activity log every 15 s: when is the entry there, how many a page',
  'serial-console-session': 'connect twice with one connection string; send a command without an open socket',
  'serial-console-listens': 'open the web socket and send nothing: does COM1 come',
  'new-disk-uninitialised': 'attach an empty disk and `Get-Disk` by run command',
};

const CHECK_LIST = new URL('../docs/first-deployment.md', import.meta.url);

/** The experiments as the check-list of the first deployment has them. */
export function experimentTable(): Table {
  const opposites: Record<string, string> = OPPOSITES;
  const rows = listRules().flatMap(({ id, tag, text }) =>
    tag === 'guessed' ? [[id, EXPERIMENTS[id] ?? '', text, opposites[id] ?? '']] : [],
  );
  return { title: 'Experiments', head: ['rule', 'do', 'the simulator', 'turned round'], rows };
}

/** Its documentation, its published source or a specification. */
const MICROSOFTS_OWN = /^(learn\.microsoft\.com\/|github\.com\/(Azure|MicrosoftDocs)\/|specification of Microsoft\.)/;

/** @param recordings a recorded rule names one of them */
export function checkRules(recordings: string): Finding {
  const ledger = new Ledger('rules');
  const rules = listRules();
  const checkList = readFileSync(CHECK_LIST, 'utf8');
  const names = readRecordings(recordings)?.map(({ name }) => name);
  for (const { id, tag, source } of rules) {
    if (tag === 'guessed') {
      ledger.check(`${id}: has an experiment`, 'conformance/rules.ts', true, id in EXPERIMENTS);
      const told = checkList.includes(`| ${id} | ${EXPERIMENTS[id]} |`);
      ledger.check(`${id}: its experiment is in the check-list`, 'docs/first-deployment.md', true, told);
    }
    if (tag === 'documented') ledger.check(`${id}: names a page`, source, true, MICROSOFTS_OWN.test(source));
    if (tag === 'recorded' && names !== undefined)
      ledger.check(`${id}: names a recording that is here`, source, true, names.includes(source));
  }
  const guessed = new Set<string>(rules.filter(({ tag }) => tag === 'guessed').map(({ id }) => id));
  for (const id of Object.keys(EXPERIMENTS)) ledger.check(`${id}: is still guessed`, 'simulator/arm/rules.ts', true, guessed.has(id));
  const durations = Object.values(listDurations());
  const count = (all: { tag: string }[], wanted: string) => all.filter(({ tag }) => tag === wanted).length;
  const rows = ['recorded', 'documented', 'guessed'].map(tag => [tag, count(rules, tag), count(durations, tag)]);
  return ledger.finding([{ title: 'Rules of the simulator', head: ['tag', 'rules', 'durations'], rows }, experimentTable()]);
}
