/** Bicep sources as syntax trees, and what breaks first in them: there is no Bicep compiler on these machines. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

async function makeParser(): Promise<Parser> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));
  return parser;
}
let shared: Promise<Parser> | undefined;

export async function parseBicep(text: string): Promise<Node> {
  shared ??= makeParser();
  const tree = (await shared).parse(text);
  if (tree === null) throw new Error('the grammar gave up');
  return tree.rootNode;
}
