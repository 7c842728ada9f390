/**
 * `npm run recognition -- [--seed S] [--pictures N] [--json] [--write]`: draws pictures of consoles that nobody has seen before, reads
 * them, and says how many were recognised, by language, style and damage. Exit 1 when the pictures refute a goal. `--write` keeps the table in
 * docs/recognition.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readConsole } from '../diagnosis/index.ts';
import { closeOcr, readScreen } from '../ocr/index.ts';
import { damages, type Picture, picture } from '../test/ocr/pictures.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    pictures: { type: 'string', default: '150' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 1e6)), 0);
const count = wholeNumber('pictures', values.pictures, 1);

function wholeNumber(option: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  process.stderr.write(`--${option} ${text}: give a whole number from ${least}\n`);
  process.exit(2);
}

type Outcome = 'recognised' | 'misread' | 'unknown';
interface Result extends Omit<Picture, 'bytes'> {
  index: number;
  outcome: Outcome;
  /** What was read: code and confidence, or the sight. */
  read: string;
  certain: boolean;
  alarm: boolean;
  milliseconds: number;
  /** Processor time of all threads: what it would take on an idle machine. */
  processor: number;
}

/** The sights that are right for a screen that tells of no failure. */
const rightSights: Record<string, readonly string[]> = {
  updating: ['updating'],
  undoing: ['undoing-changes'],
  chkdsk: ['checking-disk'],
  'sign-in': ['sign-in'],
  'lock screen': ['sign-in'],
  loading: ['loading'],
  black: ['black'],
  blank: ['blank'],
  BitLocker: ['key-prompt'],
  WinRE: ['recovery-environment'],
  Linux: ['linux-console'],
  'boot menu': ['boot-menu'],
};

async function look(index: number): Promise<Result> {
  const { bytes, ...drawn } = await picture(seed, index);
  const started = performance.now();
  const before = process.cpuUsage();
  const { sight, failure } = readConsole(await readScreen(bytes));
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1000;
  const code = failure?.entry.code ?? '';
  const certain = failure?.confidence === 'certain';
  if (drawn.code === null) {
    const right = rightSights[drawn.style]?.includes(sight) ?? false;
    // BitLocker and WinRE are failures by their text, without a code: that is what they are.
    const alarm = sight === 'stop-screen' || sight === 'boot-manager-error' || code !== '';
    const outcome = right ? 'recognised' : sight === 'unrecognised' ? 'unknown' : 'misread';
    return { ...drawn, index, outcome, read: sight, certain, alarm, milliseconds, processor };
  }
  const outcome = code === drawn.code ? 'recognised' : code === '' ? 'unknown' : 'misread';
  return {
    ...drawn,
    index,
    outcome,
    read: `${code || sight} (${failure?.confidence ?? 'no failure'})`,
    certain,
    alarm: false,
    milliseconds,
    processor,
  };
}

const share = (results: Result[]) => results.filter(({ outcome }) => outcome === 'recognised').length / Math.max(1, results.length);
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;

function table(results: Result[], by: 'language' | 'style' | 'damage'): string[] {
  const rows = [...new Set(results.map(result => result[by]))].toSorted().map(key => {
    const of = results.filter(result => result[by] === key);
    const number = (outcome: Outcome) => of.filter(result => result.outcome === outcome).length;
    return `| ${key} | ${number('recognised')} | ${number('misread')} | ${number('unknown')} |`;
  });
  return [`| ${by} | recognised | misread | unknown |`, '|---|---:|---:|---:|', ...rows, ''];
}

function cross(results: Result[]): string[] {
  const head = [`| | ${damages.join(' | ')} |`, `|---|${damages.map(() => '---:').join('|')}|`];
  const groups = [...new Set(results.map(({ language, style }) => `${language} · ${style}`))].toSorted();
  const cell = (group: string, damage: string) => {
    const of = results.filter(result => `${result.language} · ${result.style}` === group && result.damage === damage);
    const number = (outcome: Outcome) => of.filter(result => result.outcome === outcome).length;
    return of.length === 0 ? '' : `${number('recognised')}/${number('misread')}/${number('unknown')}`;
  };
  return [...head, ...groups.map(group => `| ${group} | ${damages.map(damage => cell(group, damage)).join(' | ')} |`), ''];
}

