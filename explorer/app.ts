/** The entry that the embedded host loads: as functions/index.ts, with the explorer around each activity. */
import { app as azure } from '@azure/functions';
import * as df from 'durable-functions';
import { type ActivityApp, registerActivities } from '../functions/activities/index.ts';
import { known } from '../functions/known.ts';
import { registerRunbooks } from '../functions/runbooks.ts';
import { registerTriggers } from '../functions/triggers/index.ts';
import { presentTools, stage } from './stage.ts';

registerRunbooks(1);
azure.hook.preInvocation(invocation => {
  const { functionName, options } = invocation.invocationContext;
  const { turned } = stage;
  if (options.trigger.type !== 'orchestrationTrigger' || turned === undefined) return;
  const handler = invocation.functionHandler;
  invocation.functionHandler = async (...inputs) => {
    const before = process.cpuUsage();
    const result = await handler(...inputs);
    const { user, system } = process.cpuUsage(before);
    turned(functionName, (user + system) / 1000);
    return result;
  };
});
const app: ActivityApp = {
  activity: (name, { handler, usesClient }) =>
    df.app.activity(name, {
      handler: (envelope, context) =>
        stage.activity(name, () => handler(envelope as never, usesClient ? df.getClient(context) : undefined)),
      ...(usesClient && { extraInputs: [df.input.durableClient()] }),
    }),
};
registerActivities(app, () => presentTools);
registerTriggers({
  get records() {
    return presentTools.records;
  },
  get settings() {
    return presentTools.settings;
  },
  get rights() {
    return presentTools.azure.callerRights;
  },
  get machines() {
    return presentTools.azure.machines;
  },
  known,
});
