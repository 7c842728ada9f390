import type { Activity } from './activity.ts';

/** What was found, what was done, and why nothing was. */
export const writeSweep: Activity<'writeSweep'> = async ({ report }, { records }) => ({ blob: await records.putSweep(report) });
