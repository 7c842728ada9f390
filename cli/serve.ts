/** `npm start -- --serve`: the simulated estate and the host stay up, for the reader to try. */
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { quoted } from '../report/words.ts';
import type { DemoWorld } from './demo.ts';
import { demoAlert, demoVms } from './demoEstate.ts';
import { until } from './interrupt.ts';
import { canOpen, openPage } from './openPage.ts';
import { fileIn } from './runFile.ts';
import type { Terminal } from './terminal.ts';

/** The last of those that an alert names: what is printed repairs the first. */
const reviewed = demoVms.findLast(({ by }) => by === 'alert')?.id ?? '';

/** Address that opens the live page and signs the browser in: a secret for as long as that host runs. */
export function pageOf(url: string, token: string): string {
  return `${url}/api/ui?token=${token}`;
}

/** Starts one repair, which waits for its approval, opens the live page, and prints how to do more. Ends only by the signal. */
export async function serve(world: DemoWorld, terminal: Terminal, json = false): Promise<never> {
  const alertFile = join(world.folder, 'alert.json');
  await writeFile(alertFile, `${JSON.stringify(demoAlert(new Date()), null, 2)}\n`);
  const { url, page, azure, folder } = world;
  if (json)
    terminal.write(
      `${JSON.stringify({ url, page, azure, folder, alertFile, runFile: fileIn(join(folder, 'host')), vms: demoVms.map(({ id }) => id) })}\n`,
    );
  else {
    // So that there is a plan to read and an approval to give.
    await world.client.start({ vmId: reviewed, mode: 'review', playbook: null, consents: [], requestedBy: 'demo' });
    terminal.write(curlLines(world, relative(process.cwd(), alertFile), terminal));
    if (canOpen(terminal.live)) await openPage(page);
  }
  return until(world.signal);
}

function curlLines({ url, page, azure, folder }: DemoWorld, alertFile: string, { paint }: Terminal): string {
  const here = (file: string) => relative(process.cwd(), file);
  const runFile = here(fileIn(join(folder, 'host')));
  const curl = `curl -s -H "authorization: Bearer $BOOTMEDIC_TOKEN"`;
  const json = `-H 'content-type: application/json'`;
  const broken = demoVms.find(({ by }) => by === 'alert')?.id;
  // Read by the shell: a secret that is printed stays in scrollback and logs.
  const read = `node -p 'JSON.parse(fs.readFileSync(process.argv[1])).token' ${quoted(runFile)}`;
  const lines: [string, string][] = [
    ['who may call: whoever can read this file', `export BOOTMEDIC_TOKEN="$(${read})"`],
    ['alert: repair the broken VMs', `${curl} ${json} -d ${quoted(`@${alertFile}`)} ${url}/api/alerts`],
    ['repair one VM; the answer names the repair’s id', `${curl} ${json} -d '{"vmId":"${broken}"}' ${url}/api/repairs`],
    ['all repairs', `${curl} ${url}/api/repairs`],
    ['one repair, its report, and the end of it', `${curl} ${url}/api/repairs/<id>`],
    ['', `${curl} ${url}/api/repairs/<id>/report.md        # .html, .json`],
    ['', `${curl} -X POST ${url}/api/repairs/<id>/cancel`],
    ['what the simulated Azure holds', `curl -s ${azure.adminUrl}/state`],
    ['the same by this command line', `npx bootmedic status --data ${quoted(here(join(folder, 'host')))}`],
  ];
  const text = lines.map(([what, line]) => `${what && `\n${paint.dim(`# ${what}`)}\n`}${line}\n`).join('');
  // Of a simulated estate, and it ends with this process: nothing is lost where it stays in scrollback.
  const live = `\n  ${paint.bold('live page')}         ${paint.cyan(page)}\n  ${reviewed.split('/').at(-1)} is under repair in mode review: in a minute its plan waits there for you.\n`;
  return `${live}${text}\n${demoVms.map(({ id }) => `${id}\n`).join('')}\nCtrl-C ends it.\n`;
}
