/** Azurite in this process, so that it lives in the same time. Its package has no types of its own. */
import type { Server } from 'node:https';
import { createRequire } from 'node:module';
import type { AzuriteOptions } from '../simulator/azurite.ts';
import type { Storage } from '../simulator/index.ts';

interface Database {
  listCollections(): { name: string }[];
  getCollection(name: string): { clear(): void };
}

interface BlobServer {
  httpServer: Server;
  metadataStore: { db: Database };
  extentMetadataStore: { db: Database };
  extentStore: { chunks: { clear(category: string): void } };
  gcManager: { start(): Promise<void>; close(): Promise<void> };
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

export interface ExplorerStorage extends Storage {
  /** Forgets every container and blob. */
  empty(): void;
}

const require = createRequire(import.meta.url);
const keepAliveSeconds = 30;

interface Template {
  fromUri(path: string, options: object): object | undefined;
}

/**
 * For each request Azurite parses some hundred templates of paths, and matches each of them with one of three patterns (`/`, `/container`,
 * `/container/blob`): a seventh of all that a schedule costs.
 */
function rememberTemplates(): void {
  const ofAzurite = createRequire(require.resolve('azurite/package.json'));
  const parse: (template: string) => Template = ofAzurite('uri-templates');
  const known = new Map<string, Template>();
  const entry = require.cache[ofAzurite.resolve('uri-templates')];
  if (entry)
    entry.exports = (text: string) => {
      const template = known.get(text) ?? remembering(parse(text));
      known.set(text, template);
      return template;
    };
}

function remembering(template: Template): Template {
  const matches = new Map<string, object | undefined>();
  return {
    fromUri(path, options) {
      if (!matches.has(path)) matches.set(path, template.fromUri(path, options));
      return matches.get(path);
    },
  };
}

export async function startStorage(options: AzuriteOptions, onServer: (server: Server) => void): Promise<ExplorerStorage> {
  process.env.AZURITE_ACCOUNTS = options.accounts.map(account => `${account.name}:${account.key}`).join(';');
  rememberTemplates();
  const { default: Configuration } = require('azurite/dist/src/blob/BlobConfiguration.js');
  const { default: Server } = require('azurite/dist/src/blob/BlobServer.js');
  const { certificatePath: cert, keyPath: key } = options;
  const [quiet, strict] = [false, false];
  const configuration = new Configuration(
    ...['127.0.0.1', 0, keepAliveSeconds, 'metadata', 'extents', [], quiet, undefined, quiet, undefined, strict, strict],
    ...[cert, key, '', 'basic', false, true],
  );
  const server: BlobServer = new Server(configuration);
  // Collects garbage every ten minutes, of which virtual time has many; it is emptied between scenarios instead.
  server.gcManager = { start: async () => {}, close: async () => {} };
  await server.start();
  onServer(server.httpServer);
  const origin = server.getHttpServerAddress();
  const empty = () => {
    for (const { db } of [server.metadataStore, server.extentMetadataStore])
      for (const { name } of db.listCollections()) db.getCollection(name).clear();
    server.extentStore.chunks.clear('blob');
  };
  return { endpoint: account => `${origin}/${account}`, close: () => server.close(), empty };
}
