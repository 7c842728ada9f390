/** `node functions/triggers/writeOpenapi.ts` writes the API's description into the repository. */
import { writeFileSync } from 'node:fs';
import { routes } from './index.ts';
import { describeApi } from './openapi.ts';

writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(describeApi(routes), null, 2)}\n`);
