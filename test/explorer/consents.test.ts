/** Invariant 9 where a person, the settings or nobody has agreed: judged by the text that Azure was sent, and by when. */
import { describe, expect, test } from '@jest/globals';
import type { Approval } from '../../explorer/approver.ts';
import { consented } from '../../explorer/consents.ts';
import type { Facts } from '../../explorer/facts.ts';
import type { Base } from '../../explorer/schedule.ts';
import { type SentScript, saidBy } from '../../explorer/scripts.ts';
import { scriptText } from '../../playbooks/index.ts';

const id = 'r-aaaaaaaaaaaa';
const vmId = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web';
const time = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const posted = (path: string, minute: number) =>
  ({ at: time(minute), method: 'POST', path, status: 202, repairId: id }) as unknown as Facts['writes'][number];

describe('consent', () => {
  const reviewed = '/subscriptions/s/resourceGroups/RG-directory/providers/Microsoft.Compute/virtualMachines/web';
  const at = (minute: number) => Date.parse(time(minute));
  const run = (script: string, mode: string, minute = 5): SentScript => ({
    ...saidBy({ source: { script: scriptText(script).text }, parameters: [{ name: 'Mode', value: mode }] }),
    ...{ run: `1-${script}`, vm: 'bootmedic-aaaaaaaaaaaa-vm', at: at(minute) },
  });
  const approval = (to: string[], minute = 4, repairId = id): Approval => ({ repairId, at: at(minute), to });
  interface Told {
    scripts?: SentScript[];
    approvals?: Approval[];
    vm?: string;
    base?: Base;
    writes?: Facts['writes'];
  }
  const told = ({ base = 'web-en-02', vm = vmId, writes = [], scripts = [], approvals = [] }: Told) =>
    consented({
      ...{ repairs: [{ id }], watch: { vmId: vm, swaps: [] }, schedule: { base } },
      ...{ writes, scripts, approvals },
    } as unknown as Facts);

  test('a script of class consent acts only with its own', () => {
    expect(told({ scripts: [run('pending-xml', 'Repair')] })).toEqual(['1-pending-xml was run without the consent set-pending-xml-aside']);
    expect(told({ scripts: [run('operator-script', 'Repair')], approvals: [approval(['upload-dump'])] })).toHaveLength(1);
    expect(told({ scripts: [run('pending-xml', 'Detect'), run('offline-sfc', 'Repair'), run('make-safe', 'Repair')] })).toEqual([]);
  });

  test('which the settings give, or an approval of this repair, before it was sent', () => {
    expect(told({ scripts: [run('collect-dump', 'Repair')] })).toEqual([]);
    expect(told({ scripts: [run('collect-dump', 'Repair')], vm: reviewed, approvals: [approval(['the plan'])] })).toEqual([
      '1-collect-dump was run without the consent upload-dump',
    ]);
    const scripts = [run('restore-regback', 'Repair')];
    expect(told({ scripts, approvals: [approval(['the plan', 'use-regback'])] })).toEqual([]);
    expect(told({ scripts, approvals: [approval(['use-regback'], 6)] })).toHaveLength(1);
    expect(told({ scripts, approvals: [approval(['use-regback'], 4, 'r-bbbbbbbbbbbb')] })).toHaveLength(1);
  });

  test('a text that is nobody’s, or says no mode, may do anything', () => {
    const stranger = {
      ...saidBy({ source: { script: 'Remove-Item C:\\' }, parameters: [] }),
      run: 'x',
      vm: 'bootmedic-aaaaaaaaaaaa-vm',
      at: 0,
    };
    expect(told({ scripts: [stranger] })).toHaveLength(1);
    expect(told({ scripts: [{ ...run('collect-dump', ''), safety: 'manual_only' }] }).join()).toContain('hands');
  });

  test('of a domain controller everything that changes its disk', () => {
    const scripts = [run('offline-sfc', 'Repair')];
    expect(told({ scripts, base: 'in-review' })).toEqual(['1-offline-sfc was run without the consent domain-controller']);
    expect(told({ scripts, base: 'in-review', approvals: [approval(['domain-controller'])] })).toEqual([]);
  });

  test('a VM is interrupted only by its own consent, and once', () => {
    const writes = [posted(`${vmId}/providers/Microsoft.SerialConsole/serialPorts/0`, 5)];
    expect(told({ writes })).toEqual([`the VM was interrupted at ${time(5)} without the consent send-nmi`]);
    expect(told({ writes, approvals: [approval(['the plan', 'send-nmi'])] })).toEqual([]);
    expect(told({ writes: [...writes, ...writes], approvals: [approval(['send-nmi'])] })).toEqual(['the VM was interrupted 2 times']);
  });

  test('in mode review nothing touches the VM or changes its copy before the plan is approved', () => {
    const writes = [posted(`${reviewed}/powerOff`, 3), posted(`${reviewed}-2/start`, 1)];
    const scripts = [run('probe', 'Detect', 1), run('offline-sfc', 'Repair', 3)];
    const given = (minute: number) => told({ vm: reviewed, writes, scripts, approvals: [approval(['the plan'], minute)] });
    expect(given(2)).toEqual([]);
    expect(given(4)).toEqual(['POST poweroff came before the plan was approved', '1-offline-sfc came before the plan was approved']);
    expect(told({ writes: [posted(`${vmId}/powerOff`, 0)] })).toEqual([]);
  });
});
