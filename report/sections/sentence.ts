/** What happened, in one sentence: what was wrong, what was done about it, and how the VM is now. */
import type { RepairStory } from '../../functions/activities/contract.ts';
import { vmName } from './outcome.ts';

const PUT_BACK = ' The VM has its original OS disk and power state again.';

/** The story's own headline where it says all that, as one sentence. */
export function sentence(story: RepairStory): string {
  const { headline, outcome } = story;
  if (outcome === 'repaired' && headline.startsWith('Repaired')) return repaired(story) ?? headline;
  const back = headline.endsWith(PUT_BACK);
  if (outcome === 'rolled-back' && headline.startsWith('Not repaired. Tried: ')) return notRepaired(story, back) ?? headline;
  return back
    ? `${headline.slice(0, -PUT_BACK.length).replace(/\.$/, '')}, and the VM has its original OS disk and power state again.`
    : headline;
}

function repaired(story: RepairStory): string | null {
  const cure = curedBy(story);
  return cure === null ? null : `${vmName(story)} ${wrong(story, 'did')}; ${cure} cured it, so that it boots again and its agent answers.`;
}

function curedBy({ restart, attempts }: RepairStory): string | null {
  if (restart?.verdict === 'repaired') return 'one restart, without a change to its disk,';
  const last = attempts.findLast(({ boot }) => boot?.verdict === 'repaired');
  return last === undefined ? null : `“${last.title}”`;
}

function notRepaired(story: RepairStory, back: boolean): string | null {
  const titles = [...new Set(story.attempts.map(({ title }) => `“${title}”`))];
  if (titles.length === 0) return null;
  const tried = new Intl.ListFormat('en').format(titles);
  const now = back ? ', and it has its original OS disk and power state again' : '';
  return `${vmName(story)} ${wrong(story, 'does')}: ${tried} did not cure it${now}.`;
}

function wrong({ diagnosis }: RepairStory, does: 'did' | 'does'): string {
  const found = diagnosis?.findings[0];
  if (found === undefined) return `${does} not boot`;
  const name = [found.stopCode, found.stopName].filter(part => part !== '').join(' ') || found.title;
  return found.stopCode === '' ? `${does} not boot (${name})` : `${does === 'did' ? 'stopped' : 'still stops'} at ${name}`;
}
