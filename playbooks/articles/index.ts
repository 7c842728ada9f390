/**
 * What is known of each failure: Microsoft's article on it (`doc`), what we derived from it (`derived`), and why it is or is not repaired
 * unasked. Data, parsed when somebody asks: recognising a code needs none of it.
 * Placeholders in steps: `<WIN>` Windows partition, `<BOOT>` System Reserved, `<ESP>` EFI partition, `<BCD>` store, `<ID>` loader, `<CS>` control set.
 */
import { z } from 'zod';
import document from './articles.json' with { type: 'json' };

const safety = z.enum(['auto_safe', 'auto_with_snapshot', 'consent', 'manual_only']);
const code = z.string().regex(/^0x[0-9A-F]{8}$/);

const step = z.strictObject({
  do: z.string().min(1),
  where: z.enum(['repair-vm', 'azure', 'guest']),
  safety,
  origin: z.enum(['doc', 'derived']),
  note: z.string().optional(),
});
export type ArticleStep = z.infer<typeof step>;

const article = z.strictObject({
  id: z.string().regex(/^(azure|eng)-[a-z0-9-]+$/),
  /** `method` is a way to repair and shows nothing. */
  kind: z.enum(['stop', 'bootmgr', 'firmware', 'ui', 'method']),
  title: z.string().min(1),
  stopCodes: z.array(code),
  stopNames: z.array(z.string()),
  statusCodes: z.array(code),
  /** Absent where it holds for all. */
  generation: z.enum(['Gen1', 'Gen2']).optional(),
  os: z.string().optional(),
  /** What tells it from another record of the same code. */
  when: z
    .strictObject({
      whatFailed: z.array(z.string()).optional(),
      builds: z.array(z.int()).optional(),
      diskController: z.literal('NVMe').optional(),
    })
    .optional(),
  /** Null: Microsoft has no article on it for Azure. `date` as the page has it, MM/DD/YYYY. */
  article: z.strictObject({ url: z.url(), date: z.string().nullable() }).nullable(),
  texts: z.array(z.string()),
  cause: z.string().min(1),
  /** What the bug check's parameters say. */
  parameters: z.string().optional(),
  safety,
  safetyReason: z.string().min(1),
  steps: z.array(z.union([step, z.strictObject({ block: z.string() })])),
  fallback: z.string().optional(),
  pitfalls: z.array(z.string()).default([]),
});
const file = z.strictObject({ blocks: z.record(z.string(), z.array(step)), records: z.array(article) });

export type Article = Omit<z.infer<typeof article>, 'steps'> & { steps: ArticleStep[] };

let parsed: readonly Article[] | undefined;

/** All records, in the catalogue's order. @throws ZodError when the data file is damaged */
export function articles(): readonly Article[] {
  parsed ??= read();
  return parsed;
}

function read(): Article[] {
  const { blocks, records } = file.parse(document);
  return records.map(record => ({
    ...record,
    steps: record.steps.flatMap(each => {
      if (!('block' in each)) return [each];
      const block = blocks[each.block];
      if (block === undefined) throw new Error(`articles.json: ${record.id} names the block ${each.block}, which is not there`);
      return block;
    }),
  }));
}

export const articleById = (id: string): Article | undefined => articles().find(article => article.id === id);

/** Records of a code in normal form (`0x000000EF`), the one that holds without further conditions first. */
export function articlesOf(code: string): Article[] {
  const found = articles().filter(({ stopCodes, statusCodes }) => [...stopCodes, ...statusCodes].includes(code));
  const main = (article: Article) =>
    Number(article.when !== undefined) * 2 + Number(code !== (article.stopCodes[0] ?? article.statusCodes[0]));
  return found.toSorted((a, b) => main(a) - main(b));
}
