import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { long, longestFirst } from './longest.ts';

const root = new URL('..', import.meta.url).pathname;
const rooms = [
  'functions',
  'orchestrations',
  'diagnosis',
  'ocr',
  'playbooks',
  'azure',
  'records',
  'report',
  'host',
  'cli',
  'simulator',
  'explorer',
  'conformance',
];
const sources = (room: string) =>
  readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(ts|ps1)$/.test(file))
    .map(file => `${room}/${file}`);

describe('the house', () => {
  test('imports follow the arrows', () => {
    const cruise = `${root}node_modules/.bin/depcruise`;
    const output = execFileSync(process.execPath, [cruise, ...rooms, '--config', '.dependency-cruiser.cjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(output).toContain('no dependency violations found');
  });

  test('no file has grown past a screenful of screens', () => {
    const long = rooms.flatMap(sources).filter(file => readFileSync(`${root}${file}`, 'utf8').split('\n').length > 320);
    expect(long).toEqual([]);
  });

  test('the test files that take long are there, and come first', () => {
    expect(long.filter(path => !existsSync(path))).toEqual([]);
    const short = ['/b.test.ts', '/a.test.ts'];
    const mixed = [...short, ...long.toReversed()].map(path => ({ path }));
    expect(longestFirst(mixed).map(({ path }) => path)).toEqual([...long, ...short]);
  });

  test('properties draw their inputs by a seed that is the same each time', () => {
    const direct = sources('test').filter(file => /from 'fast-check'/.test(readFileSync(`${root}${file}`, 'utf8')));
    expect(direct).toEqual(['test/fastCheck.ts', 'test/house.test.ts']);
  });

  test('no step of a runbook is called and forgotten: each is yielded', () => {
    const files = sources('orchestrations').map(file => `${root}${file}`);
    expect(forgotten(files)).toEqual([]);
  });

  test('the check for forgotten steps sees one', () => {
    const file = `${root}orchestrations/__forgotten.ts`;
    const text = `import { sleep, type Step } from './steps.ts';\nexport function* f(): Step<void> {\n  sleep(1);\n  yield* sleep(1);\n}\n`;
    expect(forgotten([file], { [file]: text })).toEqual(['__forgotten.ts:3']);
  });
});

/** Statements that make a generator and drop it: they compile and do nothing. */
function forgotten(files: string[], virtual: Record<string, string> = {}): string[] {
  const options: ts.CompilerOptions = { ...ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config.compilerOptions, types: [] };
  const converted = ts.convertCompilerOptionsFromJson(options, root).options;
  const host = ts.createCompilerHost(converted);
  const { readFile, fileExists } = host;
  host.readFile = name => virtual[name] ?? readFile(name);
  host.fileExists = name => name in virtual || fileExists(name);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name in virtual ? ts.createSourceFile(name, virtual[name]!, ts.ScriptTarget.Latest) : getSourceFile(name, ...rest);
  const program = ts.createProgram(files, converted, host);
  const checker = program.getTypeChecker();
  const found: string[] = [];
  const visit = (source: ts.SourceFile) => (node: ts.Node) => {
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      const type = checker.getTypeAtLocation(node.expression);
      if (type.symbol?.name === 'Generator') {
        const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
        found.push(`${source.fileName.split('/').at(-1)}:${line}`);
      }
    }
    ts.forEachChild(node, visit(source));
  };
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source) visit(source)(source);
  }
  return found;
}
