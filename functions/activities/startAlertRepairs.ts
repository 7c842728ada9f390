import { startAll } from '../triggers/startAlerted.ts';
import { type Activity, given } from './activity.ts';

export const startAlertRepairs: Activity<'startAlertRepairs'> = async (alert, { client, records, settings }) => ({
  begun: (await startAll(given(client), { records, settings }, alert)).length,
});
