import { readInstance } from './instances.ts';
import { ProblemError } from './problem.ts';
import { json, pathOf, route } from './route.ts';
import { idParams, repairView } from './schemas.ts';
import { itemOf, readKnown, viewOf } from './views.ts';

export const getRepair = route({
  name: 'getRepair',
  method: 'GET',
  role: 'Repair.Read',
  path: 'repairs/{id}',
  summary: 'One repair: where it stands, what was done, what was found, what is planned, how it ended',
  params: idParams,
  answers: {
    200: { description: 'The repair', content: { 'application/json': repairView } },
    303: { description: 'It joined another repair of the same VM', content: { 'application/json': repairView }, location: true },
  },
  problems: [404, 409],
  async handle({ params: { id }, client, services: { records } }) {
    const [instance, summary] = await Promise.all([readInstance(client, id), records.readSummary(id)]);
    const item = itemOf(instance, summary);
    if (item === undefined) throw new ProblemError('not-found', `There is no repair ${id}.`);
    const known = await readKnown(records, id);
    const view = viewOf(item, instance, known);
    const joinedTo = item.outcome === 'joined' ? (instance?.output?.joinedTo ?? known.record?.story.joinedTo) : null;
    return joinedTo ? json(303, view, { location: pathOf(joinedTo) }) : json(200, view);
  },
});
