/** An ARM that answers GETs from a table of paths (without query), as the readers see it; what is asked is kept. */
import type { Arm } from '../../azure/arm.ts';
import { fail } from '../../azure/errors.ts';
import type { FaultKind } from '../../azure/fault.ts';

export function fakeArm(table: { [path: string]: unknown | FaultKind }): Arm & { asked: string[] } {
  const asked: string[] = [];
  const find = (path: string) => {
    asked.push(path);
    const answer = table[path.split('?')[0] ?? ''];
    if (typeof answer === 'string') throw fail(answer as FaultKind, 'Code', 'message');
    return answer;
  };
  const arm = {
    asked,
    read: async (path: string, _: string, schema: { parse(body: unknown): unknown }) => schema.parse(find(path)),
    list: async (path: string, _: string, entry: { safeParse(body: unknown): { data?: unknown } }) =>
      ((find(path) ?? []) as unknown[]).flatMap(each => entry.safeParse(each).data ?? []),
  };
  return arm as unknown as Arm & { asked: string[] };
}
