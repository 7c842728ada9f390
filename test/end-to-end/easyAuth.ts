/**
 * The app with App Service's authentication in front of it: who calls is told by `x-test-principal`, which stands for the token that Azure
 * has checked. The embedded host knows its own user alone. An entry for the host, not a test itself.
 */
import { createRequire } from 'node:module';

interface Core {
  registerHook(name: 'preInvocation', hook: (context: { inputs: unknown[] }) => void): void;
}

const require = createRequire(import.meta.url);
const core = require('@azure/functions-core') as Core;
core.registerHook('preInvocation', ({ inputs: [request] }) => {
  if (typeof request !== 'object' || request === null || !('headers' in request) || !(request.headers instanceof Headers)) return;
  const principal = request.headers.get('x-test-principal');
  if (principal !== null) request.headers.set('x-ms-client-principal', principal);
});
require('../../dist/functions/index.cjs');
