import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export interface BlobAccount {
  name: string;
  /** base64 */
  key: string;
}

export interface AzuriteOptions {
  certificatePath: string;
  keyPath: string;
  runDir: string;
  accounts: BlobAccount[];
}

const START_DEADLINE_MS = 60_000;
/** Runs inside Azurite's process: it must not outlive the simulator, however that ends. */
const EXIT_WITH_PARENT = 'data:text/javascript,process.on("disconnect",()=>process.exit(0))';

/** Microsoft's own storage emulator, in memory, over https, as a child process that dies with this one. */
export class Azurite {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin;
    this.#child = child;
  }

  static async start(options: AzuriteOptions): Promise<Azurite> {
    const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
    const child = spawn(
      process.execPath,
      [
        '--import',
        EXIT_WITH_PARENT,
        main,
        ...['--blobHost', '127.0.0.1', '--blobPort', '0', '--oauth', 'basic'],
        ...['--cert', options.certificatePath, '--key', options.keyPath],
        ...['--inMemoryPersistence', '--disableTelemetry', '--silent'],
      ],
      {
        cwd: options.runDir,
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          AZURITE_ACCOUNTS: options.accounts.map(account => `${account.name}:${account.key}`).join(';'),
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    try {
      return new Azurite(await listeningOrigin(child), child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  endpoint(account: string): string {
    return `${this.origin}/${account}`;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Waits for Azurite to say where it listens; its complaints become the error. */
async function listeningOrigin(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  child.stderr?.on('data', chunk => said.push(String(chunk)));
  const { stdout } = child;
  if (stdout === null) throw new Error('Azurite was started without an output');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Azurite did not listen within ${START_DEADLINE_MS} ms: ${said.join('')}`)),
      START_DEADLINE_MS,
    );
    child.once('exit', code => {
      clearTimeout(timer);
      reject(new Error(`Azurite ended with ${code} before it listened: ${said.join('')}`));
    });
    createInterface({ input: stdout }).on('line', line => {
      said.push(`${line}\n`);
      const origin = /listens on (https:\/\/\S+)/.exec(line)?.[1];
      if (origin === undefined) return;
      clearTimeout(timer);
      resolve(origin);
    });
  });
}
