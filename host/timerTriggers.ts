/** Timer triggers: NCRONTAB schedules in UTC, by croner. A run that was due while the host was down happens at start, marked past due. */
import { Cron } from 'croner';
import type { Invoker } from './invoke.ts';
import { errorText, type Logger } from './logger.ts';
import type { AppFunction } from './registry.ts';
import type { Store } from './store.ts';

export interface TimerServices {
  functions: AppFunction[];
  invoker: Invoker;
  logger: Logger;
  store: Store;
}

export interface TimerTriggers {
  stop(): void;
}

/** @throws Error that names the function whose schedule is not supported. */
export function startTimerTriggers(services: TimerServices): TimerTriggers {
  const crons = services.functions.map(appFunction => startTimer(services, appFunction));
  return {
    stop: () => {
      for (const cron of crons) cron.stop();
    },
  };
}

function startTimer(services: TimerServices, appFunction: AppFunction): Cron {
  const { name, trigger } = appFunction;
  // `protect`: the next run waits for the one before, as on Azure.
  const cron = new Cron(ncrontab(name, trigger.schedule ?? ''), { timezone: 'UTC', domAndDow: true, protect: true }, (self: Cron) =>
    runTimer(services, appFunction, self, false),
  );
  const last = services.store.lastTimerRun(name);
  const missed = last === undefined ? null : cron.nextRun(new Date(last));
  const isPastDue = trigger.useMonitor !== false && missed !== null && missed.getTime() < Date.now();
  if (isPastDue || trigger.runOnStartup === true) void runTimer(services, appFunction, cron, isPastDue);
  // Without a run yet, the moment of the first start is what later runs are counted from.
  if (last === undefined) services.store.putLastTimerRun(name, new Date().toISOString());
  return cron;
}

/** `{second} {minute} {hour} {day} {month} {day of week}`; five fields mean second 0; `%NAME%` is an app setting. */
function ncrontab(name: string, schedule: string): string {
  const expression = schedule.replace(/%([^%]+)%/g, (_, setting: string) => {
    const value = process.env[setting];
    if (value === undefined) throw new Error(`function '${name}': the app setting %${setting}% of its schedule is not set`);
    return value;
  });
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6 || fields.some(field => /[^\d*,/-]/.test(field.replace(/[a-z]{3}/gi, '')))) {
    throw new Error(`function '${name}': the schedule '${schedule}' is no NCRONTAB expression of five or six fields`);
  }
  try {
    new Cron(fields.join(' '), { paused: true, timezone: 'UTC' }).stop();
  } catch (error) {
    throw new Error(`function '${name}': the schedule '${schedule}' is not supported: ${errorText(error)}`);
  }
  return fields.join(' ');
}

async function runTimer(
  { invoker, logger, store }: TimerServices,
  appFunction: AppFunction,
  cron: Cron,
  isPastDue: boolean,
): Promise<void> {
  const now = new Date().toISOString();
  const last = store.lastTimerRun(appFunction.name) ?? now;
  store.putLastTimerRun(appFunction.name, now);
  const status = { Last: last, Next: cron.nextRun()?.toISOString() ?? now, LastUpdated: now };
  const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: isPastDue };
  try {
    await invoker.invoke({ appFunction, input: { json: JSON.stringify(timer) }, triggerMetadata: {} });
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error({ functionName: appFunction.name, reason: errorText(error), stack }, 'function failed');
  }
}
