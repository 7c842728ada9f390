import { readInstance } from './instances.ts';
import { ProblemError } from './problem.ts';
import { json, route } from './route.ts';
import { auditView, idParams } from './schemas.ts';

export const getAudit = route({
  name: 'getAudit',
  method: 'GET',
  role: 'Repair.Read',
  path: 'repairs/{id}/audit',
  summary: 'Every request of a repair that changed Azure, or was about to: by whom, for which plan, how it was answered',
  params: idParams,
  answers: { 200: { description: 'In the order in which they were sent', content: { 'application/json': auditView } } },
  problems: [404, 409],
  async handle({ params: { id }, client, services: { records } }) {
    const [writes, instance, summary] = await Promise.all([records.readWrites(id), readInstance(client, id), records.readSummary(id)]);
    if (writes.length === 0 && !instance && !summary) throw new ProblemError('not-found', `There is no repair ${id}.`);
    return json(200, { id, writes });
  },
});
