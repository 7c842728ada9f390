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
  /** Where the File: line names something of another record: lower-case ends of its path. Its playbook is the better one. */
  blaming: z.array(z.strictObject({ file: z.string().min(4), record: z.string() })).default([]),
  /** Null: Microsoft has no article on it for Azure. `url` null: there is one, at an address we do not know. `date` as the page has it. */
  article: z.strictObject({ url: z.url().nullable(), date: z.string().nullable() }).nullable(),
  texts: z.array(z.string()),
  cause: z.string().min(1),
  /** What the bug check's parameters say. */
  parameters: z.string().optional(),
  safety,
  safetyReason: z.string().min(1),
  steps: z.array(z.union([step, z.strictObject({ block: z.string() })])),
  /** What is left when the steps do not help, or where there are none. In our words. */
  fallback: z.array(z.string().min(1)).default([]),
  pitfalls: z.array(z.string()).default([]),
});
/** Steps that many articles share, with what goes wrong in them. */
const block = z.strictObject({ steps: z.array(step), pitfalls: z.array(z.string()) });
const file = z.strictObject({ blocks: z.record(z.string(), block), records: z.array(article) });

export type Article = Omit<z.infer<typeof article>, 'steps'> & { steps: ArticleStep[] };

let parsed: readonly Article[] | undefined;

/** All records, in the catalogue's order. @throws ZodError when the data file is damaged */
export function articles(): readonly Article[] {
  parsed ??= read();
  return parsed;
}

function read(): Article[] {
  const { blocks, records } = file.parse(document);
  return records.map(record => {
    const parts = record.steps.map(each => ('block' in each ? blockOf(blocks, each.block, record.id) : { steps: [each], pitfalls: [] }));
    const pitfalls = [...record.pitfalls, ...parts.flatMap(part => part.pitfalls)];
    return { ...record, steps: parts.flatMap(part => part.steps), pitfalls };
  });
}

function blockOf(blocks: z.infer<typeof file>['blocks'], name: string, record: string): z.infer<typeof block> {
  const found = blocks[name];
  if (found === undefined) throw new Error(`articles.json: ${record} names the block ${name}, which is not there`);
  return found;
}

export const articleById = (id: string): Article | undefined => articles().find(article => article.id === id);

/** Records of a code in normal form (`0x000000EF`), the one that holds without further conditions first. */
export function articlesOf(code: string): Article[] {
  const found = articles().filter(({ stopCodes, statusCodes }) => [...stopCodes, ...statusCodes].includes(code));
  const main = (article: Article) =>
    Number(article.when !== undefined) * 2 + Number(code !== (article.stopCodes[0] ?? article.statusCodes[0]));
  return found.toSorted((a, b) => main(a) - main(b));
}
