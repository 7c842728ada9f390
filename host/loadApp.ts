/** Loads the app's entry as the Node worker does: package.json `main`, by `import()` for ES modules, by `require` otherwise. */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { errorText } from './logger.ts';

const packageJson = z.looseObject({ main: z.string().optional(), type: z.string().optional() });

/** @param entry path or glob relative to the app's root; package.json `main` when not given. @throws Error in one sentence. */
export async function loadApp(appRoot: string, entry?: string): Promise<void> {
  const root = resolve(appRoot);
  const pattern = entry ?? readPackage(root).main;
  if (pattern === undefined) throw new Error(`${join(root, 'package.json')} names no "main"`);
  const files = globSync(pattern, { cwd: root }).map(file => resolve(root, file));
  if (files.length === 0) throw new Error(`The app's entry ${join(root, pattern)} does not exist (is it built?)`);
  for (const file of files.sort()) {
    try {
      if (isModule(file)) await import(pathToFileURL(file).href);
      else createRequire(file)(file);
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      throw new Error(`The app's entry ${file} failed to load: ${errorText(error)}`, { cause: stack });
    }
  }
}

function readPackage(folder: string): z.infer<typeof packageJson> {
  const file = join(folder, 'package.json');
  try {
    return packageJson.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`Cannot read ${file}: ${errorText(error)}`);
  }
}

function isModule(file: string): boolean {
  const extension = extname(file);
  if (extension === '.mjs' || extension === '.mts') return true;
  if (extension === '.cjs' || extension === '.cts') return false;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      return readPackage(folder).type === 'module';
    } catch {
      if (folder === dirname(folder)) return false;
    }
  }
}
