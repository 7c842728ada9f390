/** Is this a PowerShell that can run the scripts? */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const REMEDY = 'give the path of PowerShell 7 (pwsh), or leave the option out: then the guests run the twins of the scripts that ship';

/** The absolute path of a `pwsh`, given by its path or by a name on PATH. @throws Error that says what is wrong and what to do. */
export async function findPowerShell(name: string): Promise<string> {
  const places = /[/\\]/.test(name) ? [resolve(name)] : (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, name));
  for (const place of places) {
    if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    ) {
      await checkVersion(place);
      return place;
    }
  }
  throw new Error(`nothing that runs is at '${name}': ${REMEDY}`);
}

async function checkVersion(file: string): Promise<void> {
  const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 60_000 }).catch(() => ({ stdout: '' }));
  if (!/^PowerShell 7\./.test(stdout)) throw new Error(`'${file}' does not call itself PowerShell 7: ${REMEDY}`);
}
