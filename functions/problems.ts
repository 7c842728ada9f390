/** What is wrong with something from outside, said so that the one who sent it can put it right. */
import type { z } from 'zod';

export interface Problem {
  /** Where: `vmId`, `scopes[0].mode`, `data.essentials.alertTargetIDs[2]`. */
  field: string;
  problem: string;
  remedy: string;
}

/**
 * Every issue of a failed parse. A schema's own remedy is in the `params.remedy` of its refinement; the others follow from the kind of issue.
 * @param root what the path hangs on, for example `body`; alone it names the whole
 */
export function problemsOf(error: z.ZodError, root = ''): Problem[] {
  return error.issues.flatMap(issue => {
    const field = fieldName(root, issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(key => ({
        field: fieldName(root, [...issue.path, key]),
        problem: 'there is no such field',
        remedy: 'remove it, or correct its name',
      }));
    }
    return [{ field, problem: lowerFirst(issue.message), remedy: remedyOf(issue) }];
  });
}

function remedyOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return typeof issue.params?.remedy === 'string' ? issue.params.remedy : 'correct it';
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? `add it: ${article(issue.expected)}` : `give ${article(issue.expected)}`;
    case 'invalid_value':
      return `give one of ${issue.values.map(value => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `give at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `give at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_format':
      return `give text of the form ${issue.format === 'regex' ? issue.pattern : issue.format}`;
    default:
      return 'see the description of this field';
  }
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function article(expected: string): string {
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function fieldName(root: string, path: PropertyKey[]): string {
  const name = path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${String(part)}`),
    root === 'body' && path.length > 0 ? '' : root,
  );
  return name || 'body';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
