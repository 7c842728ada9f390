import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ScriptEnd, ScriptRun } from '../../functions/activities/contract.ts';
import { bundleOperatorScript, scriptText, sha256Of } from '../../playbooks/index.ts';
import { scriptManifest } from '../../playbooks/manifest.ts';
import type { ScriptRun as GuestRun, Guests } from '../../simulator/guests/contract.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { estate, onVm, vmId } from '../simulator/support/estate.ts';
import { doubleGuests } from '../simulator/support/guests.ts';
import { Bench, repairId } from './rig.ts';

const line = (token: string, code: string) =>
  `BOOTMEDIC-RESULT ${JSON.stringify({ token, outcome: 'fixed', code, findings: [], actions: [], warnings: [] })}`;

/** What the next script does in the guest. */
let act: (run: GuestRun) => Promise<{ output: string; seconds?: number; exitCode?: number }>;
const runs: GuestRun[] = [];
const guests: Guests = {
  ...doubleGuests,
  async runScript(run) {
    runs.push(run);
    const { disks, system } = run;
    return { seconds: 1, exitCode: 0, error: '', disks, system, ...(await act(run)) };
  },
};
const run = (name: string, changes: Partial<ScriptRun> = {}): ScriptRun => ({
  repairVmId: vmId('helper', 'rg-office'),
  run: name,
  script: 'offline-sfc',
  mode: 'Repair',
  lun: 0,
  timeoutSeconds: 600,
  parameters: {},
  uploadDump: false,
  ...changes,
});

