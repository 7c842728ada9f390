/** The house's rules for what runs as SYSTEM against a customer's disk, each checked on the syntax tree. */
import { readFileSync } from 'node:fs';
import { all, argumentOf, around, type Node, nameOf, names, parse } from './grammar.ts';

export interface Violation {
  rule: string;
  /** 1 = the first. */
  line: number;
  text: string;
}

type Rule = (tree: Node, known: ReadonlySet<string>) => Node[];

/** Commands that Windows PowerShell 5.1 has on every Windows Server, and that a script of ours may use. */
const cmdlets = new Set(
  readFileSync(new URL('cmdlets.txt', import.meta.url), 'utf8')
    .trim()
    .toLowerCase()
    .split(/\s+/),
);
/** Parameters that came after Windows PowerShell 5.1. */
const newer = ['parallel', 'throttlelimit', 'ashashtable', 'asbytestream', 'asarray', 'skiphttperrorcheck', 'noproxy', 'leafbase'];
/** Methods that run a text as code. */
const evaluators = ['create', 'invokescript', 'newscriptblock', 'expandstring', 'addscript'];
/** Native programs that would read an argument as code. */
const shells = /^["']?(cmd|powershell|pwsh|wscript|cscript|mshta)/i;

const commandsNamed = (tree: Node, name: string): Node[] => all(tree, 'command').filter(each => nameOf(each) === name);
const native = (tree: Node): Node[] => commandsNamed(tree, 'Invoke-Native');
const isLiteral = (node: Node | undefined): boolean => node !== undefined && /^'[^']*'$|^"[^"$`]*"$/.test(node.text);

/** The statement that a node is part of: a child of the nearest list of statements. */
function statementOf(node: Node): Node {
  let at = node;
  while (at.parent !== null && at.parent.type !== 'statement_list') at = at.parent;
  return at;
}

/** `$name` of `$name = <the command>`, where the command's answer goes. */
function assignedTo(command: Node): string {
  const assignment = around(command, 'assignment_expression', 'statement_list');
  return assignment?.type === 'assignment_expression' ? (assignment.namedChildren[0]?.text ?? '') : '';
}

function lineAbove(node: Node): string {
  const lines = (around(node, 'program') ?? node).text.split('\n');
  return lines[node.startPosition.row - (around(node, 'program')?.startPosition.row ?? 0) - 1] ?? '';
}

