/**
 * The app, in a process that dies (SIGKILL): once each, over all the processes that share BOOTMEDIC_DEATHS, a file. Before each activity, after each,
 * and when Azure has answered a write; or, where BOOTMEDIC_DEATHS_OF is `phases`, in the middle of each phase: when its first activity has done its
 * work and has not answered, in the app as it is built. Not a test itself.
 */
import { createHash } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { app } from '@azure/functions';

const file = process.env.BOOTMEDIC_DEATHS ?? '';
const ofPhases = process.env.BOOTMEDIC_DEATHS_OF === 'phases';
const died = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);

function dieOnce(place: 'before' | 'after' | 'answered' | 'in', what: string): void {
  const where = `${place} ${what}`;
  if (died.has(where)) return;
  appendFileSync(file, `${where}\n`);
  process.kill(process.pid, 'SIGKILL');
}

app.hook.preInvocation(invocation => {
  const { functionName, options } = invocation.invocationContext;
  if (options.trigger.type !== 'activityTrigger') return;
  const handler = invocation.functionHandler;
  invocation.functionHandler = async (...inputs) => {
    const asked = createHash('sha256').update(JSON.stringify(inputs[0])).digest('hex').slice(0, 12);
    if (!ofPhases) dieOnce('before', `${functionName} ${asked}`);
    const result: unknown = await handler(...inputs);
    if (ofPhases) dieOnce('in', (inputs[0] as { phase: string }).phase);
    else dieOnce('after', `${functionName} ${asked}`);
    return result;
  };
});

if (!ofPhases)
  diagnostics.subscribe('http.client.response.finish', message => {
    const { method, path } = (message as { request: ClientRequest }).request;
    const [resource = ''] = path.split('?');
    if (method !== 'GET' && resource.startsWith('/subscriptions/')) dieOnce('answered', `${method} ${resource}`);
  });

await import(new URL(ofPhases ? '../../dist/functions/index.cjs' : '../../functions/index.ts', import.meta.url).href);
