/** Brings the app's log lines to the logger, filtered by `logging.logLevel` of host.json. */
import type { RpcLogLevel } from './coreTypes.ts';
import type { InvocationLog } from './invoke.ts';
import type { Logger } from './logger.ts';

const LEVELS: readonly RpcLogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/**
 * Categories are Azure's: `Function.<name>.User` for what a function logs, `Function.<name>` for what the library says of it. The longest
 * configured category that is a prefix counts, `default` otherwise, `Information` where nothing is said.
 */
export function createInvocationLog(logger: Logger, logLevels: Record<string, string>): InvocationLog {
  return (functionName, invocationId, level, category, message) => {
    const fullCategory = category === 'user' ? `Function.${functionName}.User` : `Function.${functionName}`;
    if (LEVELS.indexOf(level) < LEVELS.indexOf(leastLevel(logLevels, fullCategory))) return;
    writeAt(logger, level, { functionName, invocationId }, message);
  };
}

export function writeAt(logger: Logger, level: RpcLogLevel, fields: Record<string, unknown>, message: string): void {
  if (level === 'warning') logger.warn(fields, message);
  else if (level === 'error' || level === 'critical') logger.error(fields, message);
  else logger.info(fields, message);
}

function leastLevel(logLevels: Record<string, string>, category: string): RpcLogLevel {
  const prefixes = Object.keys(logLevels).filter(key => category === key || category.startsWith(`${key}.`));
  const longest = prefixes.sort((a, b) => b.length - a.length)[0];
  const configured = (logLevels[longest ?? 'default'] ?? 'information').toLowerCase();
  return LEVELS.find(level => level === configured) ?? 'information';
}
