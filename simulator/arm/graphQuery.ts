/**
 * As much of KQL as inventory queries need: `where` (comparisons, also `contains`, joined by `or`), `project`, `join kind=leftouter`, `order by id asc`, the functions `tostring`,
 * `tolower` and `isnotempty`. Anything else is refused, never guessed at.
 * Meanings: learn.microsoft.com/kusto/query, and …/azure/governance/resource-graph/concepts/query-language for what Resource Graph takes of it.
 */
export type Row = Record<string, unknown>;
export type Tables = Record<string, () => Row[]>;

/** The query is none that is evaluated here; the message says where. */
export class QueryError extends Error {}

type Expression = (row: Row) => unknown;
type Stage = (rows: Row[]) => Row[];

const TOKEN = /\s*('(?:[^'\\])*'|=~|in~|[A-Za-z_][A-Za-z0-9_]*|[|,=()[\].$])/y;

/** @throws QueryError */
export function runQuery(text: string, tables: Tables): Row[] {
  const parser = new Parser(tokensOf(text), tables);
  const rows = parser.pipeline();
  parser.end();
  return rows();
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new QueryError(`not understood at '${text.slice(at, at + 30).trim()}'`);
    tokens.push(token);
  }
  return tokens;
}

class Parser {
  readonly #tokens: string[];
  readonly #tables: Tables;
  #at = 0;

  constructor(tokens: string[], tables: Tables) {
    this.#tokens = tokens;
    this.#tables = tables;
  }

  pipeline(): () => Row[] {
    const name = this.#identifier();
    const table = this.#tables[name.toLowerCase()];
    if (table === undefined) throw new QueryError(`there is no table '${name}' here`);
    const stages: Stage[] = [];
    while (this.#peek() === '|') {
      this.#at++;
      stages.push(this.#stage());
    }
    return () => stages.reduce((rows, stage) => stage(rows), table());
  }

  end(): void {
    if (this.#peek() !== undefined) throw new QueryError(`'${this.#peek()}' is not expected here`);
  }

  #stage(): Stage {
    const operator = this.#identifier();
    switch (operator) {
      case 'where':
        return this.#where();
      case 'project':
        return this.#project();
      case 'join':
        return this.#join();
      case 'order':
        this.#expect('by', 'id', 'asc');
        return rows => rows.toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
      default:
        throw new QueryError(`the operator '${operator}' is not evaluated here`);
    }
  }

  #where(): Stage {
    if (this.#peek() === 'isnotempty') {
      this.#expect('isnotempty', '(');
      const value = this.#expression();
      this.#expect(')');
      return rows => rows.filter(row => textOf(value(row)) !== '');
    }
    const any = [this.#comparison()];
    while (this.#skip('or')) any.push(this.#comparison());
    return rows => rows.filter(row => any.some(holds => holds(row)));
  }

  #comparison(): (row: Row) => boolean {
    const value = this.#expression();
    const operator = this.#next();
    if (operator === 'contains') {
      const part = this.#string().toLowerCase();
      return row => textOf(value(row)).toLowerCase().includes(part);
    }
    if (operator !== '=~' && operator !== 'in~') throw new QueryError(`the operator '${operator}' is not evaluated here`);
    const wanted = operator === '=~' ? [this.#string()] : this.#listOf(() => this.#string());
    const words = wanted.map(word => word.toLowerCase());
    return row => words.includes(textOf(value(row)).toLowerCase());
  }

  #project(): Stage {
    const columns: [string, Expression][] = [];
    do {
      const start = this.#at;
      const name = this.#identifier();
      if (this.#peek() === '=') {
        this.#at++;
        columns.push([name, this.#expression()]);
      } else {
        this.#at = start;
        columns.push([name, this.#expression()]);
      }
    } while (this.#skip(','));
    return rows => rows.map(row => Object.fromEntries(columns.map(([name, value]) => [name, value(row) ?? null])));
  }

  /** Columns of the right that the left has too get a 1 behind their name. */
  #join(): Stage {
    this.#expect('kind', '=', 'leftouter', '(');
    const right = this.pipeline();
    this.#expect(')', 'on');
    const key = this.#identifier();
    return rows => {
      const others = right();
      const blank = Object.fromEntries(Object.keys(others[0] ?? {}).map(name => [name, '']));
      return rows.flatMap(row => {
        const found = others.filter(other => other[key] === row[key]);
        return (found.length > 0 ? found : [blank]).map(other => ({ ...renamed(other, row), ...row }));
      });
    };
  }

  #expression(): Expression {
    const name = this.#identifier();
    if ((name === 'tostring' || name === 'tolower') && this.#peek() === '(') {
      this.#expect('(');
      const inner = this.#expression();
      this.#expect(')');
      return name === 'tostring' ? row => textOf(inner(row)) : row => textOf(inner(row)).toLowerCase();
    }
    const keys = [name];
    for (;;) {
      if (this.#skip('.')) keys.push(this.#identifier());
      else if (this.#skip('[')) {
        keys.push(this.#string());
        this.#expect(']');
      } else return row => keys.reduce<unknown>(memberOf, row);
    }
  }

  #listOf<T>(one: () => T): T[] {
    this.#expect('(');
    const all = [one()];
    while (this.#skip(',')) all.push(one());
    this.#expect(')');
    return all;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new QueryError('the query ends too early');
    return token;
  }

  #skip(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #expect(...tokens: string[]): void {
    for (const token of tokens) {
      const found = this.#next();
      if (found !== token) throw new QueryError(`'${token}' is expected, not '${found}'`);
    }
  }

  #identifier(): string {
    const token = this.#next();
    if (!/^[A-Za-z_]/.test(token)) throw new QueryError(`a name is expected, not '${token}'`);
    return token;
  }

  #string(): string {
    const token = this.#next();
    if (!token.startsWith("'")) throw new QueryError(`a text in single quotes is expected, not '${token}'`);
    return token.slice(1, -1);
  }
}

/** Names of columns and members are compared with regard to case. */
function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : null;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function renamed(other: Row, row: Row): Row {
  return Object.fromEntries(Object.entries(other).map(([name, value]) => [Object.hasOwn(row, name) ? `${name}1` : name, value]));
}
