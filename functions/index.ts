/** The entry that the Functions host loads: settings first, then everything it can call. */
import * as df from 'durable-functions';
import { registerActivities } from './activities/index.ts';
import { createTools } from './activities/tools.ts';
import { registerRunbooks } from './runbooks.ts';
import { registerTriggers } from './triggers/index.ts';

// Wrong settings end the start here, with all of them named. Nothing is asked of Azure yet.
const tools = createTools(process.env);

registerRunbooks(tools.settings.timeScale);
registerActivities(df.app, () => tools);
registerTriggers(tools);
