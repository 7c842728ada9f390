import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { ActivityLog } from './arm/activityLog.ts';
import type { Cloud } from './arm/cloud.ts';
import { Consoles } from './arm/consoles.ts';
import { Estate } from './arm/estate.ts';
import { Faults } from './arm/faults.ts';
import { Guesses } from './arm/guesses.ts';
import { Journal } from './arm/journal.ts';
import { Machines } from './arm/machines.ts';
import { Operations } from './arm/operations.ts';
import { SerialPorts } from './arm/serialPorts.ts';
import { serve, serveControl } from './arm/server.ts';
import { IDENTITY_PATH } from './arm/signIn.ts';
import { Throttle } from './arm/throttle.ts';
import { type Authority, makeAuthority } from './authority.ts';
import { Azurite, type AzuriteOptions, type BlobAccount } from './azurite.ts';
import { Clock } from './clock.ts';
import { Durations } from './durations.ts';
import type { Guests } from './guests/contract.ts';
import { Identity } from './identity.ts';
import { Random } from './random.ts';
import { loadScenario } from './scenario.ts';

export { FlipError, OPPOSITES } from './arm/guesses.ts';
export { listRules } from './arm/rules.ts';
export type { AzuriteOptions } from './azurite.ts';
export { listDurations } from './durations.ts';
export { type ArmExchange, keepExchanges } from './exchanges.ts';
export { ScenarioError } from './scenario.ts';

/** In the run's folder: the authority whose word the simulator's addresses need. */
export const CA_FILE = 'ca.pem';

export interface SimulatorOptions {
  /** The parsed scenario file. */
  scenario: unknown;
  guests: Guests;
  /** Folder for certificates; made if it is not there. */
  runDir: string;
  /** 0 (default) takes a free one. */
  port?: number;
  /** How many times faster than reality; default 1. */
  timeScale?: number;
  /** Seed of the durations drawn. */
  seed?: string;
  /** Guessed rules that are to be turned round (`arm/guesses.ts`). */
  flip?: readonly string[];
  /** Storage in place of a child process; for who must have everything in one process. */
  startStorage?: (options: AzuriteOptions) => Promise<Storage>;
  /** Sees the server of ARM and identity before it is used. */
  onServer?: (server: HttpsServer) => void;
  /** Time in place of the machine's own; asked again at each reload. */
  makeTime?: (seed: string) => { clock: Clock; durations: Durations };
}

/** Where blobs are kept. */
export type Storage = Pick<Azurite, 'endpoint' | 'close'>;

/** What a client needs to know; printed as one JSON line by `main.ts`. */
interface SimulatorInfo {
  armEndpoint: string;
  blobEndpoint: string;
  identityEndpoint: string;
  identityHeader: string;
  caPath: string;
  adminUrl: string;
  timeScale: number;
}

export interface Simulator extends SimulatorInfo {
  close(): Promise<void>;
}