describe('a script on the repair VM', () => {
  let simulator: Simulator;
  let bench: Bench;
  beforeAll(async () => {
    const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-simulator-'));
    simulator = await startSimulator({ scenario: estate(), guests, runDir, timeScale: 400 });
    bench = new Bench(simulator);
    for (;;) {
      // The helper's agent has to report first.
      act = async () => ({ output: '' });
      const reply = await bench.act('ensureScript', run('warm-up'));
      if (reply.ok && reply.value.done) break;
      await setTimeout(50);
    }
  }, 30_000);
  afterAll(() => simulator?.close());

  const ended = (input: ScriptRun): Promise<ScriptEnd> => bench.ensure('ensureScript', input);

  test('gets its text and parameters, and is believed by its own token', async () => {
    act = async ({ parameters }) => ({ output: `working\n${line(parameters.Token ?? '', 'repaired')}\n` });
    const end = await ended(run('1-offline-sfc', { parameters: { MemoryMb: '8192' } }));
    expect(end).toMatchObject({ run: '1-offline-sfc', script: 'offline-sfc', state: 'succeeded', exitCode: 0, tail: '' });
    expect(end.result).toMatchObject({ outcome: 'fixed', code: 'repaired' });
    expect(end.scriptSha256).toBe(scriptText('offline-sfc').sha256);
    const seen = runs.at(-1);
    expect(seen?.script).toBe(scriptText('offline-sfc').text);
    expect(seen?.parameters).toMatchObject({ Mode: 'Repair', Lun: '0', RepairId: repairId, MemoryMb: '8192' });
    expect(seen?.parameters.DumpUri).toBeUndefined();
  });

  test('that Azure accepted and shows no more is not sent a second time: it may be at work', async () => {
    const before = runs.length;
    await bench.inject({ match: { method: 'GET', path: '/runCommands/1-lost' }, answer: { status: 404 }, times: 500 });
    await expect(ended(run('1-lost'))).rejects.toThrow(/fatal runCommandGone/);
    expect(runs.length).toBe(before + 1);
    await bench.clearFaults();
  });

  test('is not sent when it is another text than the plan was made with', async () => {
    const before = runs.length;
    const reply = await bench.act('ensureScript', run('1-changed', { sha256: 'f'.repeat(64) }));
    expect(reply).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'scriptChanged' } });
    expect(runs.length).toBe(before);
    const { sha256 } = scriptText('offline-sfc');
    expect((await ended(run('1-same', { sha256 }))).state).toBe('succeeded');
  });

  test('is not sent when the package’s manifest has another hash for it or none, also where it stands around a person’s own', async () => {
    const before = runs.length;
    const manifest = scriptManifest();
    const sound = { ...manifest };
    const content = "# writes: x\n# undone by: y\n'x'\n";
    const own = { name: 'mine.ps1', sha256: sha256Of(content), blob: `${repairId}/mine.ps1`, writes: 'x', undoneBy: 'y' };
    await bench.tools.azure.blobs.put('evidence', own.blob, content, 'text/plain');
    const refused = { ok: false, fault: { kind: 'fatal', code: 'scriptNotInManifest' } };
    try {
      manifest['offline-sfc'] = 'f'.repeat(64);
      expect(await bench.act('ensureScript', run('1-altered'))).toMatchObject(refused);
      delete manifest['offline-sfc'];
      expect(await bench.act('ensureScript', run('1-altered'))).toMatchObject(refused);
      manifest['operator-script'] = 'f'.repeat(64);
      expect(await bench.act('ensureScript', run('1-around', { script: 'operator-script', own }))).toMatchObject(refused);
    } finally {
      Object.assign(manifest, sound);
    }
    expect(runs.length).toBe(before);
  });

  test('asked again is not run again', async () => {
    const before = runs.length;
    const again = await ended(run('1-offline-sfc'));
    expect(again.result?.code).toBe('repaired');
    expect(runs.length).toBe(before);
  });

  test('leaves its whole log as a blob, of which the result is read', async () => {
    const long = 'x'.repeat(20_000);
    act = async ({ parameters }) => ({ output: `first line\n${long}\n${line(parameters.Token ?? '', 'long')}\n` });
    const end = await ended(run('2-offline-sfc'));
    expect(end.result?.code).toBe('long');
    const [container = '', ...name] = end.log.split('/');
    const log = new TextDecoder().decode(await bench.tools.azure.blobs.get(container, name.join('/')));
    expect(log).toContain('first line');
    expect(log.length).toBeGreaterThan(20_000);
  });

  test('a line with the token of another run, or of nobody, is no result; what it said comes cut and clean', async () => {
    const other = runs.at(-1)?.parameters.Token ?? '';
    act = async () => ({
      output: `see https://a.blob.core.windows.net/c/b?sig=SECRET\n\u001b[31m${line(other, 'replayed')}\n${line('guessed', 'forged')}\n`,
      exitCode: 1,
    });
    const end = await ended(run('3-offline-sfc'));
    expect(end).toMatchObject({ result: null, state: 'failed', exitCode: 1 });
    expect(end.tail).toContain('https://a.blob.core.windows.net/c/b?…');
    expect(end.tail).not.toContain('SECRET');
    expect(end.tail).not.toContain('\u001b');
  });

  test('every run has a token of its own, which PowerShell cannot take for a parameter', () => {
    const tokens = runs.map(each => each.parameters.Token);
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/);
  });

  test('that outlives its deadline is told as timed out', async () => {
    act = async () => ({ output: 'still at it\n', seconds: 5000 });
    const end = await ended(run('4-offline-sfc', { timeoutSeconds: 60 }));
    expect(end).toMatchObject({ result: null, state: 'timed-out' });
  });

  test('is told of while it runs by its own last line of progress, cut and clean', async () => {
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'late')}\n`, seconds: 400 });
    const input = run('6-offline-sfc');
    const log = `${repairId}/scripts/6-offline-sfc.log`;
    for (let said = false; !said; ) {
      const reply = await bench.act('ensureScript', input);
      if (!reply.ok || reply.value.done) throw new Error('ended before it told anything');
      const { awaiting } = reply.value;
      said = awaiting.includes('45 %');
      if (said) expect(awaiting).toBe(`script 6-offline-sfc (running): dump 45 %[31m${'x'.repeat(107)}`);
      else if ((await bench.tools.azure.blobs.properties('records', log)) !== undefined)
        await bench.tools.azure.blobs.append('records', log, `BOOTMEDIC-PROGRESS dump 45 %\u001b[31m${'x'.repeat(500)}\nno progress\n`);
    }
    expect((await ended(input)).result?.code).toBe('late');
  });

  test('gets an address for the dump only when told to, and can write there once', async () => {
    act = async ({ parameters, fetch }) => {
      const put = await fetch(parameters.DumpUri ?? '', { method: 'PUT', body: 'PAGEDU64', headers: { 'x-ms-blob-type': 'BlockBlob' } });
      const read = await fetch(parameters.DumpUri ?? '');
      return { output: `${put.status} ${read.status}\n${line(parameters.Token ?? '', `put-${put.status}-read-${read.status}`)}\n` };
    };
    const end = await ended(run('5-collect-dump', { script: 'collect-dump', uploadDump: true }));
    expect(end.result?.code).toBe('put-201-read-403');
    expect(new TextDecoder().decode(await bench.tools.azure.blobs.get('dumps', `${repairId}/memory.dmp`))).toBe('PAGEDU64');
  });

  test('that is a person’s own is sent behind the prelude, as long as its blob holds what was approved', async () => {
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'mine')}\n` });
    const content = "# writes: x\n# undone by: y\n'caf\\x65'\n";
    const blob = `${repairId}/operator-script.ps1`;
    await bench.tools.azure.blobs.put('evidence', blob, content, 'text/plain');
    const own = { name: 'mine.ps1', sha256: sha256Of(content), blob, writes: 'x', undoneBy: 'y' };
    const end = await ended(run('7-operator-script', { script: 'operator-script', own }));
    expect([end.result?.code, end.scriptSha256]).toEqual(['mine', own.sha256]);
    expect(runs.at(-1)?.script).toBe(bundleOperatorScript(content));
    await bench.tools.azure.blobs.put('evidence', blob, content.replace('x', 'z'), 'text/plain');
    const changed = await bench.act('ensureScript', run('8-operator-script', { script: 'operator-script', own }));
    expect(changed).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'scriptChanged' } });
    const gone = await bench.act('ensureScript', run('9-operator-script', { script: 'operator-script', own: { ...own, blob: 'none' } }));
    expect(gone).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'scriptGone' } });
    expect(runs.at(-1)?.script).toBe(bundleOperatorScript(content));
  });

  test('whose output floods is read from the end of its log only, with its result or without', async () => {
    const flood = `${'x'.repeat(1023)}\n`.repeat(3 * 1024);
    const { blobs } = bench.tools.azure;
    const slices = jest.spyOn(blobs, 'slice');
    const whole = jest.spyOn(blobs, 'get');
    act = async ({ parameters }) => ({ output: `${flood}${line(parameters.Token ?? '', 'dry')}\n` });
    expect((await ended(run('10-offline-sfc'))).result?.code).toBe('dry');
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'early')}\n${flood}` });
    const drowned = await ended(run('11-offline-sfc'));
    expect([drowned.result, drowned.tail.length]).toEqual([null, 2000]);
    expect(slices.mock.calls.length).toBeGreaterThan(1);
    expect(Math.max(...slices.mock.calls.map(([, , { count }]) => count))).toBeLessThanOrEqual(256 * 1024);
    expect(whole.mock.calls.filter(([, name]) => name.endsWith('.log'))).toEqual([]);
    slices.mockRestore();
    whole.mockRestore();
  });

  test('is believed by its result line alone: an exit code of 0 without one is nothing, 1 with one takes nothing away', async () => {
    act = async () => ({ output: 'all is well\n', exitCode: 0 });
    expect(await ended(run('12-offline-sfc'))).toMatchObject({
      result: null,
      state: 'succeeded',
      exitCode: 0,
      tail: 'all is well\n\n\nExecution completed',
    });
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'good')}\n`, exitCode: 1 });
    expect(await ended(run('13-offline-sfc'))).toMatchObject({ result: { outcome: 'fixed', code: 'good' }, state: 'failed', exitCode: 1 });
  });

  test('that says its result twice is taken at its last word; what another says after it leaves no result at all', async () => {
    act = async ({ parameters: { Token = '' } }) => ({ output: `${line(Token, 'first')}\n${line(Token, 'second')}\n` });
    expect((await ended(run('14-offline-sfc'))).result?.code).toBe('second');
    act = async ({ parameters: { Token = '' } }) => ({ output: `${line(Token, 'mine')}\n${line('f'.repeat(64), 'forged')}\n` });
    expect((await ended(run('15-offline-sfc'))).result).toBeNull();
  });

  test('that Azure could not hand to the guest is told once and handed over again', async () => {
    await bench.inject({
      match: { method: 'PUT', path: '/runCommands/16-offline-sfc' },
      failOperation: { code: 'VMAgentStatusCommunicationError', message: 'VM has not reported status for VM agent.' },
    });
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'second-try')}\n` });
    bench.faults = [];
    expect((await ended(run('16-offline-sfc'))).result?.code).toBe('second-try');
    expect(bench.faults.map(({ kind }) => kind)).toEqual(['transient']);
  });

  const asked = async (method: string, path: string) => {
    const address = `${simulator.identityEndpoint}?api-version=2019-08-01&resource=https://management.azure.com/`;
    const answer = await fetch(address, { headers: { 'x-identity-header': simulator.identityHeader } });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    return (await onVm({ simulator, token }, method, 'helper', path, undefined, {}, 'rg-office')).status;
  };
  const begun = async (input: ScriptRun) => {
    for (;;) {
      const reply = await bench.act('ensureScript', input);
      if (!reply.ok || reply.value.done) throw new Error('ended at once');
      if (reply.value.awaiting.includes('running')) return;
    }
  };

  test('whose run command somebody deleted is never sent again: whether it ran is not known', async () => {
    const input = run('17-offline-sfc');
    act = async () => ({ output: '', seconds: 5000 });
    await begun(input);
    expect(await asked('DELETE', '/runCommands/17-offline-sfc')).toBe(202);
    while ((await asked('GET', '/runCommands/17-offline-sfc')) !== 404) await setTimeout(20);
    const before = runs.length;
    await expect(ended(input)).rejects.toThrow('fatal runCommandGone');
    expect(runs.length).toBe(before);
  });

  test('under which the VM restarts ends without a result; the next waits until its agent is back', async () => {
    const input = run('18-offline-sfc');
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'never')}\n`, seconds: 5000 });
    await begun(input);
    expect(await asked('POST', '/powerOff')).toBe(202);
    expect(await ended(input)).toMatchObject({ result: null, state: 'failed', exitCode: null, tail: 'The script was stopped.' });
    const off = await bench.act('ensureScript', run('19-offline-sfc'));
    expect(off).toMatchObject({ ok: false, fault: { kind: expect.stringMatching(/^(transient|conflict)$/) } });
    await bench.ensure('ensureStarted', { vmId: vmId('helper', 'rg-office') });
    bench.faults = [];
    act = async ({ parameters }) => ({ output: `${line(parameters.Token ?? '', 'back')}\n` });
    expect((await ended(run('19-offline-sfc'))).result?.code).toBe('back');
    expect(bench.faults.filter(({ code }) => code !== 'VMAgentStatusCommunicationError')).toEqual([]);
  });

  test('leaves no signature anywhere that is kept', async () => {
    const kept: string[] = [];
    for (const container of ['records', 'audit'])
      for await (const name of bench.tools.azure.blobs.list(container, ''))
        kept.push(new TextDecoder().decode(await bench.tools.azure.blobs.get(container, name)));
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.join('\n').replaceAll(/sig=SECRET/g, '')).not.toMatch(/[?&]sig=/);
  });
});
