/** Questions to Azure Resource Graph. Request and answer: the specification of Microsoft.ResourceGraph 2022-10-01. */
import { z } from 'zod';
import type { Arm } from './arm.ts';

const path = '/providers/Microsoft.ResourceGraph/resources';
const version = '2022-10-01';

export interface Question {
  query: string;
  /** Empty = all that the identity sees. */
  subscriptions: string[];
  /** Rows of one answer. */
  most: number;
  /** Of the page that is asked for; null = the first. */
  token?: string | null;
  /** Wall milliseconds. */
  timeoutMs?: number | undefined;
}

const answer = z.object({ data: z.array(z.unknown()), $skipToken: z.string().nullish() });

/** A column that may be missing. */
export const text = z
  .string()
  .nullish()
  .transform(value => value ?? '');

/** A row that is not as expected is left out: it must not hide the others. `next` asks for the next page; null = this was the last. */
export async function askGraph<R>(
  arm: Pick<Arm, 'ask'>,
  { query, subscriptions, most, token = null, timeoutMs }: Question,
  row: z.ZodType<R>,
): Promise<{ rows: R[]; next: string | null }> {
  const options = { resultFormat: 'objectArray', $top: most, ...(token !== null && { $skipToken: token }) };
  const question = { query, options, ...(subscriptions.length > 0 && { subscriptions }) };
  const { data, $skipToken } = await arm.ask(path, version, question, answer, timeoutMs);
  const rows = data.flatMap(each => {
    const { success, data: known } = row.safeParse(each);
    return success ? [known] : [];
  });
  return { rows, next: $skipToken || null };
}
