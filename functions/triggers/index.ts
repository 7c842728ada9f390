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

/** HEAD goes with GET. What else is asked is a browser's own (OPTIONS), or nobody's. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Registers every route, and the sweep's timer. No function keys: a key says nothing of who calls, would have to be kept in action groups
 * and links, and each route is closed by App Service's authentication and by the caller's role already.
 */
export function registerTriggers(services: Services, sweepSchedule: string | null = null): void {
  for (const { name, method, path, run } of routes) {
    const here = routes.filter(each => each.path === path);
    const first = here.find(each => each.method === 'GET') ?? here[0];
    // Whoever comes by another method is told which there are: without them the host answers as if there were nothing. Mail scanners open every link.
    const others = first?.name === name ? METHODS.filter(each => !here.some(({ method }) => method === each)) : [];
    df.app.client.http(name, {
      methods: [method, ...others],
      route: path,
      authLevel: 'anonymous',
      handler: (request, client, context) => run(request, client, context, services),
    });
  }
  if (sweepSchedule !== null) registerSweep(services, sweepSchedule);
}
