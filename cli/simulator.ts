/** The simulated Azure as a child process, and how others are pointed at it. */
import { join } from 'node:path';
import { z } from 'zod';
import { builtProgram, type Running, root, startProgram } from './processes.ts';

const simulatorReady = z.object({
  armEndpoint: z.url(),
  blobEndpoint: z.url(),
  identityEndpoint: z.url(),
  identityHeader: z.string(),
  caPath: z.string(),
  adminUrl: z.url(),
  timeScale: z.number(),
});
export type SimulatedAzure = z.infer<typeof simulatorReady>;
export type Simulator = Running<SimulatedAzure>;

export interface SimulatorOptions {
  port: number;
  /** Scenario file. */
  scenario: string;
  timeScale: number;
  /** Guessed rules that are turned round; it refuses others. */
  flip?: string[];
  /** Folder for its certificates, blobs and log. */
  folder: string;
  /** A pwsh that its guests run scripts with. */
  powershell?: string;
}

/** Shipped with the build. */
export const demoScenario = join(root, 'dist/simulator/scenarios/demo.json');

export function startSimulator(options: SimulatorOptions, signal: AbortSignal): Promise<Simulator> {
  const { port, scenario, timeScale, folder, powershell, flip = [] } = options;
  const args = ['--port', String(port), '--scenario', scenario, '--time-scale', String(timeScale), '--run-dir', folder];
  if (powershell !== undefined) args.push('--powershell', powershell);
  args.push(...flip.flatMap(rule => ['--flip', rule]));
  const log = join(folder, 'simulator.log');
  return startProgram({ name: 'simulator', file: builtProgram('simulator'), args, env: process.env, log, ready: simulatorReady }, signal);
}

/** What points bootmedic, and any client with DefaultAzureCredential, at a simulated Azure. */
export function simulatorEnvironment(azure: SimulatedAzure): { [name: string]: string } {
  return {
    BOOTMEDIC_ARM_ENDPOINT: azure.armEndpoint,
    BOOTMEDIC_BLOB_ENDPOINT: azure.blobEndpoint,
    BOOTMEDIC_TIME_SCALE: String(azure.timeScale),
    IDENTITY_ENDPOINT: azure.identityEndpoint,
    IDENTITY_HEADER: azure.identityHeader,
    NODE_EXTRA_CA_CERTS: azure.caPath,
  };
}
