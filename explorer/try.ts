import './time.ts';
const { World } = await import('./world.ts');
const { readFileSync } = await import('node:fs');
const { stage, lives } = await import('./stage.ts');
const demo = JSON.parse(readFileSync(new URL('../simulator/scenarios/demo.json', import.meta.url), 'utf8'));
const t0 = performance.now();
const world = await World.start({ settings: { defaults: { mode: 'auto', consents: ['upload-dump'] } } });
console.log('world', performance.now() - t0);
stage.activity = (_name, work) => lives.run(stage.life!, work);
for (const name of ['web-en-02','web-en-02','web-en-02','web-en-02']) {
  const t1 = performance.now();
  await world.begin(demo, 'a');
  const t2 = performance.now();
  const vm = world.simulator.cloud.estate.vms().find(v => v.name === name)!;
  world.wire.observer = { arrived: () => undefined, acted: () => {}, die: () => {} };
  const begun = Date.now();
  const answer = await world.drive(fetch(`${world.host!.url}/api/repairs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ vmId: vm.id }) }).then(r => r.json()));
  const id = (answer as { id: string }).id;
  const ok = await world.until(() => world.host?.status(id) !== 'Running' && world.host?.status(id) !== 'Pending');
  const report = (await world.drive(fetch(`${world.host!.url}/api/repairs/${id}/report.json`).then(r => r.json()))) as { story: { outcome: string; headline: string } };
  console.log(name, ok, world.host?.status(id), report.story?.outcome, report.story?.headline, 'calls', world.wire.calls.length, 'virtual s', (Date.now() - begun) / 1000, 'begin ms', Math.round(t2 - t1), 'ms', Math.round(performance.now() - t2));
  if (process.argv[2]) for (const c of world.wire.calls) console.log(c.n, c.service, c.method, c.path, c.status);
}
await world.close();
process.exit(0);
