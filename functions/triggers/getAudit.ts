import { readInstance, sweepIsKnown } from './instances.ts';
import { ProblemError } from './problem.ts';
import { json, route } from './route.ts';
import { auditParams, auditView } from './schemas.ts';

export const getAudit = route({
  name: 'getAudit',
  method: 'GET',
  role: 'Repair.Read',
  path: 'repairs/{id}/audit',
  summary: 'Every request of a repair or a sweep that changed Azure, or was about to: by whom, for which plan, how it was answered',
  params: auditParams,
  answers: { 200: { description: 'In the order in which they were sent', content: { 'application/json': auditView } } },
  problems: [404, 409],
  async handle({ params: { id }, client, services: { records } }) {
    const writes = await records.readWrites(id);
    if (writes.length === 0 && !(await isKnown())) throw new ProblemError('not-found', `There is no repair and no sweep ${id}.`);
    return json(200, { id, writes });

    async function isKnown(): Promise<boolean> {
      if (id.startsWith('s-')) return sweepIsKnown(client, id);
      return (await readInstance(client, id)) !== undefined || (await records.readSummary(id)) !== undefined;
    }
  },
});
