/**
 * Each script, each native call that it makes, failing, lying and hanging: whatever is then left on the disk is named in the manifest with the
 * bytes that it had, and `fixed` is said only where the disk is as a run without the fault leaves it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { scriptIds } from '../../playbooks/scripts.ts';
import type { ScriptId } from '../../playbooks/types.ts';
import fc from '../fastCheck.ts';
import { disk, services } from '../simulator/guests/world.ts';
import { addFault, addRun, pwsh, type Ran, runAll } from './standins/bench.ts';
import { caseOf, leftByScript, type ModelCase } from './standins/model.ts';

type Subject = [damage: object[], parameters?: Record<string, string>];
const pending = { kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true };
/** A disk on which each script has something to do. */
const subjects: Record<string, Subject> = {
  'boot-settings': [[], { MemoryMb: '8192' }],
  'boot-policy': [[{ kind: 'boot-flags', displaybootmenu: true, recoveryenabled: true }]],
  'check-disk': [[{ kind: 'file-system-errors', repairable: true }]],
  'collect-dump': [[{ kind: 'dump', stopCode: 0xef }]],
  'driver-off': [[{ kind: 'bad-driver', name: 'vendor.sys', filter: true }], { Driver: 'vendor.sys' }],
  'make-safe': [[]],
  'offline-sfc': [[{ kind: 'corrupt-file', path: services, repairable: true }]],
  'operator-script': [[]],
  'pending-xml': [[pending]],
  probe: [[pending]],
  'rebuild-bcd': [[{ kind: 'missing-bcd' }]],
  'repair-bcd': [[{ kind: 'bcd-element', element: 'device' }]],
  'replay-hives': [[{ kind: 'unreplayed-hive', hive: 'SYSTEM' }]],
  'restore-regback': [
    [
      { kind: 'regback', whole: true },
      { kind: 'damaged-hive', hive: 'SYSTEM' },
    ],
  ],
  'revert-servicing': [[pending]],
  'safeboot-off': [[{ kind: 'boot-flags', safeboot: 'Minimal' }]],
  'vendor-file': [
    [
      {
        ...{ kind: 'bad-driver', name: 'csagent.sys', at: '2024-07-19T04:09:00.000Z' },
        reads: '\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys',
      },
    ],
    { Driver: 'csagent.sys' },
  ],
};
/** Words that tell one call of a tool from another: `reg load`, `bcdedit /set`, `chkdsk E: /f`, `mountvol S: /D`. */
function wordsOf(call: string): string | undefined {
  const [tool = '', first = '', second = '', third = ''] = call.split(' ');
  if (['Set-Disk', 'Write-VolumeCache'].includes(tool) || tool === '') return undefined;
  if (tool === 'reg' || tool === 'sfc') return `${tool} ${first}`;
  if (tool === 'bcdedit') return `${tool} ${first} ${second} ${third}`;
  if (tool === 'chkdsk') return `${tool} ${first} ${second}`.trimEnd();
  return tool === 'mountvol' ? `${tool} ${first} ${second === '/D' ? second : ''}`.trimEnd() : tool;
}
/** Without the name that a hive is loaded under, and folders of one run. */
const plainCall = (call: string) => call.replace(/[0-9a-f]{32}/gi, '…').slice(0, 120);
const toolOf = (call: string): string | undefined => wordsOf(call)?.split(' ')[0];
/** One that hangs is looked at twice: as the disk is then, and, as it fails after that, at the script's end. */
const faults = { 'hangs and fails': 'hang', lies: 'lie' } as const;

type Fault = keyof typeof faults;
/** `words`: what `addFault` takes, a kind of call each time that it is made, or one call alone. */
interface Planned {
  script: ScriptId;
  call: string;
  words: string;
  fault: Fault;
}
interface Tried extends Planned {
  made: ModelCase;
  before: Map<string, string>;
}
/** `some`: a kind of call of each script. `kinds`: every kind, minutes. `calls`: every single call as well, the better part of an hour. */
const wanted = process.env.BOOTMEDIC_FAULTS ?? 'kinds';
const seed = Number(process.env.BOOTMEDIC_SEED ?? 1);

/** What was once said to be `fixed` and was not is tried each time. */
const onceFalse: Partial<Record<ScriptId, RegExp>> = {
  'pending-xml': /^reg query$/,
  'revert-servicing': /^dism$/,
  'driver-off': / UpperFilters$|Class\\\{/,
  'boot-policy': / timeout 5$/,
  'repair-bcd': /\{9dea862c-5cdd-4e70-acc1-f32b344d4795\}\\Elements\\11000001$/,
};
function chosen(all: Planned[]): Planned[] {
  if (wanted === 'calls') return all;
  const kinds = all.filter(({ call }) => !call.startsWith('#'));
  const again = all.filter(({ script, call, fault }) => fault === 'lies' && onceFalse[script]?.test(call));
  return [...new Set([...(wanted === 'kinds' ? kinds : sample(kinds)), ...again])];
}
/** One of them; `make-safe` makes no call. */
function sample<T>(all: T[]): T[] {
  return all.length === 0 ? [] : fc.sample(fc.constantFrom(...all), { seed, numRuns: 1 });
}

/** Every kind of call each time, and every call alone. */
function faultsOf(script: ScriptId, calls: string[]): Planned[] {
  const kinds = new Set(calls.map(wordsOf).filter(words => words !== undefined));
  const each = [
    ...[...kinds].map(words => ({ call: words, words })),
    ...calls.flatMap((call, n) => (wordsOf(call) === undefined ? [] : [{ call: `#${n + 1} ${plainCall(call)}`, words: `#${n + 1}` }])),
  ];
  return each.flatMap(one => (Object.keys(faults) as Fault[]).map(fault => ({ script, ...one, fault })));
}

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined)
  console.warn('SKIPPED: no pwsh on this machine: no script is tried with each of its calls failing, lying and hanging');

