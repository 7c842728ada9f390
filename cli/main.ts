#!/usr/bin/env node
/**
 * The command `bootmedic`. Loads nothing but Node's own modules before it knows that this Node can run the rest;
 * an older one hands over to the Node that came with the package.
 */
import { bundledNode, handOver, isTooOld, packageRoot, tooOldText } from './node24.ts';

if (isTooOld(process.versions.node)) {
  const node = bundledNode(packageRoot(import.meta.url));
  if (node) process.exitCode = await handOver(node, process.argv.slice(1));
  else {
    process.stderr.write(tooOldText(process.versions.node));
    process.exitCode = 3;
  }
} else {
  const { run } = await import('./program.ts');
  process.exitCode = await run(process.argv.slice(2));
}
