/** All HTTP triggers. */
import * as df from 'durable-functions';
import { admissionRoutes } from './admission.ts';
import { receiveAlert } from './alerts.ts';
import { approveRepair, cancelRepair, rejectRepair } from './decide.ts';
import { getRepair } from './getRepair.ts';
import { reportRoutes } from './getReport.ts';
import { listRepairs } from './listRepairs.ts';
import type { Route, Services } from './route.ts';
import { startRepair } from './startRepair.ts';

export const routes: Route[] = [
  startRepair,
  listRepairs,
  getRepair,
  ...reportRoutes,
  cancelRepair,
  approveRepair,
  rejectRepair,
  receiveAlert,
  ...admissionRoutes,
];

/** Registers every route; a caller needs a function key. */
export function registerTriggers(services: Services): void {
  for (const { name, method, path, run } of routes) {
    df.app.client.http(name, {
      methods: [method],
      route: path,
      authLevel: 'function',
      handler: (request, client, context) => run(request, client, context, services),
    });
  }
}
