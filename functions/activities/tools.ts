/** What activities work with; made once a process, when the first activity runs. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Clock } from '../../azure/clock.ts';
import { type Azure, connect } from '../../azure/index.ts';
import { createRecords, type Records } from '../../records/index.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { createTelemetry, type Telemetry } from '../telemetry.ts';

export interface Tools {
  azure: Azure;
  records: Records;
  settings: Settings;
  clock: Clock;
  log: Logger;
  /** Absent = nobody wants it. */
  telemetry?: Telemetry | undefined;
  /** A secret by the name of its app setting: read when it is used, so that it is in no settings, log or history. */
  secret(name: string): string;
  /** Where people reach this app: `https://…`, without a slash at its end. */
  address(): string;
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
  const secret = (name: string) => env[name] ?? '';
  const telemetry = createTelemetry(env, log);
  return { azure, records, settings, clock: azure.clock, log, telemetry, secret, address: () => addressIn(process.env) };
}

/** App Service sets its own host name; so does the embedded host, once it listens. */
function addressIn({ WEBSITE_HOSTNAME: host = '' }: Record<string, string | undefined>): string {
  return `${/^(?:127\.0\.0\.1|localhost)(?::|$)/.test(host) ? 'http' : 'https'}://${host}`;
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