/** A simulator seen from inside its process. */
export interface OpenSimulator {
  info: SimulatorInfo;
  cloud: Cloud;
  /** Begins anew with another estate, behind the same addresses and identity. Nobody may be calling. */
  reload(scenario: unknown, seed: string, flip?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the simulated Azure: ARM and managed identity over https on one loopback port, Azurite beside it,
 * and a control surface of its own over http.
 * From then on this process trusts the simulator's authority too, for the guests' own network.
 * @throws ScenarioError when the scenario cannot be used, FlipError for a rule that is no guess
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { info, close } = await openSimulator(options);
  return { ...info, close };
}

/** As startSimulator. @throws ScenarioError, FlipError */
export async function openSimulator(options: SimulatorOptions): Promise<OpenSimulator> {
  const { runDir, timeScale = 1, seed = 'bootmedic' } = options;
  const makeTime =
    options.makeTime ?? ((drawnFrom: string) => ({ clock: new Clock(timeScale), durations: new Durations(new Random(drawnFrom)) }));
  const accounts = { product: account('bootmedic'), managed: account('md') };
  const rules = new Guesses(options.flip);
  const cloud = makeCloud({ ...makeTime(seed), rules }, options.guests, accounts.managed);
  try {
    loadScenario(cloud, options.scenario);
  } catch (error) {
    cloud.clock.close();
    throw error;
  }
  const authority = await makeAuthority();
  const paths = await writeCertificates(authority, runDir);
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority.ca]);
  const azurite = await (options.startStorage ?? Azurite.start)({ ...paths, runDir, accounts: Object.values(accounts) });
  const servers: (HttpServer | HttpsServer)[] = [];
  const close = async () => {
    cloud.serialPorts.close();
    await Promise.all(servers.map(stop));
    cloud.clock.close();
    await cloud.consoles.close();
    await azurite.close();
  };
  try {
    await showConsoles(cloud, azurite.endpoint(accounts.managed.name));
    const server = await serve(cloud, authority, options.port ?? 0);
    servers.push(server, await serveControl(cloud));
    options.onServer?.(server);
  } catch (error) {
    await close();
    throw error;
  }
  const [arm, admin] = servers.map(server => (server.address() as AddressInfo).port);
  const armEndpoint = `https://127.0.0.1:${arm}`;
  cloud.operations.origin = armEndpoint;
  const reload = async (scenario: unknown, seed: string, flip?: readonly string[]) => {
    const rules = new Guesses(flip);
    cloud.clock.close();
    cloud.serialPorts.close();
    await cloud.consoles.close();
    const fresh = makeCloud({ ...makeTime(seed), rules }, options.guests, accounts.managed);
    Object.assign(cloud, fresh, { identity: cloud.identity });
    cloud.operations.origin = armEndpoint;
    loadScenario(cloud, scenario);
    await showConsoles(cloud, azurite.endpoint(accounts.managed.name));
  };
  const info = {
    armEndpoint,
    blobEndpoint: azurite.endpoint(accounts.product.name),
    identityEndpoint: `${armEndpoint}${IDENTITY_PATH}`,
    identityHeader: cloud.identity.header,
    caPath: paths.caPath,
    adminUrl: `http://127.0.0.1:${admin}/simulator`,
    timeScale,
  };
  return { info, cloud, reload, close };
}

async function showConsoles(cloud: Cloud, endpoint: string): Promise<void> {
  cloud.consoles.connect(endpoint);
  const vms = cloud.estate.vms();
  // A large estate's, all at once, would be more connections than a listening socket lets wait.
  for (let n = 0; n < vms.length; n += 100) await Promise.all(vms.slice(n, n + 100).map(vm => cloud.consoles.refresh(vm)));
}

function makeCloud(basis: Pick<Cloud, 'clock' | 'durations' | 'rules'>, guests: Guests, managed: BlobAccount): Cloud {
  const { clock, durations, rules } = basis;
  const estate = new Estate();
  const machines = new Machines(clock, durations, estate, guests);
  const consoles = new Consoles(managed, basis, guests, machines);
  machines.onScreen = vm => void consoles.refresh(vm);
  return {
    ...{ ...basis, guests, estate, machines, consoles },
    operations: new Operations(clock),
    throttle: new Throttle(clock),
    journal: new Journal(),
    activity: new ActivityLog(clock, durations, rules),
    faults: new Faults(),
    identity: new Identity(),
    serialPorts: new SerialPorts(),
  };
}

async function stop(server: HttpServer | HttpsServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** An account with a random name behind the prefix, and a random key. */
function account(prefix: string): BlobAccount {
  return { name: `${prefix}${randomBytes(6).toString('hex')}`, key: randomBytes(64).toString('base64') };
}

async function writeCertificates(authority: Authority, runDir: string) {
  await mkdir(runDir, { recursive: true });
  const paths = { caPath: join(runDir, CA_FILE), certificatePath: join(runDir, 'server.pem'), keyPath: join(runDir, 'server.key') };
  await writeFile(paths.caPath, authority.ca);
  await writeFile(paths.certificatePath, authority.certificate);
  await writeFile(paths.keyPath, authority.key, { mode: 0o600 });
  return paths;
}
