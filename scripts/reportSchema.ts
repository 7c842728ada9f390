/** Writes `docs/report.schema.json`, the schema of a report's JSON form, from the schemas that records are checked with. `npm run docs:schema`. */
import { writeFileSync } from 'node:fs';
import { reportSchema } from '../report/schema.ts';

writeFileSync(new URL('../docs/report.schema.json', import.meta.url), `${JSON.stringify(reportSchema(), null, 2)}\n`);