/** Is the exit code read, or does a comment say what proves the call instead? */
function isJudged(call: Node): boolean {
  if (/^\s*# Proven by /.test(lineAbove(statementOf(call)))) return true;
  const variable = assignedTo(call);
  const scope = around(call, 'function_statement') ?? around(call, 'program');
  return /^\$\w+$/.test(variable) && scope?.text.includes(`${variable}.ExitCode`) === true;
}

function isUnloadedLater(load: Node): boolean {
  for (let next = statementOf(load).nextSibling; next !== null; next = next.nextSibling) {
    if (next.type !== 'try_statement') continue;
    return all(next, 'finally_clause').some(each => commandsNamed(each, 'Close-Hive').length > 0 || /'unload'/.test(each.text));
  }
  // Tried again in a loop: what follows the loop counts.
  const loop = loopAround(statementOf(load));
  return loop !== null && isUnloadedLater(loop);
}

function loopAround(node: Node): Node | null {
  for (let at = node.parent; at !== null && at.type !== 'function_statement'; at = at.parent) if (at.type === 'for_statement') return at;
  return null;
}

function isDocumented(definition: Node): boolean {
  const first = definition.namedChildren.find(each => each?.type !== 'function_name');
  return first?.type === 'comment' && first.text.length > 10;
}

function isKnown(command: Node, known: ReadonlySet<string>): boolean {
  const name = nameOf(command);
  return name === '' || known.has(name) || cmdlets.has(name.toLowerCase());
}

/** Only the two places that are meant to: a block given as a parameter, and the file of a native tool. */
function isPlainCall(command: Node): boolean {
  const text = command.text.replace(/\s+/g, ' ');
  return !/^[&.] ?\S/.test(text) || /^& \$Body( \$\w+)*$/.test(text) || text.startsWith('& $file @Arguments');
}

export const rules: Readonly<Record<string, Rule>> = {
  'Windows PowerShell 5.1 syntax': tree => [...all(tree, 'ERROR').slice(0, 1), ...missing(tree), ...all(tree, 'pipeline_chain_tail')],
  'a parameter that 5.1 lacks': tree => all(tree, 'command_parameter').filter(each => newer.includes(each.text.slice(1).toLowerCase())),
  'a command that is no function of ours and not on the list': (tree, known) => all(tree, 'command').filter(each => !isKnown(each, known)),
  'a command built of a string': tree => [
    ...all(tree, 'command').filter(each => !isPlainCall(each)),
    ...all(tree, 'member_name').filter(
      each => evaluators.includes(each.text.toLowerCase()) && /scriptblock|invokecommand|powershell/i.test(each.parent?.text ?? ''),
    ),
    ...native(tree).filter(each => !isLiteral(argumentOf(each, 'Tool')) || shells.test(argumentOf(each, 'Tool')?.text ?? '')),
    ...native(tree).filter(each => !/^@\(/.test(argumentOf(each, 'Arguments')?.text ?? '')),
  ],
  'a function without a word of what it is for': tree => all(tree, 'function_statement').filter(each => !isDocumented(each)),
  'a native call whose exit code nobody looks at': tree => native(tree).filter(each => !isJudged(each)),
  'a hive that is loaded and not unloaded in a finally': tree =>
    native(tree).filter(each => /^@\('load'/.test(argumentOf(each, 'Arguments')?.text ?? '') && !isUnloadedLater(each)),
  'a network besides the address that was given': tree => {
    const given = /\[string\] \$DumpUri\b/.test(tree.text);
    const types = [...all(tree, 'type_literal'), ...all(tree, 'generic_token'), ...all(tree, 'command_argument')];
    const networks = types.filter(each => /^\[?'?(System\.)?Net\.\w/i.test(each.text));
    return [...(given ? [] : networks.slice(0, 1)), ...all(tree, 'string_literal').filter(each => /\w:\/\//.test(each.text))];
  },
  'a character outside ASCII': tree => (/[^\n\x20-\x7e]/.test(tree.text) ? [tree] : []),
};

function missing(node: Node): Node[] {
  if (!node.hasError) return [];
  return [...(node.isMissing ? [node] : []), ...node.children.flatMap(each => (each === null ? [] : missing(each)))];
}

/** What a source breaks. `known` = functions that stand elsewhere (the prelude's). */
export const violations = (source: string, known: Iterable<string> = []): Promise<Violation[]> =>
  broken(source, Object.entries(rules), known);

const version = ['Windows PowerShell 5.1 syntax', 'a parameter that 5.1 lacks', 'a character outside ASCII'];

/** What Windows PowerShell 5.1 does not read in a source that is not ours to send. */
export const outdated = (source: string): Promise<Violation[]> =>
  broken(
    source,
    Object.entries(rules).filter(([rule]) => version.includes(rule)),
    [],
  );

async function broken(source: string, asked: [string, Rule][], known: Iterable<string>): Promise<Violation[]> {
  const tree = await parse(source.replaceAll('\r\n', '\n'));
  const functions = new Set([...known, ...names(tree)]);
  return asked.flatMap(([rule, find]) =>
    find(tree, functions).map(node => ({ rule, line: node.startPosition.row + 1, text: node.text.split('\n')[0]?.slice(0, 120) ?? '' })),
  );
}

/** Names of the functions that a source defines. */
export const functionsOf = async (source: string): Promise<string[]> => names(await parse(source));
