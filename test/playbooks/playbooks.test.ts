import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { playbookById, playbooks, scriptText, signatures } from '../../playbooks/index.ts';

const folder = join(import.meta.dirname, '../../playbooks');
const reference = new URL('../../../shared/reference/stop-errors.json', import.meta.url).pathname;

describe('the playbooks', () => {
  test('every folder is a playbook with its signature, and has its page', () => {
    const folders = readdirSync(folder, { withFileTypes: true })
      .filter(each => each.isDirectory() && !['scripts', 'articles'].includes(each.name))
      .map(each => each.name);
    expect(playbooks.map(each => each.id).sort()).toEqual(folders.sort());
    expect(signatures.map(each => each.playbook)).toEqual(playbooks.map(each => each.id));
    for (const name of folders) expect(existsSync(join(folder, name, 'README.md'))).toBe(true);
  });

  test.each(playbooks)('$id is consistent with its scripts', playbook => {
    expect(playbookById(playbook.id)).toBe(playbook);
    expect(new Set(playbook.attempts.map(each => each.id)).size).toBe(playbook.attempts.length);
    for (const step of [...playbook.attempts.flatMap(each => each.scripts), ...playbook.beforeBoot]) {
      expect(step.safety).toBe(scriptText(step.script).safety);
      expect(step.safety === 'consent').toBe(step.consent !== undefined);
      expect(step.timeoutSeconds).toBeGreaterThan(0);
      // A page tells what is done in Microsoft's name and what in ours.
      expect(readFileSync(join(folder, playbook.id, 'README.md'), 'utf8')).toContain(step.script);
    }
    // The last attempt ends the ladder: nothing is booted after it.
    expect(playbook.attempts.at(-1)?.boot).toBe('never');
    expect(playbook.beforeBoot.map(each => each.script)).toEqual(['boot-settings']);
    expect(playbook.support.length).toBeGreaterThan(5);
  });

  test('no two signatures claim the same stop', () => {
    for (const key of ['answers', 'stopCodes', 'stopNames', 'statusCodes', 'whenDriverBlamed'] as const) {
      const all = signatures.flatMap(each => [...(each[key] ?? []), ...(key === 'stopCodes' ? (each.derivedStopCodes ?? []) : [])]);
      expect(new Set(all).size).toBe(all.length);
    }
  });

  const withReference = existsSync(reference) ? test : test.skip;
  if (!existsSync(reference)) console.warn(`SKIPPED: ${reference} is not here: signatures are not compared with the catalogue`);
  withReference('signatures say what the catalogue says', () => {
    const catalogue: { id: string; status_codes: string[]; stop_codes: string[]; stop_names: string[]; source: { url: string } }[] =
      JSON.parse(readFileSync(reference, 'utf8'));
    for (const signature of signatures) {
      const records = catalogue.filter(each => signature.answers.includes(each.id));
      if (signature.derived) {
        expect(records).toEqual([]);
        continue;
      }
      expect(records.map(each => each.id).sort()).toEqual(signature.answers.toSorted());
      const said = (key: 'stop_codes' | 'stop_names' | 'status_codes') => new Set(records.flatMap(each => each[key]));
      // Every code is one that an answered record has; a code that two records share may be another playbook's.
      for (const code of signature.stopCodes) expect(said('stop_codes')).toContain(code);
      for (const code of signature.statusCodes ?? []) expect(said('status_codes')).toContain(code);
      // A derived one is one that no record has.
      for (const code of signature.derivedStopCodes ?? []) expect(catalogue.flatMap(each => each.stop_codes)).not.toContain(code);
      for (const name of signature.stopNames) expect(said('stop_names')).toContain(name);
      expect(records.map(each => each.source.url)).toContain(signature.article);
    }
  });
});
