import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Records, RepairRecord } from '../../records/index.ts';
import { repairRecord } from '../../records/schemas.ts';
import { renderHtml, renderMarkdown } from '../../report/index.ts';
import { readInstance } from './instances.ts';
import { negotiate } from './negotiate.ts';
import { picturesOf } from './pictures.ts';
import { ProblemError } from './problem.ts';
import { type Route, route } from './route.ts';
import { idParams, timeZone } from './schemas.ts';

/** In the order of preference when the caller has none; a program that accepts anything gets JSON. */
const TYPES = { json: 'application/json', html: 'text/html', md: 'text/markdown' } as const;
type Form = keyof typeof TYPES;

/** `report` by `Accept`, and one address for each form, to open or to link. */
export const reportRoutes: Route[] = [
  reportRoute('getReport', 'repairs/{id}/report', ['json', 'html', 'md']),
  reportRoute('getReportHtml', 'repairs/{id}/report.html', ['html']),
  reportRoute('getReportMarkdown', 'repairs/{id}/report.md', ['md']),
  reportRoute('getReportJson', 'repairs/{id}/report.json', ['json']),
];

function reportRoute(name: string, path: string, forms: Form[]): Route {
  const content = Object.fromEntries(forms.map(form => [TYPES[form], form === 'json' ? repairRecord : null]));
  return route({
    name,
    method: 'GET',
    role: 'Repair.Read',
    path,
    summary: forms.length > 1 ? "A repair's report, in the form that Accept asks for" : `A repair's report as ${TYPES[forms[0] ?? 'json']}`,
    params: idParams,
    query: z.strictObject({ timeZone: timeZone.optional() }),
    answers: { 200: { description: 'The report; before clean-up has ended it says so', content } },
    problems: forms.length > 1 ? [404, 406, 409] : [404, 409],
    async handle({ params: { id }, query, request, client, services: { records, settings } }) {
      const form = forms.length > 1 ? formFor(request.headers.get('accept'), forms) : forms[0];
      if (form === undefined) throw new ProblemError('not-acceptable', `A report can be had as ${Object.values(TYPES).join(', ')}.`);
      const record = await records.readRecord(id);
      if (record) return render(record, form, records, query.timeZone ?? settings.report.timeZone);
      if (!(await readInstance(client, id))) throw new ProblemError('not-found', `There is no repair ${id}.`);
      throw new ProblemError(
        'no-report-yet',
        `It is written when the outcome is known; GET /api/repairs/${id} tells how far the repair is.`,
      );
    },
  });
}

function formFor(accept: string | null, forms: Form[]): Form | undefined {
  const type = negotiate(
    accept,
    forms.map(form => TYPES[form]),
  );
  return forms.find(form => TYPES[form] === type);
}

async function render(record: RepairRecord, form: Form, records: Records, zone: string | null): Promise<HttpResponseInit> {
  const body =
    form === 'html'
      ? renderHtml(record, await picturesOf(record.story, records), zone)
      : form === 'md'
        ? renderMarkdown(record, zone)
        : JSON.stringify(record);
  const type = form === 'json' ? TYPES.json : `${TYPES[form]}; charset=utf-8`;
  // Guests' words are in it: a browser must take it for nothing but what it is.
  const headers = { 'content-type': type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', vary: 'accept' };
  return { status: 200, headers, body };
}
