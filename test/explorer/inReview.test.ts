/** Mode review in the explorer's whole world: the person who is asked reads the plan and approves it, also where the host dies meanwhile. */
import { afterAll, expect, test } from '@jest/globals';
import { Crew } from '../../explorer/crew.ts';

const crew = new Crew(1);
afterAll(() => crew.close());

test('a plan is approved by a person; where the host dies while it waits and an approval is lost, they read and approve again', async () => {
  const { outcome, violations, list = [] } = await crew.run('in-review/1/');
  expect({ outcome, violations }).toEqual({ outcome: 'repaired', violations: [] });
  const asked = list.filter(({ service }) => service === 'host');
  expect(asked.map(({ method, path, status }) => [method, path, status])).toEqual([
    ['GET', '/api/repairs/r-{id}', 200],
    ['POST', '/api/repairs/r-{id}/approve', 202],
  ]);
  // The probe's own copy, before the VM is touched.
  const first = (wanted: RegExp) => list.find(({ method, path }) => method !== 'GET' && wanted.test(path))?.n ?? 0;
  expect(first(/-disk-probe$/)).toBeLessThan(asked[0]?.n ?? 0);
  expect(first(/web-en-02\/powerOff$/)).toBeGreaterThan(asked[1]?.n ?? 0);
  const dies = await crew.run(`in-review/1/c${asked[0]?.n}=die,c${asked[1]?.n}=reset-before`);
  expect(dies).toMatchObject({ outcome: 'repaired', violations: [], deaths: 1, hit: 2 });
}, 400_000);
