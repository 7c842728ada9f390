/**
 * 500 alerts in a minute: the real route takes them, the real runbook works them off behind the real admission; only Durable Functions and
 * Azure are tables, and time is virtual. No alert is lost, and no VM is looked at twice: a second alert for a VM that waits already
 * joins the repair that was there first.
 */
import { expect, test } from '@jest/globals';
import type { DurableClient, EntityId } from 'durable-functions';
import type { Activities, RepairRequest } from '../../functions/activities/contract.ts';
import { receiveAlert } from '../../functions/triggers/alerts.ts';
import { type AdmissionState, admit, nobody, release } from '../../orchestrations/admission.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import type { Command, Step } from '../../orchestrations/steps.ts';
import { heartbeat, vm } from './alertSamples.ts';
import { appHeader, desk } from './callers.ts';

const ACTION_GROUPS = '461e8683-5575-4561-ac7f-899cc907d62a';
const alerts = 500;
const vms = 400;

interface Running {
  id: string;
  request: RepairRequest;
  step: Step<unknown>;
  /** Virtual seconds at which its next command is due. */
  at: number;
  answer: unknown;
  ended: boolean;
}

/** Durable Functions as a table: calls take a turn of the event loop each, so that those that come at once come between each other. */
class Table {
  readonly repairs = new Map<string, Running>();
  starts = 0;
  admission: AdmissionState = nobody;
  now = 0;
  most = 0;
  readonly diagnosed: string[] = [];

  readonly client = {
    getStatus: async (id: string) => {
      await turn();
      const found = this.repairs.get(id);
      if (!found) throw new Error('HTTP 404 response');
      const time = this.time();
      return {
        ...{ name: 'repairVm', instanceId: id, input: found.request, createdTime: time, lastUpdatedTime: time },
        runtimeStatus: found.ended ? 'Completed' : 'Running',
      };
    },
    readEntityState: async () => {
      await turn();
      return { entityState: this.admission };
    },
    signalEntity: async (_: EntityId, __: string, input: { vmId: string; repairId: string }) => {
      this.admission = release(this.admission, input);
    },
    startNew: async (_: string, { instanceId: id, input }: { instanceId: string; input: RepairRequest }) => {
      await turn();
      if (this.repairs.has(id)) throw new Error('HTTP 409 response');
      this.starts++;
      this.repairs.set(id, { id, request: input, step: repairVm(input, id), at: this.now, answer: undefined, ended: false });
    },
  } as unknown as DurableClient;

  time = () => new Date(Date.UTC(2026, 2, 1) + this.now * 1000).toISOString();

  /** Works off all that was started; always the repair whose next command is due first. */
  workOff(): void {
    for (;;) {
      const due = [...this.repairs.values()].filter(({ ended }) => !ended);
      const next = due.reduce<Running | undefined>((first, each) => (first && first.at <= each.at ? first : each), undefined);
      if (!next) return;
      this.now = Math.max(this.now, next.at);
      for (let waits = false; !waits && !next.ended; ) {
        const { done, value } = next.step.next(next.answer);
        if (done) next.ended = true;
        else waits = this.carryOut(next, value);
      }
    }
  }

  /** True = its answer comes later. */
  carryOut(repair: Running, command: Command): boolean {
    repair.answer = undefined;
    if (command.do === 'now') repair.answer = this.time();
    else if (command.do === 'clock') repair.answer = this.now;
    else if (command.do === 'ask') repair.answer = this.ask(command.operation, command.input);
    else if (command.do === 'sleep') repair.at = this.now + command.seconds;
    else if (command.do === 'activity') {
      repair.answer = { ok: true, value: this.activity(repair, command.name as keyof Activities) };
      repair.at = this.now + 2;
    }
    return command.do === 'sleep' || command.do === 'activity';
  }

  ask(operation: string, input: unknown): unknown {
    if (operation !== 'admit') {
      this.admission = release(this.admission, input as Parameters<typeof release>[1]);
      return {};
    }
    const { state, answer } = admit(this.admission, input as Parameters<typeof admit>[1]);
    this.admission = state;
    this.most = Math.max(this.most, Object.keys(state.running).length);
    return answer;
  }

  activity({ request }: Running, name: keyof Activities): unknown {
    if (name === 'measureScopes') return { scopes: [] };
    if (name === 'inspectVm')
      return { vm: { id: request.vmId, name: 'v' }, mark: null, refusals: [], policy: { mode: 'auto', consents: [], restartFirst: true } };
    if (name === 'writeReport') return { blob: '' };
    if (name !== 'diagnoseVm') throw new Error(`a healthy VM needs no ${name}`);
    this.diagnosed.push(request.vmId.toLowerCase());
    return { verdict: 'healthy', summary: 'The agent answers.', findings: [], evidence: [], sight: 'desktop' };
  }
}
const turn = () => new Promise(resolve => setImmediate(resolve));

test('500 alerts in a minute, some VMs named by several and each alert delivered up to three times: each starts one repair, and no VM is left out', async () => {
  const table = new Table();
  const { ask } = desk({}, {}, null, table.client);
  const by = appHeader(ACTION_GROUPS, ['ActionGroupsSecureWebhook']);
  const deliveries = Array.from({ length: alerts }, (_, n) => ({ alertId: `alert-${n}`, target: vm(`till-${n % vms}`) })).flatMap(
    ({ alertId, target }, n) =>
      Array.from({ length: (n % 3) + 1 }, () => heartbeat([], { alertId, target: n % 2 === 0 ? target : target.toUpperCase() })),
  );
  const began = performance.now();
  const answers = await Promise.all(deliveries.map(body => ask(receiveAlert, { by, body })));
  const took = performance.now() - began;
  expect(answers.map(({ status }) => status).every(status => status === 200 || status === 202)).toBe(true);
  // Nothing has begun yet, so that two alerts for one VM are two repairs: the admission tells them apart.
  expect([table.starts, answers.filter(({ status }) => status === 202).length]).toEqual([alerts, alerts]);

  table.workOff();
  expect(new Set(table.diagnosed).size).toBe(vms);
  expect(table.diagnosed.length).toBe(vms);
  expect(table.most).toBe(5);
  expect(table.admission).toMatchObject({ running: {}, waiting: {} });
  expect([...table.repairs.values()].every(({ ended }) => ended)).toBe(true);
  console.info(
    `${deliveries.length} deliveries of ${alerts} alerts taken in ${Math.round(took)} ms; ${vms} healthy VMs looked at (${table.diagnosed.length} looks) in ${Math.round(table.now / 60)} virtual minutes, 5 at once`,
  );
});
