import { json, pathOf, route } from './route.ts';
import { startBody, started } from './schemas.ts';
import { startRepair as start } from './start.ts';

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
    const answer = await start(client, services, body);
    return json(answer.joined ? 200 : 202, answer, { location: pathOf(answer.id) });
  },
});
