import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { playbooks } from '../../playbooks/catalogue.ts';
import { docsPath, playbookPage } from '../../scripts/playbookDocs.ts';

test('docs/playbooks.md is what the data says: npm run docs:playbooks', () => {
  expect(readFileSync(docsPath, 'utf8')).toBe(playbookPage());
});

test('every step of every playbook is tested somewhere, and says how it is undone', () => {
  const rows = playbookPage()
    .split('\n')
    .filter(line => /^\| [^|]+ \| `/.test(line) && !line.includes('…'));
  const steps = playbooks.flatMap(({ attempts, beforeBoot }) => [...attempts.flatMap(({ scripts }) => scripts), ...beforeBoot]);
  expect(rows).toHaveLength(steps.length);
  for (const line of rows) {
    const cells = line.split(' | ');
    expect(cells).toHaveLength(7);
    expect(cells[5]).toMatch(/\S/);
    expect(cells[6]).toContain('../test/');
  }
});
