/**
 * The Azure CLI against the simulator: commands and what they must print. It signs in with the simulator's managed identity, as in a
 * Functions app. Debian's package mixes versions in its default profile (`az vm` fails in it before any request): an older one is used.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Finding, Ledger } from '../report.ts';
import { BROKEN, type ClientWorld, GROUP, matches, READY, SUBSCRIPTION, told } from './estate.ts';

const INSTRUMENT = 'az';
const COMMAND_DEADLINE_MS = 180_000;
const run = promisify(execFile);

interface Command {
  /** As typed, after `az`. */
  args: string;
  /** What its JSON output must match; nothing printed is undefined. */
  expected?: unknown;
  /** What it must complain of instead. */
  refused?: RegExp;
}

const vm = `-g ${GROUP} -n ${BROKEN}`;
const COMMANDS: Command[] = [
  { args: 'account show', expected: { id: SUBSCRIPTION, state: 'Enabled' } },
  { args: 'account list-locations --query [].name', expected: ['westeurope', 'northeurope'] },
  { args: 'provider show -n Microsoft.Compute', expected: { namespace: 'Microsoft.Compute', registrationState: 'Registered' } },
  { args: 'group list --query [].name', expected: ['rg-shop', GROUP] },
  { args: `vm list -g ${GROUP} --query [].name`, expected: ['crm-en-05', 'old-bad-04', BROKEN] },
  { args: `vm show ${vm}`, expected: { name: BROKEN, provisioningState: 'Succeeded', storageProfile: { osDisk: { osType: 'Windows' } } } },
  {
    args: `vm get-instance-view ${vm} --query instanceView.statuses[].code`,
    expected: ['ProvisioningState/succeeded', 'PowerState/running'],
  },
  { args: `vm boot-diagnostics get-boot-log-uris ${vm}`, expected: { consoleScreenshotBlobUri: /sig=/, serialConsoleLogBlobUri: /sig=/ } },
  { args: 'vm list-usage -l westeurope --query [0].name.value', expected: 'cores' },
  { args: `vm show -g ${GROUP} -n nobody`, refused: /ResourceNotFound/ },
  { args: `snapshot create -g ${GROUP} -n s1 --source ${BROKEN}-os`, expected: { provisioningState: 'Succeeded', incremental: false } },
  {
    args: `disk create -g ${GROUP} -n d1 --size-gb 10 --sku Standard_LRS`,
    expected: { provisioningState: 'Succeeded', diskIopsReadWrite: 500 },
  },
  {
    args: `disk create -g ${GROUP} -n ${BROKEN}-copy --source s1 --sku StandardSSD_LRS`,
    expected: { osType: 'Windows', provisioningState: 'Succeeded' },
  },
  { args: `vm disk attach -g ${GROUP} --vm-name ${BROKEN} --name d1` },
  { args: `disk show -g ${GROUP} -n d1`, expected: { diskState: 'Attached', managedBy: new RegExp(BROKEN) } },
  { args: `vm disk detach -g ${GROUP} --vm-name ${BROKEN} --name d1` },
  { args: `vm deallocate ${vm}` },
  {
    args: `vm update ${vm} --os-disk ${BROKEN}-copy`,
    expected: { provisioningState: 'Succeeded', storageProfile: { osDisk: { name: `${BROKEN}-copy` } } },
  },
  { args: `vm start ${vm}` },
  { args: `disk delete -y -g ${GROUP} -n crm-en-05-os`, refused: /OperationNotAllowed/ },
  {
    args: `vm run-command invoke -g ${READY.group} -n ${READY.name} --command-id RunPowerShellScript --scripts hello`,
    expected: { value: [{ code: 'ComponentStatus/StdOut/succeeded' }, {}] },
  },
  {
    args: `resource list -g ${GROUP} --resource-type Microsoft.Compute/virtualMachines --query [].name`,
    expected: [BROKEN, 'old-bad-04', 'crm-en-05'],
  },
  {
    args: `resource show -g ${GROUP} --resource-type Microsoft.Compute/disks -n d1`,
    expected: { properties: { diskState: 'Unattached' } },
  },
  {
    args: `rest --method get --url /subscriptions/${SUBSCRIPTION}/resourceGroups?api-version=2021-04-01 --query value[].name`,
    expected: ['rg-shop', GROUP],
  },
  { args: 'group create -n rg-new -l westeurope', expected: { properties: { provisioningState: 'Succeeded' } } },
  { args: 'group delete -n rg-new -y' },
  { args: 'lock list', expected: [] },
];

