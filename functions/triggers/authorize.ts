/** Whether a caller may do what a route does. Fails closed: without App Service's authentication before us nobody is believed. */
import type { HttpRequest } from '@azure/functions';
import { PRINCIPAL_HEADER, type Principal, type Role, readPrincipal } from '../principal.ts';
import type { Settings } from '../settings.ts';
import { ProblemError } from './problem.ts';

/** @throws ProblemError: 503 where anybody could write the header, 401 for nobody, 403 for somebody without the role */
export function authorize(
  request: HttpRequest,
  role: Role,
  settings: Pick<Settings, 'authentication' | 'alertCallers' | 'localCallers'>,
): Principal {
  if (!settings.authentication) {
    const remedy =
      'turn on App Service authentication with Microsoft Entra ID for this app (infra/ does); it then sets WEBSITE_AUTH_ENABLED';
    const error = { field: 'WEBSITE_AUTH_ENABLED', problem: 'is not true: nobody has checked who calls', remedy };
    throw new ProblemError('authentication-off', 'Nothing is answered without authentication.', [error]);
  }
  const caller = readPrincipal(request.headers.get(PRINCIPAL_HEADER), settings.localCallers);
  if (caller === undefined) {
    const remedy = 'send Authorization: Bearer with a token for this app (az account get-access-token), or the token of an embedded host';
    throw new ProblemError('not-signed-in', 'Nobody is known to call.', [{ field: 'authorization', problem: 'names nobody', remedy }]);
  }
  mustHave(caller, role);
  if (role === 'ActionGroupsSecureWebhook' && caller.kind !== 'local') mustBeMonitor(caller, settings.alertCallers);
  return caller;
}

/** @throws ProblemError 403 that names the role and how it is given */
export function mustHave(caller: Principal, role: Role, forWhat = 'this'): void {
  if (caller.roles.includes(role)) return;
  const remedy = `assign the app role ${role} to ${caller.name} in Microsoft Entra ID (Enterprise applications, this app, Users and groups), then sign in again`;
  const problem = `has the roles ${caller.roles.join(', ') || 'none'}`;
  throw new ProblemError('role-missing', `${caller.name} needs the role ${role} for ${forWhat}.`, [{ field: 'roles', problem, remedy }]);
}

/** The role alone would let in whatever app it was given to; the action groups' own app id is known. */
function mustBeMonitor({ appId, kind, name }: Principal, alertCallers: string[]): void {
  if (kind === 'app' && alertCallers.includes(appId?.toLowerCase() ?? '')) return;
  const remedy = `let the action group call by a secure webhook, or add this caller's app id to alertCallers in BOOTMEDIC_SETTINGS`;
  const problem = `${appId ?? 'a person'} is none of ${alertCallers.join(', ')}`;
  throw new ProblemError('role-missing', `${name} is no action group of Azure Monitor.`, [{ field: 'alertCallers', problem, remedy }]);
}
