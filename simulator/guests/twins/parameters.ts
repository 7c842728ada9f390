/** Binds arguments to a script's own `param(…)` block, as PowerShell does. */

interface Parameter {
  name: string;
  type: 'int' | 'string';
  mandatory: boolean;
  allowEmpty: boolean;
  fallback: string;
  set?: string[];
  pattern?: RegExp;
  range?: [number, number];
}

export type Bound = { values: Map<string, string> } | { error: string };

/** Values by lower-case name, or PowerShell's complaint. */
export function bindParameters(script: string, given: Record<string, string>): Bound {
  const declared = parametersOf(script);
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const parameter = declared.find(known => known.name.toLowerCase() === name.toLowerCase());
    if (parameter === undefined) return { error: `A parameter cannot be found that matches parameter name '${name}'.` };
    const complaint = complaintAbout(parameter, value);
    if (complaint !== undefined) return { error: complaint };
    values.set(parameter.name.toLowerCase(), parameter.type === 'int' ? String(Number(value)) : value);
  }
  for (const { name, mandatory, fallback } of declared) {
    if (values.has(name.toLowerCase())) continue;
    if (mandatory) return { error: `Cannot process command because of one or more missing mandatory parameters: ${name}.` };
    values.set(name.toLowerCase(), fallback);
  }
  return { values };
}

function complaintAbout(parameter: Parameter, value: string): string | undefined {
  const { name, type, mandatory, allowEmpty, set, pattern, range } = parameter;
  if (value === '' && type === 'string') {
    return mandatory && !allowEmpty ? `Cannot bind argument to parameter '${name}' because it is an empty string.` : undefined;
  }
  if (type === 'int' && !/^\s*[+-]?\d+\s*$/.test(value)) {
    return `Cannot process argument transformation on parameter '${name}'. Cannot convert value "${value}" to type "System.Int32".`;
  }
  const refused = `Cannot validate argument on parameter '${name}'. The argument "${value}"`;
  if (range !== undefined && (Number(value) < range[0] || Number(value) > range[1]))
    return `${refused} is not within ${range.join(' to ')}.`;
  if (set !== undefined && !set.some(member => member.toLowerCase() === value.toLowerCase())) {
    return `${refused} does not belong to the set "${set.join(',')}" specified by the ValidateSet attribute.`;
  }
  if (pattern !== undefined && !pattern.test(value)) return `${refused} does not match the "${pattern.source}" pattern.`;
  return undefined;
}

/** Our scripts declare one parameter a line, in a block that ends with `)` in the first column. */
function parametersOf(script: string): Parameter[] {
  const block = /^param\(\n([\s\S]*?)\n\)/m.exec(script.replaceAll('\r\n', '\n'))?.[1] ?? '';
  return block.split('\n').flatMap(line => {
    const [, attributes = '', type, name, fallback = "''"] = /^\s*(.*)\[(int|string)\] \$(\w+)(?: = (.+?))?,?$/.exec(line) ?? [];
    if (name === undefined || (type !== 'int' && type !== 'string')) return [];
    const set = /ValidateSet\((.*?)\)/.exec(attributes)?.[1];
    const pattern = /ValidatePattern\('(.*?)'\)/.exec(attributes)?.[1];
    const range = /ValidateRange\((\d+), (\d+)\)/.exec(attributes);
    return [
      {
        ...{ name, type, mandatory: attributes.includes('Mandatory = $true'), allowEmpty: attributes.includes('AllowEmptyString') },
        fallback: fallback.replace(/^'(.*)'$/, '$1'),
        ...(set !== undefined && { set: [...set.matchAll(/'(.*?)'/g)].map(([, member = '']) => member) }),
        ...(pattern !== undefined && { pattern: new RegExp(pattern, 'i') }),
        ...(range !== null && { range: [Number(range[1]), Number(range[2])] as [number, number] }),
      },
    ];
  });
}
