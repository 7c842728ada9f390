/** PowerShell sources as syntax trees, by the grammar of tree-sitter-powershell. */
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

export type { Node };

async function makeParser(): Promise<Parser> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')));
  return parser;
}
let shared: Promise<Parser> | undefined;

/** The tree of a script; where the grammar has no rule for the text, it holds ERROR nodes. */
export async function parse(text: string): Promise<Node> {
  shared ??= makeParser();
  const tree = (await shared).parse(text);
  if (tree === null) throw new Error('the grammar gave up');
  return tree.rootNode;
}

/** All nodes of these types below a node, in the order of the text. */
export const all = (node: Node, ...types: string[]): Node[] => node.descendantsOfType(types);

export const names = (node: Node): string[] => all(node, 'function_name').map(each => each.text);

/** The nearest node of a type around a node. */
export function around(node: Node, ...types: string[]): Node | undefined {
  for (let at = node.parent; at !== null; at = at.parent) if (types.includes(at.type)) return at;
  return undefined;
}

/** A command's name as written; '' where it is computed. */
export const nameOf = (command: Node): string => command.namedChildren.find(each => each?.type === 'command_name')?.text ?? '';

/** What follows a command's parameter, `-Tool 'reg'` -> the node of `'reg'`. */
export function argumentOf(command: Node, parameter: string): Node | undefined {
  const elements = command.namedChildren.find(each => each?.type === 'command_elements')?.namedChildren ?? [];
  const plain = elements.filter(each => each !== null && each.type !== 'command_argument_sep');
  const at = plain.findIndex(each => each?.type === 'command_parameter' && each.text.toLowerCase() === `-${parameter.toLowerCase()}`);
  return at === -1 ? undefined : (plain[at + 1] ?? undefined);
}
