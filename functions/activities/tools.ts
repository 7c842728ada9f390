/** What activities work with; made once a process, when the first activity runs. */
import { type Logger, pino } from 'pino';
import type { Clock } from '../../azure/clock.ts';
import { type Azure, connect } from '../../azure/index.ts';
import { createRecords, type Records } from '../../records/index.ts';
import { loadSettings, type Settings } from '../settings.ts';

export interface Tools {
  azure: Azure;
  records: Records;
  settings: Settings;
  clock: Clock;
  log: Logger;
}

/** @throws SettingsError when the environment is wrong */
export function createTools(env: Record<string, string | undefined>): Tools {
  const settings = loadSettings(env);
  const log = pino({ name: 'bootmedic', level: settings.logLevel });
  const azure = connect(env, (repairId, write) => records.appendWrite(repairId, write));
  const records = createRecords(azure.blobs);
  return { azure, records, settings, clock: azure.clock, log };
}
