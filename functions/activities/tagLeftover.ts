import { fail } from '../../azure/errors.ts';
import { parseId } from '../../azure/ids.ts';
import { busy, idle, type Look, reached } from '../../azure/operations.ts';
import { spans } from '../../azure/pace.ts';
import type { Activity } from './activity.ts';
import { existing } from './ensurePoweredOff.ts';
import { tagsFor } from './names.ts';

const said = (tags: [string, string][]) => tags.map(([key, value]) => `${key}=${value}`).join(' ');

/** A tag is written in a tenth of a second: it is waited for inside. */
const looks = 3;

/** Adds the repair's two tags to what stays; other tags are left as they are. */
export const tagLeftover: Activity<'tagLeftover'> = async ({ resourceId, expires }, { azure, clock, repairId }) => {
  const { type, name } = parseId(resourceId);
  const kind = { disks: azure.disks, snapshots: azure.snapshots, virtualMachines: azure.vms }[type.split('/')[1] ?? ''];
  if (kind === undefined) throw fail('fatal', 'notTaggable', `${resourceId} is no disk, snapshot or VM`);
  const wanted = tagsFor(repairId, expires);
  let tags: Record<string, string> = {};
  const tag = () =>
    azure.operations.reach({
      operation: `tag ${name}`,
      span: spans.deleteDisk,
      async look(): Promise<Look<Record<string, never>>> {
        const found = await existing<{ tags: Record<string, string>; provisioning: string }>(kind.get(resourceId), resourceId);
        ({ tags } = found);
        if (found.provisioning === 'busy') return busy('another operation');
        return Object.entries(wanted).every(([key, value]) => tags[key] === value) ? reached({}) : idle;
      },
      start: () => kind.setTags(resourceId, { ...tags, ...wanted }),
      change: () => {
        const had = said(Object.entries(tags).filter(([key]) => key in wanted));
        return { ...(had !== '' && { before: had }), after: said(Object.entries(wanted)) };
      },
    });
  for (let look = 0; look < looks; look++) {
    const progress = await tag();
    if (progress.done) return progress.value;
    await clock.sleep(progress.checkAfterSeconds);
  }
  throw fail('transient', 'tagNotSeen', `${resourceId} does not show its tags yet`);
};
