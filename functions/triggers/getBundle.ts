import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Bundle, Records } from '../../records/index.ts';
import { bundleZip } from './bundleZip.ts';
import { readInstance } from './instances.ts';
import { ProblemError } from './problem.ts';
import { route } from './route.ts';
import { idParams } from './schemas.ts';

/** Served from here at once, bytes: a function holds its answer in memory. */
const SLICE = 8 * 2 ** 20;
const WHOLE = 32 * 2 ** 20;

export const getBundle = route({
  name: 'getBundle',
  method: 'GET',
  role: 'Repair.Read',
  path: 'repairs/{id}/bundle',
  summary: 'Everything of a repair for a support request, as one zip; by Range in parts, so that a download can be resumed',
  params: idParams,
  answers: {
    200: { description: 'The zip, where it is small', content: { 'application/zip': null } },
    206: { description: 'The part that Range asks for, at most 8 MiB of it', content: { 'application/zip': null } },
    307: { description: 'Where a large zip is served for an hour', location: true },
  },
  problems: [404, 409, 416],
  async handle({ params: { id }, request, client, services: { records, settings } }) {
    const bundle = (await records.findBundle(id)) ?? (await pack(id, records, settings.report.timeZone));
    if (bundle) return answer(id, bundle, request, records);
    if (!(await readInstance(client, id))) throw new ProblemError('not-found', `There is no repair ${id}.`);
    throw new ProblemError('no-report-yet', `It is packed when the outcome is known; GET /api/repairs/${id} tells how far the repair is.`);
  },
});

/** Undefined = there is no record to pack. */
async function pack(id: string, records: Records, timeZone: string | null): Promise<Bundle | undefined> {
  const record = await records.readRecord(id);
  if (record === undefined) return undefined;
  return records.putBundle(id, await bundleZip(record, records, timeZone));
}

async function answer(id: string, { size, etag }: Bundle, request: HttpRequest, records: Records): Promise<HttpResponseInit> {
  const condition = request.headers.get('if-range');
  const range = condition === null || condition === etag ? readRange(request.headers.get('range'), size) : null;
  if (range === null && size > WHOLE)
    return { status: 307, headers: { location: await records.bundleUrl(id), 'cache-control': 'no-store' } };
  const [from, to] = range ?? [0, size - 1];
  const body = await records.readBundle(id, etag, from, to - from + 1);
  if (body === undefined) throw new ProblemError('no-report-yet', 'It was packed anew meanwhile: ask again.');
  const headers = {
    ...{ 'content-type': 'application/zip', 'content-disposition': `attachment; filename="bootmedic-${id}.zip"` },
    ...{ etag, 'accept-ranges': 'bytes', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    ...(range && { 'content-range': `bytes ${from}-${to}/${size}` }),
  };
  return { status: range ? 206 : 200, headers, body };
}

/** First and last byte of the part that is served; null = the whole (RFC 9110, 14.2: several ranges, or what is none, may be ignored). */
function readRange(header: string | null, size: number): [number, number] | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return null;
  // One that ends before it begins is none (14.1.1).
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = Math.min(size - 1, from + SLICE - 1, first === '' || last === '' ? size - 1 : Number(last));
  // RFC 9110, 15.5.17: how long it is, so that who has it all can see that.
  if (from >= size || to < from) throw new ProblemError('range', `The zip has ${size} bytes.`, [], { 'content-range': `bytes */${size}` });
  return [from, to];
}
