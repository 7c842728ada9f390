/** CONTRIBUTING's promise: a failure mode is one folder. This adds one to a copy of the room, and everything else finds it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'bootmedic-added-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const files: Record<string, string> = {
  'signature.ts': `import type { Signature } from '../types.ts';
export const signature: Signature = {
  playbook: 'stop-0xabc', title: 'A new stop', article: 'https://learn.microsoft.com/x', answers: ['azure-0xabc'],
  stopCodes: ['0x00000ABC'], statusCodes: ['0xC0000ABC'], stopNames: ['A_NEW_STOP'], harm: 'low',
};`,
  'playbook.ts': `import { bootSettings, collectDump, supportBundle } from '../steps.ts';
import type { Playbook } from '../types.ts';
import { signature } from './signature.ts';
const step = { script: 'new-repair', mode: 'Repair', safety: 'auto_with_snapshot', origin: 'derived', why: 'why', timeoutSeconds: 9 } as const;
export const playbook: Playbook = {
  id: signature.playbook, title: signature.title, article: signature.article, answers: signature.answers,
  attempts: [{ id: 'new', title: 'New', scripts: [step], boot: 'if-changed' }, { id: 'dump', title: 'Dump', scripts: [collectDump], boot: 'never' }],
  beforeBoot: [bootSettings], support: [...supportBundle],
};`,
  'new-repair.ps1': `# bootmedic: id=new-repair; safety=auto_with_snapshot; origin=derived
# writes: nothing yet
# undone by: nothing to undo
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode
)

Invoke-Script -Name 'new-repair' -Body { New-Outcome -Outcome 'nothing-to-do' -Code 'new' }
`,
  'proof.ts': `import { detect, type Proof } from '../proof.ts';
export const proof: Proof = {
  cases: [{ name: 'new-repair, sound', script: 'new-repair', runs: [detect('new')] }],
  ladders: [{ wrong: 'new', damage: [], ends: 'new' }],
  rows: [{ name: 'repaired', damage: [], says: ['new-repair: fixed, new'], outcome: 'repaired' }],
};`,
  'README.md': '# A new stop\n',
};

/** In the copy, on its own words: what each part of the house makes of the folder. */
const program = `
  import { build } from 'esbuild';
  import { knownCodes } from './diagnosis/catalogue.ts';
  import { known } from './functions/known.ts';
  import { playbookById } from './playbooks/index.ts';
  import { scriptText } from './playbooks/scripts.ts';
  import { inlinePlaybooks } from './scripts/inlined.ts';
  import { playbookPage } from './scripts/playbookDocs.ts';
  import { collectedRows, ownCases, ownLadders } from './test/playbooks/proofs.ts';
  const built = await build({ entryPoints: ['playbooks/catalogue.ts'], bundle: true, write: false, format: 'cjs', plugins: [inlinePlaybooks] });
  const bundle = {};
  new Function('module', built.outputFiles[0].text)(bundle);
  const ours = ({ playbook }) => playbook === 'stop-0xabc';
  console.log(JSON.stringify({
    stop: knownCodes.get('0x00000ABC')?.playbook, status: knownCodes.get('0xC0000ABC')?.playbook, asked: known.playbooks.includes('stop-0xabc'),
    title: playbookById('stop-0xabc')?.title, text: scriptText('new-repair').text.includes('function Invoke-Script'), page: playbookPage().includes('## stop-0xabc'),
    bundled: bundle.exports.playbookById('stop-0xabc')?.title, cases: ownCases.filter(({ script }) => script === 'new-repair').length,
    ladders: ownLadders.filter(ours).length, rows: collectedRows.filter(ours).map(({ name, asked }) => name + ' by ' + asked.playbook),
  }));`;

test('a folder, and no other file: diagnosis, plan, bundle, page and the tests’ tables know it', () => {
  for (const room of ['playbooks', 'diagnosis', 'ocr', 'functions', 'scripts', 'test/playbooks', 'test/simulator'])
    cpSync(join(root, room), join(copy, room), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, 'test/end-to-end'));
  mkdirSync(join(copy, 'playbooks/stop-0xabc'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(copy, 'playbooks/stop-0xabc', name), text);
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  expect(JSON.parse(run('--input-type=module', '-e', program))).toEqual({
    ...{ stop: 'stop-0xabc', status: 'stop-0xabc', asked: true, title: 'A new stop', bundled: 'A new stop' },
    ...{ text: true, page: true, cases: 1, ladders: 1, rows: ['repaired by stop-0xabc'] },
  });
  expect(run('scripts/checkScripts.ts')).toContain(' 0 violations');
});

test('a folder whose files are of another mode is no failure mode, and says so', () => {
  const playbook = files['playbook.ts']?.replace('signature.playbook', "'other'") ?? '';
  writeFileSync(join(copy, 'playbooks/stop-0xabc/playbook.ts'), playbook);
  const load = () => execFileSync(process.execPath, ['-e', "import('./playbooks/catalogue.ts')"], { cwd: copy, stdio: 'pipe' });
  expect(load).toThrow(/playbooks\/stop-0xabc: its playbook\.ts and signature\.ts must export/);
});
