/** Sweeps that are asked for at the same moment: one begins, whoever asks, on whatever host. */
import { expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { sweepRoutes } from '../../functions/triggers/sweep.ts';
import { desk, personHeader } from './callers.ts';

const by = personHeader('anna', ['Repair.Approve']);
const startSweep = sweepRoutes.find(({ name }) => name === 'startSweep');

/** Durable Functions as a table, each call of which takes a turn of the event loop: nobody sees what another has not finished. */
class Table {
  readonly sweeps = new Map<string, string>();
  readonly client = {
    getStatusBy: async () => {
      const running = [...this.sweeps].filter(([, status]) => status === 'Running');
      await turn();
      return running.map(([instanceId]) => ({ name: 'sweep', instanceId }));
    },
    getStatus: async (id: string) => {
      const runtimeStatus = this.sweeps.get(id);
      await turn();
      if (runtimeStatus === undefined) throw new Error('HTTP 404 response');
      return { runtimeStatus };
    },
    startNew: async (_: string, { instanceId }: { instanceId: string }) => {
      await turn();
      if (this.sweeps.get(instanceId) === 'Running') throw new Error('HTTP 409 response');
      this.sweeps.set(instanceId, 'Running');
    },
  } as unknown as DurableClient;

  async ask(): Promise<{ sweepId: string; joined: boolean }> {
    if (startSweep === undefined) throw new Error('there is no such route');
    const { body } = await desk({}, {}, null, this.client).ask(startSweep, { by });
    return JSON.parse(String(body));
  }
}
const turn = () => new Promise(resolve => setImmediate(resolve));

test('of several that see none under way, one begins it, and the others join that one', async () => {
  const table = new Table();
  const answers = await Promise.all(Array.from({ length: 5 }, () => table.ask()));
  expect(answers.map(({ joined }) => joined).toSorted()).toEqual([false, true, true, true, true]);
  expect(new Set(answers.map(({ sweepId }) => sweepId)).size).toBe(1);
  expect(table.sweeps.size).toBe(1);
});

test('one that is begun between another’s two looks is joined', async () => {
  const table = new Table();
  const first = table.ask();
  await turn();
  const second = table.ask();
  expect((await Promise.all([first, second])).map(({ joined }) => joined).toSorted()).toEqual([false, true]);
});

test('who asks again within the minute, when it is over, gets another', async () => {
  const table = new Table();
  const first = await table.ask();
  table.sweeps.set(first.sweepId, 'Completed');
  const second = await table.ask();
  expect([second.joined, second.sweepId === first.sweepId]).toEqual([false, false]);
  expect((await table.ask()).joined).toBe(true);
});
