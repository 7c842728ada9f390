/** The entry that the Functions host loads: settings first, then everything it can call. */
import { app as host } from '@azure/functions';
import * as df from 'durable-functions';
import { type ActivityApp, registerActivities } from './activities/index.ts';
import { createTools } from './activities/tools.ts';
import { known } from './known.ts';
import { registerRunbooks } from './runbooks.ts';
import { registerTriggers } from './triggers/index.ts';

// Wrong settings end the start here, with all of them named. Nothing is asked of Azure yet.
const tools = createTools(process.env);

registerRunbooks(tools.settings.timeScale);
// Durable Functions types an activity's input as `any`: the envelope is what our own runbook sends.
const app: ActivityApp = {
  activity: (name, { handler, usesClient }) =>
    df.app.activity(name, {
      handler: (envelope, context) =>
        handler(envelope as never, usesClient ? df.getClient(context) : undefined, context.traceContext?.traceParent),
      ...(usesClient && { extraInputs: [df.input.durableClient()] }),
    }),
};
registerActivities(app, () => tools);
host.hook.appTerminate(() => tools.telemetry?.close());
registerTriggers({ ...tools, rights: tools.azure.callerRights, machines: tools.azure.machines, known }, tools.settings.sweep.schedule);
