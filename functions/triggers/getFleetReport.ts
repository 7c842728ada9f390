import { z } from 'zod';
import { repairId } from '../../records/schemas.ts';
import { instant } from '../../records/words.ts';
import { renderFleetHtml, renderFleetMarkdown } from '../../report/index.ts';
import { allItems } from './listRepairs.ts';
import { negotiate } from './negotiate.ts';
import { route } from './route.ts';
import { timeZone } from './schemas.ts';

const TYPES = ['text/html', 'text/markdown'];

const ids = z
  .string()
  .max(20_000)
  .refine(text => text.split(',').every(id => repairId.safeParse(id).success), {
    error: 'holds what is no id of a repair',
    params: { remedy: 'give ids of repairs with commas between them' },
  })
  .meta({ description: 'These repairs alone, with commas between their ids' });

/** One page for many repairs: after an incident, for whoever was not there. */
export const getFleetReport = route({
  name: 'getFleetReport',
  method: 'GET',
  role: 'Repair.Read',
  path: 'report',
  summary: 'Many repairs on one page, a row a VM, the failures first; HTML or Markdown by Accept',
  query: z.strictObject({
    ids: ids.optional(),
    since: instant.optional().meta({ description: 'Those that were asked for since then' }),
    timeZone: timeZone.optional(),
  }),
  answers: { 200: { description: 'The page', content: { 'text/html': null, 'text/markdown': null } } },
  async handle({ query, request, client, services: { records, settings } }) {
    const wanted = query.ids?.split(',');
    const items = (await allItems(client, records)).filter(
      ({ id, requestedAt }) =>
        (wanted === undefined || wanted.includes(id)) && (query.since === undefined || Date.parse(requestedAt) >= Date.parse(query.since)),
    );
    const type = negotiate(request.headers.get('accept'), TYPES) ?? 'text/html';
    const render = type === 'text/markdown' ? renderFleetMarkdown : renderFleetHtml;
    const [at, app] = [new Date().toISOString(), new URL(request.url).origin];
    const headers = {
      'content-type': `${type}; charset=utf-8`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      vary: 'accept',
    };
    return { status: 200, headers, body: render(items, at, query.timeZone ?? settings.report.timeZone, app) };
  },
});
