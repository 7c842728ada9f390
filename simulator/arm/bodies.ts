import { z } from 'zod';
import type { Cloud } from './cloud.ts';
import { ArmError, invalid } from './errors.ts';
import type { Tags } from './model.ts';

/** Where a zod issue points, as Azure writes it: `storageProfile.osDisk.name`, `dataDisksToAttach[0].lun`. */
function fieldOf(path: PropertyKey[]): string {
  const start = path[0] === 'properties' ? 1 : 0;
  return path
    .slice(start)
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function valueAt(body: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), body);
}

/** A body without some members of the object at a path. */
function without(body: unknown, path: PropertyKey[], members: string[]): unknown {
  const copy = structuredClone(body);
  const holder = valueAt(copy, path);
  if (typeof holder === 'object' && holder !== null) for (const member of members) Reflect.deleteProperty(holder, member);
  return copy;
}

/** Parses a request body once, at the border. Refuses with the first field that is wrong. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown, cloud: Pick<Cloud, 'rules'>): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    if (!cloud.rules.holds('body-members-known')) return parseBody(schema, without(body, path, issue.keys), cloud);
    const member = fieldOf([...path, issue.keys[0] ?? '']);
    throw new ArmError(
      'body-members-known',
      400,
      'BadRequest',
      `Could not find member '${member}' on the object, or the simulator does not model it.`,
      { target: member },
    );
  }
  const field = fieldOf(path);
  const value = valueAt(body, path);
  if (field === 'location' && value === undefined)
    throw new ArmError('location-required', 400, 'LocationRequired', 'The location property is required for this definition.');
  if (value === undefined || value === null) throw invalid('body-valid', field, `Required parameter '${field}' is missing (null).`);
  throw invalid('body-valid', field, `The value of parameter ${field} is invalid: ${issue?.message ?? ''}`);
}

/** A member that clients may send back because GET showed it; it has no effect. */
export const Ignored = z.unknown().optional();

/** Tags as every tracked resource takes them. */
export const TagsBody = z.record(z.string(), z.string());

export function checkTags(tags: Tags): Tags {
  const entries = Object.entries(tags);
  const wrong = entries.find(([name, value]) => name === '' || name.length > 512 || value.length > 256 || /[<>%&\\?/]/.test(name));
  if (entries.length > 50) throw new ArmError('tags-valid', 400, 'InvalidTagsCount', `The number of tags '${entries.length}' exceeds 50.`);
  if (wrong !== undefined) throw new ArmError('tags-valid', 400, 'InvalidTagNameCharacters', `The tag '${wrong[0]}' is not valid.`);
  return tags;
}

/** Resource names of Compute and Network: letters, digits, `_`, `.`, `-`, ending in none of the last two. */
export function checkName(name: string, maximum: number): void {
  if (name.length <= maximum && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name)) return;
  throw new ArmError(
    'name-valid',
    400,
    'InvalidResourceName',
    `Resource name '${name}' is invalid: at most ${maximum} letters, digits, '_', '.' and '-'.`,
  );
}
