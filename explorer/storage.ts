/** Azurite in this process, so that it lives in the same time. Its package has no types of its own. */
import type { Server } from 'node:https';
import { createRequire } from 'node:module';
import type { AzuriteOptions } from '../simulator/azurite.ts';
import type { Storage } from '../simulator/index.ts';

interface BlobServer {
  httpServer: Server;
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

const require = createRequire(import.meta.url);
const keepAliveSeconds = 30;

export async function startStorage(options: AzuriteOptions, onServer: (server: Server) => void): Promise<Storage> {
  process.env.AZURITE_ACCOUNTS = options.accounts.map(account => `${account.name}:${account.key}`).join(';');
  const { default: Configuration } = require('azurite/dist/src/blob/BlobConfiguration.js');
  const { default: Server } = require('azurite/dist/src/blob/BlobServer.js');
  const { certificatePath: cert, keyPath: key } = options;
  const [quiet, strict] = [false, false];
  const configuration = new Configuration(
    ...['127.0.0.1', 0, keepAliveSeconds, 'metadata', 'extents', [], quiet, undefined, quiet, undefined, strict, strict],
    ...[cert, key, '', 'basic', false, true],
  );
  const server: BlobServer = new Server(configuration);
  await server.start();
  onServer(server.httpServer);
  const origin = server.getHttpServerAddress();
  return { endpoint: account => `${origin}/${account}`, close: () => server.close() };
}
