/**
 * Route templates as ASP.NET Core understands them, for what HTTP triggers use: literals, `{name}`, `{name?}`, `{name=default}`,
 * `{*rest}`, constraints after a colon, and several parts in one segment (`report.{ext}`). Literals match without regard to case.
 * Source: "Route templates" and "Route constraints" in the ASP.NET Core routing reference.
 */

interface Parameter {
  name: string;
  isOptional: boolean;
  isCatchAll: boolean;
  default: string | undefined;
  constraints: ((value: string) => boolean)[];
}

interface Segment {
  /** Matches one path segment, already decoded; a group for each parameter, in order. */
  pattern: RegExp;
  parameters: Parameter[];
}

export interface RouteTemplate {
  /** The route's values when the path fits, undefined otherwise. @param path without query, still percent-encoded. */
  match(path: string): Record<string, string> | undefined;
}

const CONSTRAINTS: Record<string, (argument: string) => (value: string) => boolean> = {
  int: () => value => /^[+-]?\d+$/.test(value) && Math.abs(Number(value)) < 2 ** 31,
  long: () => value => /^[+-]?\d+$/.test(value),
  bool: () => value => /^(true|false)$/i.test(value),
  decimal: () => value => /^[+-]?\d+(\.\d+)?$/.test(value),
  double: () => value => value.trim() !== '' && Number.isFinite(Number(value)),
  float: () => value => value.trim() !== '' && Number.isFinite(Number(value)),
  datetime: () => value => !Number.isNaN(Date.parse(value)),
  guid: () => value => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(value),
  alpha: () => value => /^[a-z]*$/i.test(value),
  required: () => value => value !== '',
  minlength: argument => value => value.length >= Number(argument),
  maxlength: argument => value => value.length <= Number(argument),
  min: argument => value => /^[+-]?\d+$/.test(value) && Number(value) >= Number(argument),
  max: argument => value => /^[+-]?\d+$/.test(value) && Number(value) <= Number(argument),
  length: argument => {
    const [least, most = least] = argument.split(',').map(Number);
    return value => value.length >= (least ?? 0) && value.length <= (most ?? 0);
  },
  range: argument => {
    const [least = 0, most = 0] = argument.split(',').map(Number);
    return value => /^[+-]?\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
  },
  regex: argument => {
    const pattern = new RegExp(argument, 'i');
    return value => pattern.test(value);
  },
};

/** @throws Error that names the route and what in it is not understood. */
export function parseRoute(template: string): RouteTemplate {
  const texts = splitOutsideBraces(template.replace(/^\/+|\/+$/g, ''), '/').filter(text => text !== '');
  const segments = texts.map(text => parseSegment(template, text));
  return { match: path => matchSegments(segments, path) };
}

function matchSegments(segments: Segment[], path: string): Record<string, string> | undefined {
  const parts = path.replace(/^\/|\/$/g, '').split('/');
  if (parts.length === 1 && parts[0] === '') parts.pop();
  const values: Record<string, string> = {};
  let used = 0;
  for (const segment of segments) {
    const isCatchAll = segment.parameters.some(parameter => parameter.isCatchAll);
    const raw = isCatchAll ? parts.slice(used).join('/') : parts[used];
    used = isCatchAll ? parts.length : used + 1;
    if (raw === undefined || (isCatchAll && raw === '')) {
      const [only] = segment.parameters;
      const isWhole = segment.parameters.length === 1 && segment.pattern.source === WHOLE;
      if (!only || !isWhole || !(only.isOptional || only.isCatchAll || only.default !== undefined)) return undefined;
      if (only.default !== undefined) values[only.name] = only.default;
      continue;
    }
    const decoded = decode(raw);
    const found = decoded === undefined ? null : segment.pattern.exec(decoded);
    if (!found || !takeValues(segment.parameters, found.slice(1), values)) return undefined;
  }
  return used >= parts.length ? values : undefined;
}

function takeValues(parameters: Parameter[], captured: (string | undefined)[], values: Record<string, string>): boolean {
  return parameters.every((parameter, index) => {
    const value = captured[index];
    if (value === undefined) return parameter.isOptional;
    values[parameter.name] = value;
    return parameter.constraints.every(accepts => accepts(value));
  });
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The pattern of a segment that is one parameter and nothing else. */
const WHOLE = '^([\\s\\S]+)$';

function parseSegment(template: string, text: string): Segment {
  const parameters: Parameter[] = [];
  let source = '';
  const pieces = [...text.matchAll(/\{((?:[^{}]|\{\{|\}\}|\{[^{}]*\})*)\}|([^{}]+)/g)];
  if (pieces.map(piece => piece[0]).join('') !== text) throw new Error(`route '${template}': '${text}' is not a valid segment`);
  pieces.forEach(([, inside, literal], index) => {
    if (literal !== undefined) {
      const next = pieces[index + 1];
      // In `name.{ext?}` the dot before an optional part may be left out with it.
      const isOptionalDot = literal.endsWith('.') && index === pieces.length - 2 && (next?.[1] ?? '').endsWith('?');
      source += escapeRegExp(isOptionalDot ? literal.slice(0, -1) : literal);
      if (isOptionalDot) source += '(?:\\.';
      return;
    }
    const parameter = parseParameter(template, inside ?? '');
    parameters.push(parameter);
    const isLast = index === pieces.length - 1;
    source += isLast ? '([\\s\\S]+)' : '([\\s\\S]+?)';
    if (source.includes('(?:\\.')) source += ')?';
  });
  return { pattern: new RegExp(`^${source}$`, 'i'), parameters };
}

function parseParameter(template: string, inside: string): Parameter {
  const shape = /^(\*{0,2})([^:=?*]+)((?::(?:[^:=?()]|\((?:[^()]|\([^()]*\))*\))+)*)(?:=(.*))?(\?)?$/s.exec(inside);
  if (!shape) throw new Error(`route '${template}': cannot read the parameter {${inside}}`);
  const [, stars = '', name = '', constraintText = '', defaultValue, question] = shape;
  return {
    name,
    isOptional: question === '?',
    isCatchAll: stars !== '',
    default: defaultValue,
    constraints: splitOutsideBraces(constraintText.slice(1), ':')
      .filter(text => text !== '')
      .map(text => parseConstraint(template, text)),
  };
}

function parseConstraint(template: string, text: string): (value: string) => boolean {
  const [, name = text, argument = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(text) ?? [];
  const make = CONSTRAINTS[name.toLowerCase()];
  if (!make) throw new Error(`route '${template}': the constraint '${text}' is not supported`);
  return make(argument.replaceAll('{{', '{').replaceAll('}}', '}'));
}

/** Splits at a separator that is in no braces or parentheses. */
function splitOutsideBraces(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '(') depth += 1;
    if (character === '}' || character === ')') depth -= 1;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
