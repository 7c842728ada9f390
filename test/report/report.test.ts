import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { OutcomeKind, RepairStory } from '../../functions/activities/contract.ts';
import { repairRecord } from '../../records/schemas.ts';
import { renderHtml, renderMarkdown } from '../../report/index.ts';
import { duration, outcomeBadges, quoted, shortDuration, shortId, size } from '../../report/words.ts';
import { at, diagnosis, plan, vm } from './sample/night.ts';
import { images } from './sample/pictures.ts';
import { recordOf, repaired, stories } from './sample/stories.ts';

const pictures = images();
const html = (story: RepairStory) => renderHtml(recordOf(story), pictures);
const markdown = (story: RepairStory) => renderMarkdown(recordOf(story));
const titles = (page: string) => [...page.matchAll(/<h2[^>]*>([^<]*)</g)].map(match => match[1]);
/** What a reader sees, without markup. */
const seen = (page: string) =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<\/?(code|strong|time|span|a)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

test('the samples are records', () => {
  for (const story of Object.values(stories)) expect(repairRecord.parse(recordOf(story))).toEqual(recordOf(story));
});

describe('every outcome', () => {
  test.each(Object.keys(outcomeBadges) as OutcomeKind[])(
    '%s: its word, its headline, what to do next; nothing that JavaScript left behind',
    outcome => {
      const story = stories[outcome];
      for (const form of [seen(html(story)), markdown(story)]) {
        expect(form).toContain(outcomeBadges[outcome].word);
        expect(form).toContain('What to do next');
        expect(form).not.toMatch(/\b(undefined|null|NaN|Infinity)\b|\[object|Invalid Date/);
      }
      expect(html(story)).toContain(`<header class="${outcomeBadges[outcome].tone}">`);
    },
  );

  test.each(Object.keys(stories) as (keyof typeof stories)[])('%s: in Markdown its sign, as it is, before its word', outcome => {
    const word = outcome === 'running' ? 'Under way' : outcomeBadges[outcome].word;
    expect(markdown(stories[outcome]).split('\n')[0]).toMatch(new RegExp(`^# \\p{Emoji}\\uFE0F? ${word}: vm\\S*-07$`, 'u'));
  });
});

describe('a finding that no playbook answers', () => {
  const [, byHand] = diagnosis.findings;
  const story = { ...stories['needs-person'], diagnosis: { ...diagnosis, findings: [byHand!] } };

  test('tells what a person can do, each step with its origin, and links Microsoft’s article', () => {
    expect(seen(html(story))).toContain('What a person can do');
    expect(html(story)).toContain('sfc /scannow /offbootdir=&lt;BOOT&gt;:\\ /offwindir=&lt;WIN&gt;:\\windows (Microsoft, on a repair VM)');
    expect(html(story)).toContain(`<a href="${byHand!.article}"`);
    for (const words of ['What a person can do', 'sfc /scannow', '(derived)', byHand!.article!]) expect(markdown(story)).toContain(words);
  });

  test('an address that is none becomes no link', () => {
    const forged = { ...story, diagnosis: { ...diagnosis, findings: [{ ...byHand!, article: 'javascript:alert(1)' }] } };
    expect(html(forged)).not.toMatch(/<a href="javascript/i);
  });
});

describe('a repair that succeeded', () => {
  const page = html(repaired);

  test('tells everything in the order a person on call wants it', () => {
    expect(titles(page)).toEqual([
      'What to do next',
      'The screen, before and after',
      'What was found',
      'Timeline',
      'Every Azure write',
      'What was tried',
      'Memory dump',
      'What is left behind',
      'What stays inside the VM',
      'Downtime',
      'Consequences for others',
      'The alternative: its newest backup',
      'What was not checked',
      'Faults met on the way',
      'About this repair',
    ]);
    expect(titles(page)).toEqual([...markdown(repaired).matchAll(/^## (.*)$/gm)].map(match => match[1]));
  });

  test.each([
    ['the downtime in words', 'Taken down by us at 2026-03-01 03:05:48 UTC and up again at 2026-03-01 03:14:10 UTC: 8 minutes 22 seconds.'],
    ['the confidence and its price', 'certain — acting on it costs little if it is wrong'],
    ['a contradiction', 'Resource Health says: Available'],
    ['a change with before and after', '10.0.20348.1 (sha256 9f1c42…) 10.0.20348.2402 (sha256 07be11…) yes'],
    ['where a log is', `records/${repaired.repairId}/scripts/2-offline-sfc.log`],
    ['how to revert', `in mode Revert on the disk; the prior values are in \\bootmedic\\${repaired.repairId}\\ on it.`],
    ['the last lines of a script without result', 'no result line: timed-out'],
    ['the dump’s header', '0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED'],
    ['what its parameters mean', 'the status with which the process ended: 0xC0000005'],
    [
      'a write with its target, change, status and request id',
      'rg-shop/disks/vm-till-07_OsDisk_1 → rg-shop/disks/bootmedic-r-k7m2q4x5a3bd-disk 200 0f3c432',
    ],
    ['a power off with what it was before', 'running → stopped 202'],
    ['what was made where nothing was', 'nothing → Standard_D2s_v5, WindowsServer 2022-datacenter-g2 201'],
    ['how large the dump is and where', `1.1 GiB in container dumps, blob ${repaired.repairId}/memory.dmp`],
    ['a write that nobody answered', 'no answer'],
    ['what the leftovers cost', 'Together about $26.06 a month while it stays.'],
    ['the command that removes a leftover', `az snapshot delete --ids ${plan.snapshot.id}`],
    ['the import command for Terraform', `terraform import azurerm_windows_virtual_machine.NAME ${vm.id}`],
    ['Site Recovery', 'disable it and protect the VM again'],
    ['what repaired means', 'nothing spoke against it for 3 minutes'],
    ['a fault with its request id', 'SkuNotAvailable The requested size Standard_D2s_v5 is not available in zone 1. 7a01…'],
    [
      'our own overhead',
      'Of 12 minutes 29 seconds, 11 minutes 55 seconds were waits for Azure and Windows, 19 seconds looks at them, and 15 seconds our own overhead.',
    ],
  ])('%s', (_, words) => expect(seen(page)).toContain(words));

  test('no bytes of the dump’s header, and no size in bytes that nobody reads', () => {
    for (const form of [seen(page), markdown(repaired)]) expect(form).not.toMatch(/UEFHRURVNjQ|1181116006/);
  });

  test('both pictures are in the page, with the text read from them', () => {
    expect(page.match(/<img alt="Console of the VM, taken [^"]*It reads: [^"]*" src="data:image\/png;base64,/g)).toHaveLength(2);
    expect(seen(page)).toContain('Stopcode: 0xC000021A');
  });

  test('times carry their ISO form', () => expect(page).toContain(`<time datetime="${at(217)}">2026-03-01 03:05:48 UTC</time>`));

  test('the timeline has a bar a step, a shade for the downtime, and waits', () => {
    const chart = /<svg role="img".*?<\/svg>/s.exec(page)?.[0] ?? '';
    expect(chart.match(/<rect class="step"/g)).toHaveLength(20);
    expect(chart.match(/<rect class="script"/g)).toHaveLength(5);
    expect(chart.match(/<rect class="boot"/g)).toHaveLength(1);
    expect(chart.match(/<rect class="fault"/g)).toHaveLength(1);
    // 217 s to 719 s of 749 s.
    expect(chart).toContain('<rect class="down" x="28.97%" y="0" width="67.02%"');
    expect(chart).toContain('<title>wait: 20 s</title>');
  });

  test('what happened is the story’s one sentence, as it is, in every form: nothing is read out of it, whoever wrote it', () => {
    for (const headline of [
      repaired.headline,
      // As earlier versions wrote it.
      'Repaired: vm-till-07 boots again and its agent answers.',
      'Not repaired. Tried: A; B. The VM has its original OS disk and power state again.',
    ]) {
      const story = { ...repaired, headline };
      expect(seen(html(story))).toContain(`Repaired ${headline}`);
      expect(markdown(story)).toContain(`**${headline.replaceAll('_', '\\_')}**`);
    }
  });

  test('an outcome that a later version has is told by its word', () => {
    const later = { ...repaired, outcome: 'constructor' as RepairStory['outcome'] };
    for (const form of [seen(html(later)), markdown(later)]) expect(form).toContain('Ended: constructor');
  });

  test('bytes that a script has counted are told as a size', () => {
    const result = {
      ...repaired.probe!.result!,
      findings: [{ id: 'free-space-bytes', confidence: 'certain' as const, evidence: '44023414784' }],
    };
    expect(seen(html({ ...repaired, probe: { ...repaired.probe!, result } }))).toContain('free-space-bytes (certain): 41 GiB');
  });

  test('what is neither a step nor a wait is our own, and shown so', () => {
    const chart = (story: RepairStory) => /<figure class="chart">.*?<\/figure>/s.exec(renderHtml(recordOf(story), new Map()))?.[0] ?? '';
    const whole = chart(repaired);
    // From the probe's end to the next script, and from the copy to its being attached.
    expect(whole).toContain('<rect class="own"');
    expect(whole).toContain('<title>our own overhead: 1 s</title>');
    expect(whole).toContain('<title>wait before another try: 2 s</title>');
    expect(whole).toContain('</svg> our own overhead</span>');
    const decision = {
      verb: 'approve',
      by: 'anna',
      caller: null,
      role: null,
      planHash: 'h',
      asked: [],
      askedAt: at(216),
      at: at(216.5),
    } as const;
    const decided = { ...repaired, decisions: [{ ...decision, asked: ['upload-dump'] }] };
    expect(chart(decided)).toContain('<title>wait for a person: 1 s</title>');
    expect(seen(renderHtml(recordOf(decided), new Map()))).toContain('waits for Azure, Windows and a person');
  });
});

describe('a script that was cut off', () => {
  const [first] = repaired.attempts;
  const run = first?.scripts.at(-1)?.run ?? '';
  const copy = (name: string, givenUp: { at: string; run: string; why: string } | null) => ({
    ...{ id: plan.repairDisk.id.replace(plan.repairDisk.name, name), name, givenUp, deleted: givenUp !== null },
  });
  const copies = [copy('copy-one', { at: at(300), run, why: 'x timed-out: it may still write' }), copy('copy-two', null)];
  const last = repaired.attempts.at(-1);
  const scripts = last?.scripts.map(end => ({ ...end, copy: 2, again: true })) ?? [];
  const story = { ...repaired, copies, attempts: [...repaired.attempts.slice(0, -1), { ...last!, scripts }] };

  test('is told with the copy it cost, and the one that followed; what others need is the last one’s name', () => {
    expect(repairRecord.parse(recordOf(story))).toEqual(recordOf(story));
    for (const form of [seen(html(story)), markdown(story)]) {
      expect(form.replaceAll('`', '')).toMatch(
        /copy-one was given up at .* It was deleted\. What follows ran on a fresh copy of the same snapshot, copy-two/,
      );
      expect(form).toContain('number 2, which lacked what it had changed before');
      expect(form.replaceAll(/[`*]/g, '')).toContain('and is now copy-two');
    }
  });
});

describe('what only some outcomes say', () => {
  const consequences = 'Consequences for others';
  test('a VM that one restart cured kept its disk: nothing of the plan after it is told as done or to come', () => {
    const boot = { startedAt: at(1), endedAt: at(2), verdict: 'repaired' as const, summary: 'the agent answers', evidence: [] };
    const page = html({ ...repaired, attempts: [], restart: boot });
    for (const gone of [consequences, 'The plan', 'What stays inside the VM']) expect(titles(page)).not.toContain(gone);
    expect(page).not.toContain('As the plan announced');
  });

  test('a VM that was not swapped has no consequences for others', () => {
    for (const outcome of ['rolled-back', 'healthy', 'refused', 'observed'] as const)
      expect(titles(html(stories[outcome]))).not.toContain(consequences);
  });
  test('where nobody knows which disk the VM is on, the command that tells is given first', () =>
    expect(seen(html(stories['needs-person']))).toContain('az vm show --ids'));
  test('observed: the plan with its writes and its price, and no write', () => {
    const page = seen(html(stories.observed));
    expect(page).toContain('protect powerOff rg-shop/virtualMachines/vm-till-07');
    expect(page).toContain('Asks for consent to: upload-dump');
    expect(page).toContain('takes something away');
    expect(page).toContain('None: nothing in Azure was changed.');
  });
  test('refused: code and remedy', () => expect(seen(html(stories.refused))).toContain('(azureDiskEncryption)'));
  test('joined: which repair to follow', () => expect(seen(html(stories.joined))).toContain('Follow repair r-aaaabbbbcccc'));
  test('rolled back: what a support engineer will ask for, and nobody else is told', () => {
    expect(titles(html(stories['rolled-back']))).toContain('For the support request');
    for (const outcome of ['repaired', 'healthy', 'refused'] as const)
      expect(titles(html(stories[outcome]))).not.toContain('For the support request');
  });
  test('rolled back: the downtime does not claim that the VM serves', () =>
    expect(seen(html(stories['rolled-back']))).toContain('What was wrong with it before is still wrong with it.'));
  test('under way: says so instead of an outcome', () => {
    expect(seen(html(stories.running))).toContain('Under way');
    expect(seen(html(stories.running))).toContain('it tells what was known so far');
  });
  test('before the clean-up: says that what is left may become less', () =>
    expect(seen(html(stories['booted-unverified']))).toContain('Written before the clean-up had ended'));
});

describe('pictures', () => {
  const blob = `${repaired.repairId}/before.png`;
  const withPicture = (bytes: Uint8Array) => renderHtml(recordOf(repaired), new Map([[blob, { bytes, contentType: 'image/png' }]]));
  test('one that lacks is said to lack', () => expect(seen(renderHtml(recordOf(repaired), new Map()))).toContain('not at hand: blob'));
  test('what is no picture is not shown as one, whatever its blob says', () => {
    const page = withPicture(new TextEncoder().encode('<svg onload=alert(1)>'));
    expect(page).not.toContain('<img');
    expect(seen(page)).toContain('is no picture that we know');
  });
  test('a huge one is left out', () => {
    const bytes = new Uint8Array(9 * 2 ** 20);
    bytes.set([0x42, 0x4d]);
    expect(seen(withPicture(bytes))).toContain('Left out, because it is large (9 MiB)');
  });
});

test('a list longer than anybody reads is cut and counted', () => {
  const record = recordOf(repaired);
  const write = record.writes[0];
  const page = renderHtml({ ...record, writes: Array.from({ length: 1000 }, () => write!) }, pictures);
  expect(page.match(/create VM/g)?.length).toBeLessThan(410);
  expect(seen(page)).toContain('… and 600 more, in the JSON form of this report.');
});

test('a time that is none is shown as it is', () => {
  const page = html({ ...repaired, downFrom: 'yesterday', leftovers: [{ ...repaired.leftovers[0]!, expires: 'never' }] });
  expect(seen(page)).toContain('Taken down by us at yesterday');
  expect(seen(page)).toContain('Kept until never');
});

test('templates survive the bundle', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  try {
    const outfile = join(folder, 'report.mjs');
    await build({
      entryPoints: ['report/index.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      minify: true,
      outfile,
      logLevel: 'error',
    });
    const bundled = (await import(outfile)) as { renderHtml: typeof renderHtml; renderMarkdown: typeof renderMarkdown };
    expect(bundled.renderHtml(recordOf(repaired), pictures)).toBe(html(repaired));
    expect(bundled.renderMarkdown(recordOf(repaired))).toBe(markdown(repaired));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a boot that hung', () => {
  const ifHung = {
    safety: 'consent' as const,
    origin: 'doc' as const,
    why: 'Only an interrupt makes it write a dump.',
    consent: 'send-nmi',
  };
  const [first, ...others] = plan.attempts;
  const told = stories['rolled-back'];
  const hung = (interrupt: RepairStory['interrupt'], bugCheck?: number): RepairStory => {
    const header = Buffer.alloc(8192, 'PAGE');
    header.write('PAGEDU64', 0, 'latin1');
    header.writeUInt32LE(bugCheck ?? 0, 0x38);
    const found =
      bugCheck === undefined ? [] : [{ id: 'dump-header', confidence: 'certain' as const, evidence: header.toString('base64') }];
    const end = {
      ...repaired.attempts[0]!.scripts[0]!,
      result: { outcome: 'nothing-to-do' as const, code: 'c', findings: found, actions: [], warnings: [] },
    };
    const attempts = [...told.attempts, { attempt: 'collect', title: 'Collect', scripts: [end], boot: null }];
    return { ...told, plan: { ...plan, attempts: [{ ...first!, ifHung }, ...others] }, attempts, interrupt };
  };
  const sent = { at: at(500), sent: 'yes' as const, why: 'it was sent', remedy: null, evidence: [] };

  test.each([
    [0x80, 'The dump is of that moment'],
    [0xef, 'The dump that was found is of another stop'],
    [undefined, 'No dump came of it'],
  ])('and was interrupted: whose moment the dump with bug check %d is of', (bugCheck, words) => {
    for (const form of [seen(html(hung(sent, bugCheck))), markdown(hung(sent, bugCheck))]) {
      expect(form).toContain(words);
      expect(form).toContain('Only an interrupt makes it write a dump. (Microsoft’s article names this step)');
    }
    expect(repairRecord.parse(recordOf(hung(sent, bugCheck)))).toEqual(recordOf(hung(sent, bugCheck)));
  });

  test('and was not interrupted: why, and what to do', () => {
    const form = markdown(hung({ ...sent, sent: 'no', why: 'nobody has consented', remedy: 'Consent to send-nmi.' }));
    expect(form).toContain('No interrupt was sent to the VM, which hung: nobody has consented. Consent to send-nmi.');
  });

  test('the step is in a plan that waits', () => {
    const waiting = markdown({ ...hung(null), attempts: [] });
    expect(waiting).toContain('only if that boot hangs, and with the consent send-nmi (Microsoft’s article): Only an interrupt');
  });
});

test('without its pictures a page is light', () => {
  const bytes = renderHtml(recordOf(repaired), new Map()).length;
  expect(bytes).toBeLessThan(100_000);
});

describe('words', () => {
  test.each([
    [0.2, 'less than a second', '< 1 s'],
    [1, '1 second', '1 s'],
    [59.6, '1 minute', '1 min'],
    [372, '6 minutes 12 seconds', '6 min 12 s'],
    [7200, '2 hours', '2 h'],
    [7215, '2 hours', '2 h'],
    [93_600, '1 day 2 hours', '1 d 2 h'],
  ])('%d s', (seconds, long, short) => expect([duration(seconds), shortDuration(seconds)]).toEqual([long, short]));
  test.each([
    [0, '0 B'],
    [1536, '1.5 KiB'],
    [127 * 2 ** 30, '127 GiB'],
  ])('%d bytes', (bytes, words) => expect(size(bytes)).toBe(words));
  test('an argument stays one word for the shell', () => {
    expect(quoted(vm.id)).toBe(vm.id);
    expect(quoted("rg (it's); rm")).toBe("'rg (it'\\''s); rm'");
  });
  test('ids are short only where they are ids', () => {
    expect(shortId(vm.id)).toBe('rg-shop/virtualMachines/vm-till-07');
    expect(shortId('no id')).toBe('no id');
  });
});
