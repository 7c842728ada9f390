import type { RepairRecord } from '../records/index.ts';
import type { Report, Section } from './document.ts';
import { consequences, downtime, faults, leftBehind, limits, writes } from './sections/aftermath.ts';
import { attempts } from './sections/attempts.ts';
import { backup } from './sections/backup.ts';
import { dump } from './sections/dump.ts';
import { finding } from './sections/finding.ts';
import { inside } from './sections/inside.ts';
import { about, badgeOf, glance, nextSteps, notesOn, plan, vmName } from './sections/outcome.ts';
import { type Images, pictures } from './sections/pictures.ts';
import { support } from './sections/support.ts';
import { timeline } from './sections/timeline.ts';

/** The report of a record, in the order a person on call reads it. A record may lack anything that a repair learns on the way. Without images the form has none. */
export function compose(record: RepairRecord, images: Images | null): Report {
  const { story } = record;
  const badge = badgeOf(story);
  const sections: (Section | null)[] = [
    nextSteps(story),
    pictures(story, images),
    finding(story.diagnosis),
    plan(story),
    timeline(record),
    writes(record.writes),
    attempts(story),
    dump(story),
    support(story),
    leftBehind(story),
    inside(story),
    downtime(story),
    consequences(story),
    backup(story),
    limits(story),
    faults(story),
    about(record),
  ];
  return {
    repairId: story.repairId,
    title: `${badge.word}: ${vmName(story)}`,
    badge,
    headline: story.headline,
    notes: notesOn(story),
    glance: glance(story),
    sections: sections.filter(section => section !== null),
  };
}