const results: Result[] = [];
for (let index = 0; index < count; index++) results.push(await look(index));
await closeOcr();

const failures = results.filter(({ code }) => code !== null);
const clean = failures.filter(({ damage }) => damage === 'clean');
const damaged = failures.filter(({ damage }) => damage !== 'clean');
const calm = results.filter(({ code }) => code === null);
const processor = results.map(result => result.processor).toSorted((a, b) => a - b)[Math.floor(results.length / 2)] ?? 0;
const times = results.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
const p50 = times[Math.floor(times.length / 2)] ?? 0;
/** Misses that a reader who keeps the goal has so seldom (once in a thousand runs) that more of them refute it. */
function mostMisses(of: number, goal: number): number {
  let [chance, sum, misses] = [goal ** of, goal ** of, 0];
  while (sum < 0.999) {
    chance *= ((of - misses) / (misses + 1)) * ((1 - goal) / goal);
    misses++;
    sum += chance;
  }
  return misses;
}

/** A few pictures cannot prove a share; they can refute it. */
function shareGoal(what: string, of: Result[], goal: number) {
  const misses = of.filter(({ outcome }) => outcome !== 'recognised').length;
  const met = share(of) >= goal ? 'yes' : misses <= mostMisses(of.length, goal) ? 'not refuted' : '**no**';
  return { goal: `≥ ${goal * 100} % of ${what} pictures give the right code`, value: `${percent(share(of))} of ${of.length}`, met };
}

const goals = [
  shareGoal('clean', clean, 0.99),
  shareGoal('damaged', damaged, 0.95),
  ...[
    { goal: '0 wrong codes stated as certain', wrong: failures.filter(({ outcome, certain }) => outcome === 'misread' && certain) },
    { goal: '0 non-failures called failures', wrong: calm.filter(({ alarm }) => alarm) },
  ].map(({ goal, wrong }) => ({ goal, value: String(wrong.length), met: wrong.length === 0 ? 'yes' : '**no**' })),
];
const missed = results.filter(({ outcome }) => outcome !== 'recognised');
const text = [
  `${count} pictures of seed ${seed}: ${failures.length} of failures, ${calm.length} of other screens, of which ${percent(share(calm))} are named rightly.`,
  `Time a picture: p50 ${Math.round(p50)} ms, p95 ${Math.round(times[Math.floor(times.length * 0.95)] ?? 0)} ms; processor time p50 ${Math.round(processor)} ms.`,
  '',
  '| goal | measured | met |',
  '|---|---|---|',
  ...goals.map(({ goal, value, met }) => `| ${goal} | ${value} | ${met} |`),
  '',
  ...table(results, 'language'),
  ...table(results, 'style'),
  ...table(results, 'damage'),
  'Each language and style, by damage (recognised/misread/unknown):',
  '',
  ...cross(results),
  'Not recognised:',
  '',
  ...missed.map(
    ({ index, language, style, damage, font, size, code, read }) =>
      `- ${index}: ${language}, ${style}, ${damage}, ${font}, ${size}: ${code ?? 'no failure'} read as ${read}`,
  ),
].join('\n');

process.stdout.write(values.json ? `${JSON.stringify({ seed, goals, p50, results }, null, 1)}\n` : `${text}\n`);
if (values.write) {
  const file = new URL('../docs/recognition.md', import.meta.url);
  const mark = '<!-- what follows is written by `npm run recognition -- --write` -->';
  const [kept = ''] = readFileSync(file, 'utf8').split(mark);
  writeFileSync(file, `${kept}${mark}\n\n${text}\n`);
}
if (goals.some(({ met }) => met === '**no**')) process.exitCode = 1;
