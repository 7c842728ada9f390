/** A script that tells no result of its own, in the explorer's whole world: the repair goes on from a fresh copy, and nothing is lost. */
import { afterAll, expect, test } from '@jest/globals';
import { Crew } from '../../explorer/crew.ts';

const crew = new Crew(1);
afterAll(() => crew.close());

test('boot settings that say nonsense: their copy goes, SFC is run once more on a fresh one, and that boots', async () => {
  const { list = [], calls } = await crew.run('web-en-02/1/');
  const call = list.find(({ method, path }) => method === 'PUT' && /runCommands\/1-boot-settings$/i.test(path))?.n;
  const spoilt = await crew.run(`web-en-02/1/c${call}=garbage`);
  expect(spoilt).toMatchObject({ outcome: 'repaired', violations: [], hit: 1 });
  // The power off, the detach, two disks, the start, the attach and the script, each with its looks.
  expect(spoilt.calls).toBeGreaterThan(calls + 20);
}, 400_000);
