/** The app that a command talks to: a deployed one, a host that runs already, or one started for the time of the command. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Client, createClient } from './client.ts';
import { builtProgram, type Running, root, startProgram } from './processes.ts';
import { forgetRun, runningHost, writeRun } from './runFile.ts';

export interface App {
  url: string;
  client: Client;
  /** Started by this command, and ended with it: what it has under way rests until the next host of its data folder. */
  owned: boolean;
  /** Aborted when the user stops us, or when the host that we started has died. */
  signal: AbortSignal;
  close(): Promise<void>;
}

export interface AppChoice {
  /** Address of a deployed app; without it the host of `data`. */
  app?: string | undefined;
  data: string;
}

const hostReady = z.object({ url: z.url() });
export type Host = Running<z.infer<typeof hostReady>> & { token: string };

/** Starts the embedded host on a data folder and notes it in `run.json`. Its log is `<data>/host.log`. */
export async function startHost(data: string, port: number, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Host> {
  const folder = resolve(data);
  const args = ['--app', root, '--data', folder, '--port', String(port)];
  const token = randomBytes(32).toString('base64url');
  const withToken = { ...env, BOOTMEDIC_HOST_TOKEN: token };
  const program = { name: 'host', file: builtProgram('host'), args, env: withToken, log: join(folder, 'host.log'), ready: hostReady };
  const host = await startProgram(program, signal);
  writeRun(folder, { url: host.ready.url, pid: host.pid, token });
  const stop = async () => {
    await host.stop();
    forgetRun(folder, host.pid);
  };
  return { ...host, token, stop };
}

/** @throws CliError when there is none and none can be started */
export async function openApp({ app, data }: AppChoice, interrupt: AbortSignal): Promise<App> {
  const there = app === undefined ? await runningHost(resolve(data), interrupt) : { url: app, token: process.env.BOOTMEDIC_APP_TOKEN };
  if (there !== null) {
    const { url, token } = there;
    const client = createClient(url, interrupt, token);
    return { url, client, owned: false, signal: interrupt, close: async () => {} };
  }
  const host = await startHost(data, 0, process.env, interrupt);
  const signal = AbortSignal.any([interrupt, host.gone]);
  return { url: host.ready.url, client: createClient(host.ready.url, signal, host.token), owned: true, signal, close: host.stop };
}
