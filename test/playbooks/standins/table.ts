/** A table of cases for one test file: prepared when the file is loaded, run together, looked at one by one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type Case, contents, gptDisk, makeCase, type Ran, read, runAll } from './bench.ts';

export interface Looked extends Omit<Case, 'runs'> {
  before: Record<string, string>;
  runs: Ran[];
  first: Ran;
}

export interface Table {
  /** Registers a case; `fill` changes its disk and adds its runs. */
  prepare(name: string, options: Parameters<typeof makeCase>[1], fill: (made: Case) => void): void;
  run(): Promise<void>;
  of(name: string): Looked;
  made(name: string): Case;
  /** Nothing of the repair disk changed, it is offline and read-only as it came, with its id, and no letter or hive is left. */
  expectUntouched(name: string, id?: string): void;
  expectReleased(name: string, id?: string): void;
}

export function makeTable(): Table {
  const cases = new Map<string, { made: Case; before: Record<string, string> }>();
  let ran = new Map<string, Ran[]>();
  const known = (name: string) => {
    const each = cases.get(name);
    if (each === undefined) throw new Error(`no case ${name}`);
    return each;
  };
  const table: Table = {
    prepare(name, options, fill) {
      const made = makeCase(name, options);
      fill(made);
      cases.set(name, { made, before: contents(made) });
    },
    async run() {
      ran = await runAll([...cases.values()].map(each => each.made));
    },
    of(name) {
      const runs = ran.get(name) ?? [];
      const [first] = runs;
      if (first === undefined) throw new Error(`case ${name} did not run`);
      return { ...known(name).made, before: known(name).before, runs, first };
    },
    made: name => known(name).made,
    expectUntouched(name, id = gptDisk) {
      const each = table.of(name);
      expect(contents(each)).toEqual(each.before);
      expect(existsSync(join(each.windows, 'bootmedic'))).toBe(false);
      table.expectReleased(name, id);
    },
    expectReleased(name, id = gptDisk) {
      const each = table.of(name);
      expect([read(each, 'disks/2/offline'), read(each, 'disks/2/readonly'), read(each, 'disks/2/id')]).toEqual(['1', '1', id]);
      expect(read(each, 'loaded')).toBe('');
      expect(read(each, 'mounts')).not.toMatch(/^S /m);
    },
  };
  return table;
}

export const findings = (run: Ran | undefined): Record<string, string> =>
  Object.fromEntries((run?.result?.findings ?? []).map(each => [each.id, each.evidence]));
