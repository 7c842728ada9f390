import type { Known } from '../known.ts';
import type { Problem } from '../problems.ts';
import { ProblemError } from './problem.ts';
import { json, pathOf, route } from './route.ts';
import { startBody, started } from './schemas.ts';
import { startRepair as start, type Wish } from './start.ts';

export const startRepair = route({
  name: 'startRepair',
  method: 'POST',
  path: 'repairs',
  summary: 'Starts the repair of a VM, or joins the one that is under way',
  body: startBody,
  answers: {
    202: { description: 'Started', content: { 'application/json': started }, location: true },
    200: { description: 'This VM is already under repair', content: { 'application/json': started }, location: true },
  },
  problems: [413, 415],
  async handle({ body, client, services }) {
    const wrong = unknownWords(body, services.known);
    if (wrong.length > 0) throw new ProblemError('invalid-request', 'Nothing was done. See errors for each field.', wrong);
    const answer = await start(client, services, body);
    return json(answer.joined ? 200 : 202, answer, { location: pathOf(answer.id) });
  },
});

/** Said here, before a repair begins: later it could only be refused, or a consent that was meant would not count. */
function unknownWords({ playbook, consents }: Pick<Wish, 'playbook' | 'consents'>, known: Known): Problem[] {
  const problem = (field: string, what: string, word: string, there: readonly string[]) =>
    there.includes(word) ? [] : [{ field, problem: `there is no ${what} ${word}`, remedy: `give one of ${there.join(', ')}` }];
  return [
    ...(playbook === null ? [] : problem('playbook', 'playbook', playbook, known.playbooks)),
    ...consents.flatMap((consent, n) => problem(`consents[${n}]`, 'consent', consent, known.consents)),
  ];
}
