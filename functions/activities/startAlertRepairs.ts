import { fail } from '../../azure/errors.ts';
import { startAll } from '../triggers/startAlerted.ts';
import type { Activity } from './activity.ts';

export const startAlertRepairs: Activity<'startAlertRepairs'> = async (alert, { client, records, settings }) => {
  if (client === undefined) throw fail('fatal', 'noClient', 'the activity was registered without a durable client');
  return { begun: (await startAll(client, { records, settings }, alert)).length };
};