test('every script has a disk on which it has something to do', () => {
  expect(Object.keys(subjects).toSorted()).toEqual([...scriptIds].toSorted());
});

function make(name: string, script: ScriptId): ModelCase {
  const [damage, parameters] = subjects[script] ?? [[]];
  return addRun(caseOf(name, disk({}, damage)), script, { ...(script !== 'make-safe' && { Lun: '3' }), ...parameters });
}

/** SHA-256 of every file of the repair disk but our own, by volume and path; as it was when a call hung, where one did. */
function hashes(each: ModelCase, base = 'volumes'): Map<string, string> {
  const root = join(each.folder, base);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    name => name.startsWith('2.') && statSync(join(root, name)).isFile() && !/^2\.\d\/bootmedic\//.test(name),
  );
  return new Map(
    files.map(name => [
      name.toLowerCase(),
      createHash('sha256')
        .update(readFileSync(join(root, name)))
        .digest('hex'),
    ]),
  );
}

interface Entry {
  volume: string;
  path: string;
  sha256: string | null;
  backup: string;
}
/** What the manifest names, by the file's path below its volume: the bytes that the file had. Their copy is looked at. */
function manifestOf(each: ModelCase, base: string): Map<string, string | null> {
  const folder = join(each.folder, base, each.windows.slice(each.windows.lastIndexOf('/') + 1), 'bootmedic/r-abcdefgh2345');
  const path = join(folder, 'manifest.jsonl');
  if (!existsSync(path)) return new Map();
  const entries = readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Partial<Entry>)
    .filter((entry): entry is Entry => entry.path !== undefined);
  for (const { backup, sha256 } of entries) {
    if (sha256 === null) continue;
    const copy = createHash('sha256')
      .update(readFileSync(join(folder, backup.replaceAll('\\', '/'))))
      .digest('hex');
    expect(copy).toBe(sha256);
  }
  return new Map(entries.toReversed().map(({ path: each, sha256 }) => [each.replaceAll('\\', '/').toLowerCase(), sha256]));
}

/** Nothing differs from before but what the manifest names with its bytes of before; chkdsk's own work is no file. */
function expectNamed({ made, before }: Tried, base: string, told: string): void {
  const [after, named] = [hashes(made, base), manifestOf(made, base)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) === after.get(name)) continue;
    const path = name.slice(name.indexOf('/') + 1);
    expect([told, path, named.get(path)]).toEqual([told, path, before.get(name) ?? null]);
  }
}

present(`each script, its calls (BOOTMEDIC_FAULTS=${wanted} BOOTMEDIC_SEED=${seed})`, () => {
  const plain = new Map<string, ModelCase>();
  const tried: Tried[] = [];
  let ran: Map<string, Ran[]>;
  beforeAll(async () => {
    for (const script of scriptIds) plain.set(script, make(`plain-${script}`, script));
    ran = await runAll([...plain.values()]);
    const all = scriptIds.map(script => faultsOf(script, ran.get(`plain-${script}`)?.[0]?.calls ?? []));
    for (const each of all.flatMap(chosen)) {
      const made = addFault(make(`fault-${tried.length}`, each.script), each.words, faults[each.fault]);
      tried.push({ ...each, made, before: hashes(made) });
    }
    // What few take, a second PowerShell would spend on its start.
    const half = tried.length > 100 ? Math.ceil(tried.length / 2) : tried.length;
    const parts = [tried.slice(0, half), tried.slice(half)].filter(part => part.length > 0);
    const done = await Promise.all(parts.map(each => runAll(each.map(({ made }) => made))));
    ran = new Map([...ran, ...done.flatMap(each => [...each])]);
  }, 1_800_000);
  const endOf = ({ made, script, call, fault }: Tried) => {
    const [first] = ran.get(made.name) ?? [];
    return { outcome: first?.result?.outcome, told: `${script}, ${call} ${fault}: ${first?.result?.outcome} ${first?.result?.code}` };
  };

  test('without a fault each does its work, and calls what it is known to call', () => {
    for (const script of scriptIds) expect([script, ran.get(`plain-${script}`)?.[0]?.exitCode]).toEqual([script, 0]);
    const calls = scriptIds.flatMap(script => (ran.get(`plain-${script}`)?.[0]?.calls ?? []).map(toolOf));
    const known = ['bcdboot', 'bcdedit', 'chkdsk', 'dism', 'icacls', 'mountvol', 'reg', 'robocopy', 'sfc'];
    expect([...new Set(calls.filter(tool => tool !== undefined))].toSorted()).toEqual(known);
  });

  test('no change without its manifest, also where a call hangs', () => {
    for (const each of tried) {
      const { told } = endOf(each);
      if (each.fault !== 'lies') {
        expect([told, existsSync(join(each.made.folder, 'hung'))]).toEqual([told, true]);
        expectNamed(each, 'hung', told);
      }
      expectNamed(each, 'volumes', told);
    }
  });

  test('never “fixed” where it is not', () => {
    const falsely = tried.filter(each => {
      const done = plain.get(each.script);
      return endOf(each).outcome === 'fixed' && done && !isDeepStrictEqual(leftByScript(each.made), leftByScript(done));
    });
    expect(falsely.map(each => endOf(each).told)).toEqual([]);
  });
});
