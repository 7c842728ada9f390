/** Alerts, fleets and sweeps: what is sent starts repairs of VMs that it names, or nothing; the answer says what was wrong. */
import { expect, test } from '@jest/globals';
import { routes } from '../../functions/triggers/index.ts';
import fc from '../fastCheck.ts';
import * as samples from '../triggers/alertSamples.ts';
import { appHeader, personHeader } from '../triggers/callers.ts';
import { mutated, oddText, oddValue } from './odd.ts';
import { answered, encoded, named, send } from './routes.ts';

const monitor = appHeader('461e8683-5575-4561-ac7f-899cc907d62a', ['ActionGroupsSecureWebhook']);
const aboutMachines = [
  samples.availability(),
  samples.availability({ target: [samples.vm('till-1'), samples.vm('till-2')] }),
  samples.availability({ condition: 'Resolved' }),
  samples.heartbeat([{ name: '_ResourceId', value: samples.vm('till-1') }]),
  samples.probe(['10.1.0.4']),
  samples.logSearchV1(['Computer', '_ResourceId'], [['TILL', samples.vm('till-1')]]),
  samples.administrative('Microsoft.Compute/virtualMachines/powerOff/action', 'Succeeded'),
];
const aboutNone = [samples.serviceHealth(), samples.smartDetection(), samples.prometheus(), samples.budget(), ...samples.legacy];
const vmShape =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\p{L}\p{N}_().-]+\/providers\/Microsoft\.Compute\/virtualMachines\/[\w.-]+$/u;

/** Whoever is repaired was named, and as Azure names a VM. */
function areNamedIn(body: string, started: unknown[]): void {
  for (const { vmId } of started as { vmId: string }[]) {
    expect(vmId).toMatch(vmShape);
    expect(body.toLowerCase()).toContain(vmId.toLowerCase());
  }
}

test('right alerts start what they name, so that the cases below are not all refused', async () => {
  const { status, started } = await answered(named('receiveAlert'), { body: encoded(aboutMachines[1]), caller: monitor });
  expect([status, started.length]).toEqual([202, 2]);
});

test('an alert with one thing wrong in it, and any JSON', async () => {
  const anAlert = fc.constantFrom(...aboutMachines, ...aboutNone).chain(mutated);
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 5, arbitrary: anAlert }, { weight: 1, arbitrary: oddValue }), async alert => {
      const body = encoded(alert);
      const { status, started } = await answered(named('receiveAlert'), { body, caller: monitor });
      if (status !== 202) expect(started).toEqual([]);
      areNamedIn(body, started);
      // Azure delivers again what is answered with these.
      expect([408, 429, 503, 504]).not.toContain(status);
    }),
    { numRuns: 300 },
  );
});

test('an alert is believed from Azure Monitor only, whatever it says', async () => {
  const others = fc.constantFrom(
    personHeader('anna', ['Repair.Read', 'Repair.Start', 'Repair.Approve', 'ActionGroupsSecureWebhook']),
    appHeader('99999999-5575-4561-ac7f-899cc907d62a', ['ActionGroupsSecureWebhook']),
    appHeader('461e8683-5575-4561-ac7f-899cc907d62a', []),
  );
  await fc.assert(
    fc.asyncProperty(others, fc.constantFrom(...aboutMachines), async (caller, alert) => {
      const { status, started } = await answered(named('receiveAlert'), { body: encoded(alert), caller });
      expect([status, started]).toEqual([403, []]);
    }),
    { numRuns: 20 },
  );
});

test('a header that no App Service wrote is nobody’s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(oddText, fc.base64String({ maxLength: 200 })), async caller => {
      fc.pre(/^[\x20-\x7e]+$/.test(caller) && caller.trim() !== '');
      const { answer, started } = await send(named('receiveAlert'), { body: encoded(aboutMachines[0]), caller });
      expect([answer.status === 401 || answer.status === 403, started]).toEqual([true, []]);
    }),
    { numRuns: 60 },
  );
});

const fleet = { vmIds: [samples.vm('till-1'), samples.vm('till-2')], mode: 'review', atOnce: 2, mostFailures: 1 };

test('a fleet with one thing wrong in it begins only where every VM in it is one', async () => {
  let begun = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 5, arbitrary: mutated(fleet) }, { weight: 1, arbitrary: oddValue }), async wanted => {
      const body = encoded(wanted);
      const { status, started } = await answered(named('startFleet'), { body });
      expect([202, 400, 413]).toContain(status);
      expect(started.length).toBe(status === 202 ? 1 : 0);
      begun += started.length;
      for (const { vmIds } of started as { vmIds: string[] }[])
        areNamedIn(
          body,
          vmIds.map(vmId => ({ vmId })),
        );
    }),
    { numRuns: 200 },
  );
  expect(begun).toBeGreaterThan(0);
});

test('sweeps and leftovers, however they are asked for', async () => {
  const about = routes.filter(({ name }) => /sweep|leftover/i.test(name));
  expect(about.map(({ name }) => name).toSorted()).toEqual(['getLatestSweep', 'listLeftovers', 'startSweep']);
  const query = fc.dictionary(oddText, oddText, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...about), query, fc.option(oddValue), async (route, asks, body) => {
      const sends = route.method === 'GET' || body === null ? {} : { body: encoded(body) };
      const { status, started } = await answered(route, { query: `?${new URLSearchParams(asks)}`, ...sends });
      expect(started.length).toBe(status === 202 ? 1 : 0);
      for (const each of started) expect(Object.keys(each as object).toSorted()).toEqual(['limits', 'requestedBy']);
    }),
    { numRuns: 80 },
  );
});
