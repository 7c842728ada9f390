/** Bicep sources as syntax trees, and what breaks first in them: there is no Bicep compiler on these machines, only a grammar. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

async function makeParser(): Promise<Parser> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));
  return parser;
}
let shared: Promise<Parser> | undefined;

/** The grammar (1.1.0) knows neither `extension`, nor the parameters of a .bicepparam file. */
function forGrammar(file: string, text: string): string {
  if (!file.endsWith('.bicepparam')) return text.replace(/^extension (?=\w+$)/m, '// extension ');
  return text.replace(/^using .*$/m, '').replaceAll(/^param /gm, 'var ');
}

export interface BicepFile {
  file: string;
  root: Node;
}

export async function parseBicep(file: string, text = readFileSync(file, 'utf8')): Promise<BicepFile> {
  shared ??= makeParser();
  const tree = (await shared).parse(forGrammar(file, text));
  if (tree === null) throw new Error(`${file}: the grammar gave up`);
  return { file, root: tree.rootNode };
}

const functions = new Set(
  [
    ...['concat', 'contains', 'empty', 'environment', 'flatten', 'guid', 'loadJsonContent', 'map', 'max', 'min', 'readEnvironmentVariable'],
    ...['resourceGroup', 'resourceId', 'string', 'subscription', 'subscriptionResourceId', 'take', 'tenant', 'toLower', 'toObject'],
    ...['union', 'uniqueString', 'allowed', 'description', 'export', 'maxLength', 'minLength', 'minValue', 'secure'],
  ].map(name => name.toLowerCase()),
);

const declarations = [
  'parameter_declaration',
  'variable_declaration',
  'resource_declaration',
  'module_declaration',
  'output_declaration',
  'type_declaration',
];
const named = (node: Node): Node[] => node.namedChildren.filter(child => child !== null);
const nameOf = (node: Node): string => node.descendantsOfType('identifier')[0]?.text ?? '';

/** Declarations of a kind, nested ones too. */
export function declared({ root }: BicepFile, kind: 'parameter' | 'variable' | 'resource' | 'module' | 'output' | 'type'): Node[] {
  return root.descendantsOfType(`${kind}_declaration`).filter(node => node !== null);
}

/** Everything that cannot be right, as `file:line what`. */
export function problemsIn(bicep: BicepFile): string[] {
  const { root, file } = bicep;
  const at = (node: Node, what: string) => `${file}:${node.startPosition.row + 1} ${what}`;
  const unreadable = root.descendantsOfType('ERROR').flatMap(node => (node ? [at(node, `cannot be read: ${node.text.slice(0, 40)}`)] : []));
  const known = knownNames(bicep);
  const used = new Set<string>();
  const unknown = references(root).flatMap(({ node, called }) => {
    if (called) return functions.has(node.text.toLowerCase()) ? [] : [at(node, `calls ${node.text}, which is no function known here`)];
    used.add(node.text);
    return known.has(node.text) || node.text === 'each' ? [] : [at(node, `names ${node.text}, which is not declared`)];
  });
  const idle = [...declared(bicep, 'parameter'), ...declared(bicep, 'variable')]
    .filter(node => !file.endsWith('.bicepparam') && !used.has(nameOf(node)))
    .map(node => at(node, `declares ${nameOf(node)}, which nothing uses`));
  return [...unreadable, ...unknown, ...idle];
}

function knownNames({ root }: BicepFile): Set<string> {
  const own = root.descendantsOfType(declarations).flatMap(node => (node ? [nameOf(node)] : []));
  const imported = root.descendantsOfType('import_functionality').flatMap(node => (node ? named(node).map(child => child.text) : []));
  const looped = root.descendantsOfType('for_statement').flatMap(node => node?.childForFieldName('initializer')?.text ?? []);
  const lambda = root.descendantsOfType('lambda_expression').flatMap(node => (node ? [named(node)[0]?.text ?? ''] : []));
  return new Set([...own, ...imported, ...looped, ...lambda]);
}

/** Identifiers that stand for something declared elsewhere: not keys, not names being declared. */
function references(root: Node): { node: Node; called: boolean }[] {
  return root.descendantsOfType('identifier').flatMap(node => {
    const parent = node?.parent;
    if (!node || !parent) return [];
    const first = named(parent)[0]?.id === node.id;
    const declares =
      (first && [...declarations, 'object_property', 'lambda_expression'].includes(parent.type)) ||
      (parent.type === 'for_statement' && parent.childForFieldName('initializer')?.id === node.id) ||
      parent.type === 'import_functionality';
    // The grammar takes a call in an array for a name and a parenthesis.
    const called = root.text[node.endIndex - root.startIndex] === '(';
    return declares ? [] : [{ node, called }];
  });
}

/** What does not fit between the modules that a file uses and their files: parameters missing or unknown, outputs that are not there. */
export async function moduleProblems(bicep: BicepFile): Promise<string[]> {
  const problems: string[] = [];
  for (const module of declared(bicep, 'module')) {
    const name = nameOf(module);
    const path = module.descendantsOfType('string_content')[0]?.text ?? '';
    const target = await parseBicep(join(dirname(bicep.file), path));
    const wanted = new Map(declared(target, 'parameter').map(node => [nameOf(node), /^param\s+\S+\s+[^=]+=/.test(node.text)]));
    const given = paramsGiven(module);
    problems.push(
      ...given.filter(each => !wanted.has(each)).map(each => `${bicep.file}: module ${name} is given ${each}, which ${path} does not take`),
      ...[...wanted]
        .filter(([each, optional]) => !optional && !given.includes(each))
        .map(([each]) => `${bicep.file}: module ${name} lacks ${each}`),
    );
    const outputs = declared(target, 'output').map(nameOf);
    for (const [, used = ''] of bicep.root.text.matchAll(new RegExp(`\\b${name}\\.\\??outputs\\.(\\w+)`, 'g')))
      if (!outputs.includes(used)) problems.push(`${bicep.file}: ${name}.outputs.${used} is not an output of ${path}`);
  }
  return problems;
}

function paramsGiven(module: Node): string[] {
  const params = module.descendantsOfType('object_property').find(node => node && nameOf(node) === 'params');
  const object = params && named(params)[1];
  return object
    ? named(object)
        .filter(node => node.type === 'object_property')
        .map(nameOf)
    : [];
}

/** `Microsoft.Compute/disks@2026-03-02` of each resource, nested ones with their parents' types and version. */
export function resourceTypes(bicep: BicepFile): string[] {
  return declared(bicep, 'resource').map(node => {
    const own = node.descendantsOfType('string_content')[0]?.text ?? '';
    let [path = '', version = ''] = own.split('@');
    for (let above = node.parent; above !== null; above = above.parent) {
      if (above.type !== 'resource_declaration') continue;
      const [type, versionAbove = ''] = (above.descendantsOfType('string_content')[0]?.text ?? '').split('@');
      path = `${type}/${path}`;
      version ||= versionAbove;
    }
    return `${path}@${version}`;
  });
}
