/** Prints what the entry registers, as a host would learn it. Run as a process of its own; not a test itself. */
import { supplyFunctionsCore } from '../../host/functionsCore.ts';

const core = supplyFunctionsCore(() => {});
await import('../../functions/index.ts');
const triggers = core.registrations.map(({ metadata }) => ({
  ...Object.values(metadata.bindings ?? {}).find(({ type }) => type?.endsWith('Trigger')),
  name: metadata.name,
}));
process.stdout.write(JSON.stringify(triggers));
