/** Repairs in virtual time; run as a process of its own, because time stands still in all of it. Prints one JSON line. */
import '../explorer/time.ts';

const { World } = await import('../explorer/world.ts');
const { isArm, measure } = await import('./measure.ts');
const demo = (await import('../simulator/scenarios/demo.json', { with: { type: 'json' } })).default;

const world = await World.start({ settings: { defaults: { mode: 'auto', restartFirst: false, consents: ['upload-dump'] } } });
const scenario = { ...demo, virtualMachines: demo.virtualMachines.filter(({ name }) => name === 'web-en-02') };
const m = await measure(world, scenario, '1', 'median');
const verify = m.activities.find(({ name }) => name === 'observeBoot');
console.log(
  m.story.outcome,
  m.wallMs,
  m.calls.filter(isArm).length,
  verify?.calls,
  m.calls.length,
  (m.readyAt - m.from) / 1000,
  m.lastTurnMs,
  m.historyBytes,
);
for (const { call, from, to } of m.worked) console.log((from - m.from) / 1000, (to - from) / 1000, call.method, call.path.slice(-80));
for (const c of m.calls) if (isArm(c)) console.error((c.at - m.from) / 1000, c.method, c.path.slice(-70));
process.exit(0);
