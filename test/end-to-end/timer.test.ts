/** The sweep by its timer, for real: nobody asks, and what a first deployment (mode observe) may do is to look and tell. */
import { expect, test } from '@jest/globals';
import { ask, ended, startWorld } from './world.ts';

interface Sweep {
  requestedBy: string;
  looked: number;
  ill: { vmId: string; finding: string; repairId: string | null }[];
  faults: unknown[];
}

test('begins by itself, confirms who does not answer by evidence, and writes nothing to Azure in mode observe', async () => {
  const settings = { defaults: { mode: 'observe' }, sweep: { schedule: '*/2 * * * * *', silentSeconds: 300 } };
  const world = await startWorld({ settings, timeScale: 200 });
  try {
    let sweep: Sweep = { requestedBy: '', looked: 0, ill: [], faults: [] };
    for (const deadline = Date.now() + 240_000; sweep.ill.length === 0; await new Promise(resolve => setTimeout(resolve, 200))) {
      const answer = await ask(`${world.url}/api/sweeps/latest`);
      if (answer.status === 200) sweep = (await answer.json()) as Sweep;
      if (Date.now() > deadline) throw new Error(`the timer found nobody: ${JSON.stringify(sweep)}\n${world.output().slice(-2000)}`);
    }
    expect(sweep).toMatchObject({ requestedBy: 'timer', looked: 5, faults: [] });
    for (const { vmId, finding } of sweep.ill) expect([vmId.endsWith('/db-ok-03'), finding]).toEqual([false, expect.stringMatching(/^0x/)]);
    const begun = sweep.ill.flatMap(({ repairId }) => repairId ?? []);
    for (const id of begun) expect((await ended(world, id)).outcome).toBe('observed');
    const { writes } = (await (await ask(`${world.azure.adminUrl}/state`)).json()) as { writes: unknown[] };
    expect(writes).toEqual([]);
  } finally {
    await world.close();
  }
}, 600_000);
