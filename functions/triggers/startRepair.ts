import type { Known } from '../known.ts';
import { callerOf, type Principal, saidBy } from '../principal.ts';
import type { Problem } from '../problems.ts';
import { mustHave } from './authorize.ts';
import { mustOperate } from './callerRights.ts';
import { readScript } from './operatorScript.ts';
import { ProblemError } from './problem.ts';
import { json, pathOf, route } from './route.ts';
import { startBody, started } from './schemas.ts';
import { startRepair as start, type Wish } from './start.ts';

export const startRepair = route({
  name: 'startRepair',
  method: 'POST',
  also: 'GET',
  role: 'Repair.Start',
  path: 'repairs',
  summary: 'Starts the repair of a VM, or joins the one that is under way',
  body: startBody,
  // A script of 256 KiB, every character of it escaped.
  bodyBytes: 640 * 1024,
  answers: {
    202: { description: 'Started', content: { 'application/json': started }, location: true },
    200: { description: 'This VM is already under repair', content: { 'application/json': started }, location: true },
  },
  problems: [413, 415],
  async handle({ body, caller, client, services }) {
    const { script, ...asked } = body;
    const read = script === null ? null : await readScript(script, services);
    const wrong = [...unknownWords(asked, services.known), ...(read && 'wrong' in read ? read.wrong : [])];
    if (wrong.length > 0) throw new ProblemError('invalid-request', 'Nothing was done. See errors for each field.', wrong);
    mayConsent(asked, caller, services.settings.fourEyes);
    await mustOperate(caller, asked.vmId, asked.mode, services);
    const requestedBy = saidBy(asked.requestedBy, caller);
    const wish = { ...asked, requestedBy, caller: callerOf(caller) };
    const answer = await start(client, services, wish, undefined, read && 'given' in read ? read.given : undefined);
    return json(answer.joined ? 200 : 202, answer, { location: pathOf(answer.id) });
  },
});

/** Agreeing in advance is approving: it needs the same role, and where four eyes are asked for nobody agrees to their own request. */
function mayConsent({ consents }: Pick<Wish, 'consents'>, caller: Principal, fourEyes: boolean): void {
  if (consents.length === 0) return;
  mustHave(caller, 'Repair.Approve', 'consents given in advance');
  if (!fourEyes) return;
  const remedy = 'leave consents out; the repair waits where it needs one, and another person approves it';
  const error = { field: 'consents', problem: 'would be agreed to by the one who asks', remedy };
  throw new ProblemError('own-request', 'The setting fourEyes asks for another person.', [error]);
}

/** Said here, before a repair begins: later it could only be refused, or a consent that was meant would not count. */
function unknownWords({ playbook, consents }: Pick<Wish, 'playbook' | 'consents'>, known: Known): Problem[] {
  const problem = (field: string, what: string, word: string, there: readonly string[]) =>
    there.includes(word) ? [] : [{ field, problem: `there is no ${what} ${word}`, remedy: `give one of ${there.join(', ')}` }];
  return [
    ...(playbook === null ? [] : problem('playbook', 'playbook', playbook, known.playbooks)),
    ...consents.flatMap((consent, n) => problem(`consents[${n}]`, 'consent', consent, known.consents)),
  ];
}
