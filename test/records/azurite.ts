import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

const main = fileURLToPath(new URL('../../node_modules/azurite/dist/src/blob/main.js', import.meta.url));
const account = 'tester';
const key = Buffer.alloc(64, 7).toString('base64');

export interface Azurite {
  service: BlobServiceClient;
  /** For a process of its own. */
  connectionString: string;
  stop(): Promise<void>;
}

/** Microsoft's blob emulator on a free loopback port, kept in memory, with an account of its own. */
export async function startAzurite(): Promise<Azurite> {
  const options = ['--blobHost', '127.0.0.1', '--blobPort', '0', '--inMemoryPersistence', '--disableTelemetry', '--silent'];
  const child = spawn(process.execPath, [main, ...options], {
    env: { ...process.env, AZURITE_ACCOUNTS: `${account}:${key}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await listening(child);
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${address}/${account};`,
    service: new BlobServiceClient(`${address}/${account}`, new StorageSharedKeyCredential(account, key)),
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', chunk => {
      output += chunk;
      const address = /successfully listens on (\S+)/.exec(output)?.[1];
      if (address) resolve(address);
    });
    child.once('exit', code => reject(new Error(`Azurite ended with ${code}: ${output}`)));
  });
}