export async function azFinding(world: ClientWorld): Promise<Finding> {
  const az = await makeAz(world);
  if (az === undefined) return { instrument: INSTRUMENT, checks: 0, failures: [], skipped: 'the Azure CLI (az) is not installed' };
  const ledger = new Ledger(INSTRUMENT);
  const version = JSON.parse((await az('version')).out)['azure-cli'];
  const source = `azure-cli ${version}`;
  const { armEndpoint } = world.simulator.info;
  const tenant = 'https://login.microsoftonline.com';
  await az(
    `cloud register -n simulator --endpoint-resource-manager ${armEndpoint} --endpoint-active-directory ${tenant} --endpoint-active-directory-resource-id https://management.core.windows.net/ --endpoint-active-directory-graph-resource-id https://graph.windows.net/`,
  );
  await az('cloud set -n simulator --profile 2020-09-01-hybrid');
  const signedIn = await az('login --identity');
  ledger.check('az login --identity', source, 0, signedIn.code);
  const rows: (string | number)[][] = [];
  for (const command of COMMANDS) {
    const { code, out, complaint } = await az(command.args);
    const good = ledger.check(
      `az ${command.args}`,
      source,
      expectation(command),
      code === 0 ? out : complaint,
      fits(command, code, out, complaint),
    );
    rows.push([`az ${command.args}`, good ? 'as expected' : 'NOT as expected']);
  }
  return ledger.finding([{ title: `Azure CLI ${version}`, head: ['command', 'result'], rows }]);
}

function expectation({ expected, refused }: Command): string {
  return refused === undefined ? told(expected) : `refused: ${refused}`;
}

function fits({ expected, refused }: Command, code: number, out: string, complaint: string): boolean {
  if (refused !== undefined) return code !== 0 && refused.test(complaint);
  if (code !== 0) return false;
  return expected === undefined || matches(expected, out.trim() === '' ? undefined : JSON.parse(out));
}

interface Ran {
  code: number;
  out: string;
  complaint: string;
}

/** How to run it here; undefined where it is not installed. */
async function makeAz({ simulator, folder }: ClientWorld): Promise<((args: string) => Promise<Ran>) | undefined> {
  const { caPath, identityEndpoint, identityHeader } = simulator.info;
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, AZURE_CONFIG_DIR: join(folder, 'az') },
    ...{ AZURE_CORE_COLLECT_TELEMETRY: 'false', AZURE_CORE_ONLY_SHOW_ERRORS: 'true', REQUESTS_CA_BUNDLE: caPath },
    // By these it takes itself to be in a Functions app.
    ...{ APPSETTING_WEBSITE_SITE_NAME: 'bootmedic', MSI_ENDPOINT: identityEndpoint, MSI_SECRET: identityHeader },
  };
  const az = async (args: string): Promise<Ran> => {
    try {
      const { stdout } = await run('az', args.split(' '), { env, timeout: COMMAND_DEADLINE_MS });
      return { code: 0, out: stdout, complaint: '' };
    } catch (error) {
      if (!(error instanceof Error) || Reflect.get(error, 'code') === 'ENOENT') throw error;
      return { code: Number(Reflect.get(error, 'code') ?? 1), out: '', complaint: String(Reflect.get(error, 'stderr') ?? error.message) };
    }
  };
  try {
    await az('version');
    return az;
  } catch {
    return undefined;
  }
}
