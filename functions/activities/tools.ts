/** What activities work with; made once a process, when the first activity runs. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
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

/**
 * @param logTo standard output, unless told otherwise
 * @throws SettingsError when the environment is wrong
 */
export function createTools(env: Record<string, string | undefined>, logTo?: DestinationStream): Tools {
  const settings = loadSettings(env);
  const log = createLog(settings.logLevel, logTo);
  const azure = connect(env, (repairId, { ms, ...write }) => {
    if (write.answered) log.info({ repairId, ...write, ms }, 'azure write');
    return records.appendWrite(repairId, write);
  });
  const records = createRecords(azure.blobs);
  return { azure, records, settings, clock: azure.clock, log };
}

/** Level and time as the host writes them, whose lines stand in the same log. */
function createLog(level: string, logTo?: DestinationStream): Logger {
  const options = {
    name: 'bootmedic',
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return logTo ? pino(options, logTo) : pino(options);
}
