/** All triggers. */
import * as df from 'durable-functions';
import { admissionRoutes } from './admission.ts';
import { receiveAlert } from './alerts.ts';
import { approveRepair, cancelRepair, rejectRepair } from './decide.ts';
import { fleetRoutes } from './fleets.ts';
import { getAudit } from './getAudit.ts';
import { getBundle } from './getBundle.ts';
import { getFleetReport } from './getFleetReport.ts';
import { getRepair } from './getRepair.ts';
import { reportRoutes } from './getReport.ts';
import { listRepairs } from './listRepairs.ts';
import type { Route, Services } from './route.ts';
import { startRepair } from './startRepair.ts';
import { registerSweep, sweepRoutes } from './sweep.ts';
import { uiRoutes } from './ui.ts';

export const routes: Route[] = [
  startRepair,
  listRepairs,
  getRepair,
  ...reportRoutes,
  getFleetReport,
  getAudit,
  getBundle,
  cancelRepair,
  approveRepair,
  rejectRepair,
  receiveAlert,
  ...admissionRoutes,
  ...sweepRoutes,
  ...fleetRoutes,
  ...uiRoutes,
];

/**
 * Registers every route, and the sweep's timer. No function keys: a key says nothing of who calls, would have to be kept in action groups
 * and links, and each route is closed by App Service's authentication and by the caller's role already.
 */
export function registerTriggers(services: Services, sweepSchedule: string | null = null): void {
  for (const { name, method, path, run } of routes) {
    // Mail scanners open every link: a decision's address is there for them too, and answers 405.
    const openable = method === 'POST' && path.includes('{id}') && !routes.some(each => each.path === path && each.method === 'GET');
    df.app.client.http(name, {
      methods: openable ? [method, 'GET', 'HEAD'] : [method],
      route: path,
      authLevel: 'anonymous',
      handler: (request, client, context) => run(request, client, context, services),
    });
  }
  if (sweepSchedule !== null) registerSweep(services, sweepSchedule);
}
