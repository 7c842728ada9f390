/** One repair as it stands: its phases moving, what is awaited and since when, what was seen, the plan, and what a person can say to it. */
import type { Diagnosis } from '../../functions/activities/contract.ts';
import type { View } from '../../functions/triggers/views.ts';
import type { RepairRecord } from '../../records/index.ts';
import { code, factList, list, type Picture, type Section, strong, type Text, time } from '../document.ts';
import { cutTo, type Measure, shortened } from '../fit.ts';
import { attempts } from '../sections/attempts.ts';
import { backup } from '../sections/backup.ts';
import { finding } from '../sections/finding.ts';
import { alternative, framed, shotsOf } from '../sections/pictures.ts';
import { planSection } from '../sections/plan.ts';
import { timeline } from '../sections/timeline.ts';
import { duration, secondsBetween } from '../words.ts';
import { badgeOfItem, doingNow, nameOf, pathTo, when } from './list.ts';
import { phasesOf } from './phases.ts';

export interface Live {
  view: View;
  /** Null while there is none: it is written when a person is asked, and at the end. */
  record: RepairRecord | null;
  diagnosis: Diagnosis | null;
  /** What the reader's roles allow. */
  may: { decide: boolean; cancel: boolean };
  /** What the reader has just told it. */
  said: 'approve' | 'reject' | 'cancel' | null;
  /** Of which plan, by the first digits of its hash. */
  saidOf: string | null;
}

const heard = {
  approve: 'Approved. The repair goes on at its next step.',
  reject: 'Rejected. The repair ends and puts back what it has changed.',
  cancel: 'Cancelled. The VM gets its original OS disk and power state back; then the repair ends.',
};

export function repairPage({ view, record, diagnosis, may, said, saidOf }: Live, measure: Measure) {
  const { id, state } = view;
  const ended = state === 'ended';
  const waiting = state === 'waiting-approval';
  const hash = view.planHash.slice(0, 12);
  // An address can be shared, and a repair can ask a second time: what is shown as decided is not the plan that waits.
  const stillAsks = waiting && said !== 'cancel' && (saidOf === null || saidOf === hash);
  const vm = cutTo(nameOf(view.vmId), mostText);
  const doing = cutTo(doingNow(view), mostText);
  const headline = cutTo(view.headline, 2 * mostText);
  const now = ended ? null : { what: doing, since: when(view.since) };
  return {
    ...{ id, vm, badge: badgeOfItem(view), said: said !== null && !ended && !stillAsks ? heard[said] : null },
    // While nobody is asked the record is of an earlier moment than the phase.
    headline: ended || waiting ? headline : `${vm}${view.phase === '' ? '' : `: ${view.phase}`}`,
    facts: facts(view),
    phases: phasesOf(view),
    now: waiting ? null : now,
    announce: ended ? `${badgeOfItem(view).word}. ${headline}` : `${view.phase}: ${doing}`,
    links: record === null ? [] : reportLinks(id),
    cancel: ended || !may.cancel ? null : `${pathTo(id)}/cancel`,
    ask: waiting
      ? {
          ...{
            may: may.decide,
            what: `It waits for ${cutTo(view.awaiting, mostText) || 'a decision'}`,
            since: when(view.since),
            hash,
          },
          ...{ approve: `${pathTo(id)}/approve?plan=${hash}`, reject: `${pathTo(id)}/reject?plan=${hash}` },
        }
      : null,
    sections: shortened(sections(view, record, diagnosis), measure, wholeOf(id, record !== null)),
  };
}

/** Bytes of what stands above the sections. */
const mostText = 600;

function wholeOf(id: string, isWritten: boolean): Text {
  const [page, word] = isWritten ? [`/api/repairs/${id}/report.html`, 'the report'] : [`/api/repairs/${id}`, 'the repair as JSON'];
  return ['all of it is in ', { page, word }, '.'];
}

function facts(view: View) {
  const down = secondsBetween(view.downFrom, view.downUntil);
  return factList({
    VM: placeOf(view.vmId),
    Found: view.finding
      ? [strong(cutTo(view.finding.stopCode, 200)), ` ${cutTo(view.finding.stopName, 300)}`]
      : view.stopCode
        ? [strong(cutTo(view.stopCode, 200))]
        : null,
    'Asked by': [code(cutTo(view.requestedBy, mostText)), ' at ', time(view.requestedAt)],
    'Downtime by us': view.downFrom === null ? null : [down === null ? 'not over yet' : strong(duration(down))],
    Ended: view.endedAt === null ? null : [time(view.endedAt)],
  });
}

/** Group and subscription of a VM: where somebody looks for it in the portal. */
export function placeOf(vmId: string): Text {
  const [, , subscription = '', , group = ''] = vmId.split('/');
  const place: Text = [' in resource group ', strong(cutTo(group, 300)), ', subscription ', code(cutTo(subscription, 100))];
  return [strong(cutTo(nameOf(vmId), 300)), ...(group === '' ? [] : place)];
}

function reportLinks(id: string) {
  return [
    { word: 'The report', path: `/api/repairs/${id}/report.html` },
    { word: 'as Markdown', path: `/api/repairs/${id}/report.md` },
    { word: 'as JSON', path: `/api/repairs/${id}/report.json` },
    { word: 'Bundle for a support request (zip)', path: `/api/repairs/${id}/bundle` },
  ];
}

function sections(view: View, record: RepairRecord | null, diagnosis: Diagnosis | null): Section[] {
  const ended = view.state === 'ended';
  const story = record?.story;
  const { timeline: entries } = view;
  const course = {
    ...{ restart: story?.restart ?? null, attempts: story?.attempts ?? [], decisions: story?.decisions ?? [] },
    ...{ downFrom: view.downFrom, downUntil: view.downUntil },
    startedAt: entries[0]?.from ?? view.requestedAt,
    endedAt: entries.at(-1)?.to ?? view.requestedAt,
  };
  const steps = list(
    view.nextSteps.map(step => [step]),
    true,
  );
  const all = [
    ended && steps.length > 0 ? { id: 'next', title: 'What to do next', blocks: steps } : null,
    screens(view.id, { diagnosis, restart: course.restart, attempts: course.attempts }),
    finding(diagnosis),
    // What was done is told below, and the plan beside it in the report: the page stays small.
    ended && (story?.attempts.length ?? 0) > 0 ? null : planSection(view.plan, view.evidencePlan),
    story ? backup(story) : null,
    timeline({ story: course, timeline: entries }, ended),
    ended && story ? attempts(story) : null,
  ];
  return all.filter(section => section !== null);
}

/** The console before, and after the last boot; the pictures come from an address of their own, encoded anew. */
function screens(id: string, seen: Parameters<typeof shotsOf>[0]): Section | null {
  const { before, after } = shotsOf(seen);
  const shown = [
    { label: 'Before', which: 'before', shot: before },
    { label: 'After', which: 'after', shot: after },
  ].flatMap(({ label, which, shot }): Picture[] =>
    shot === undefined
      ? []
      : [
          {
            label,
            about: ['taken ', time(shot.capturedAt), ...(shot === before ? framed(shot, seen.diagnosis) : [])],
            image: { address: `${pathTo(id)}/screens/${which}` },
            alt: alternative(shot),
            read: shot.excerpt,
          },
        ],
  );
  return shown.length === 0 ? null : { id: 'screens', title: 'The screen', blocks: [{ kind: 'pictures', pictures: shown }] };
}
