import type { Story } from '../story.ts';

/** The alternative to a repair, for a person: the newest backup where it is known, the advice to look where it is not. */
export function restoring({ backup }: Pick<Story, 'backup'>): string[] {
  if (backup == null || backup.unread !== null) return ['Or restore the VM from its newest backup, if it has one.'];
  const newest = backup.found?.newest;
  if (newest == null) return [];
  return [
    `Or restore the VM from its newest backup, of ${newest.slice(0, 16).replace('T', ' ')} UTC: what it has written since would be lost.`,
  ];
}
