import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { activities } from '../../functions/activities/index.ts';
import { routes } from '../../functions/triggers/index.ts';
import { describeApi } from '../../functions/triggers/openapi.ts';

const file = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const description = file('functions/openapi.json');

interface Registration {
  name: string;
  type: string;
  route?: string;
  methods?: string[];
  authLevel?: string;
}

function load(env: Record<string, string>) {
  const script = new URL('registrations.ts', import.meta.url).pathname;
  return spawnSync(process.execPath, [script], { encoding: 'utf8', env: { PATH: process.env.PATH ?? '', ...env } });
}

describe('the entry', () => {
  const loaded = load({ BOOTMEDIC_BLOB_ENDPOINT: 'https://account.blob.core.windows.net' });
  const registrations: Registration[] = JSON.parse(loaded.stdout || '[]');
  const named = (type: string) => registrations.filter(each => each.type === type).map(each => each.name);

  test('registers the runbook, its admission and every activity', () => {
    expect(named('orchestrationTrigger').toSorted()).toEqual(['notify', 'repairFleet', 'repairVm', 'startAlerted', 'sweep']);
    expect(named('entityTrigger').toSorted()).toEqual(['admission', 'incidents']);
    expect(named('activityTrigger').toSorted()).toEqual(Object.keys(activities).toSorted());
  });

  test('registers the routes that are described, none behind a key, and no other', () => {
    const http = registrations.filter(each => each.type === 'httpTrigger');
    // The methods behind the first are answered 405.
    const registered = http.flatMap(each => (each.methods ?? []).slice(0, 1).map(method => `${method} /${each.route}`));
    const paths = Object.entries<Record<string, unknown>>(description.paths);
    const described = paths.flatMap(([path, operations]) => Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`));
    expect(registered.toSorted()).toEqual(described.toSorted());
    // Every path answers every method, by one function.
    for (const path of new Set(http.map(each => each.route))) {
      const methods = http.filter(each => each.route === path).flatMap(each => each.methods ?? []);
      expect([path, methods.toSorted()]).toEqual([path, ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']]);
    }
    expect(new Set(http.map(each => each.authLevel))).toEqual(new Set(['anonymous']));
  });

  test('registers the sweep’s timer where the settings have a schedule, and none else', () => {
    expect(named('timerTrigger')).toEqual([]);
    const settings = JSON.stringify({ sweep: { schedule: '0 */15 * * * *' } });
    const { stdout } = load({ BOOTMEDIC_BLOB_ENDPOINT: 'https://account.blob.core.windows.net', BOOTMEDIC_SETTINGS: settings });
    const timers = JSON.parse(stdout).filter((each: Registration) => each.type === 'timerTrigger');
    expect(timers).toEqual([expect.objectContaining({ name: 'sweepTimer', schedule: '0 */15 * * * *' })]);
  });

  test('does not load with wrong settings, and names every one', () => {
    const settings = JSON.stringify({ defaults: { mode: 'yolo' }, scope: [] });
    const { status, stderr } = load({ BOOTMEDIC_ARM_ENDPOINT: 'ftp://x', BOOTMEDIC_SETTINGS: settings });
    expect(status).not.toBe(0);
    for (const field of [
      'BOOTMEDIC_ARM_ENDPOINT',
      'BOOTMEDIC_BLOB_ENDPOINT',
      'BOOTMEDIC_SETTINGS.defaults.mode',
      'BOOTMEDIC_SETTINGS.scope',
    ]) {
      expect(stderr).toContain(`${field}: `);
    }
  });
});

describe('the description', () => {
  test('is the one that the schemas give (else: node functions/triggers/writeOpenapi.ts)', () => {
    expect(description).toEqual(JSON.parse(JSON.stringify(describeApi(routes))));
  });

  test('bears the version of the package, which is written nowhere else', () => {
    const { version } = file('package.json');
    expect(description.info.version).toBe(version);
    for (const source of ['azure/index.ts', 'functions/triggers/openapi.ts'])
      expect(readFileSync(new URL(`../../${source}`, import.meta.url), 'utf8')).not.toContain(`'${version}'`);
  });

  test('stands under the prefix of host.json', () => {
    expect(description.servers).toEqual([{ url: `/${file('host.json').extensions.http.routePrefix}` }]);
  });

  test('points only at what it holds', () => {
    const pointers = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(pointers.length).toBeGreaterThan(20);
    for (const name of pointers) expect(Object.keys(description.components.schemas)).toContain(name);
    expect(JSON.stringify(description)).not.toMatch(/"\$ref":"#\/\$defs/);
  });

  test('names every parameter of a path', () => {
    for (const [path, operations] of Object.entries<Record<string, { parameters?: { name: string; in: string }[] }>>(description.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(operations)) {
        expect(parameters.filter(each => each.in === 'path').map(each => each.name)).toEqual(inPath);
      }
    }
  });
});
