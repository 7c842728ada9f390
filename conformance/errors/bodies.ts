/**
 * Azure's own bodies of every error that the product branches on, with where they come from (`bodies.json`). Messages are the source's own
 * where it has one, and its sense where it has only the code. A code that none shows is not branched on: its status says what it can.
 */
import { z } from 'zod';
import table from './bodies.json' with { type: 'json' };

const Kind = z.enum(['throttled', 'conflict', 'notFound', 'quota', 'skuUnavailable', 'policyDenied', 'forbidden', 'transient', 'fatal']);

const KnownError = z.strictObject({
  code: z.string(),
  /** As a refusal; absent where it comes only inside an operation that has failed. */
  status: z.int().optional(),
  message: z.string(),
  kind: Kind,
  /** Where the end of an operation says less than a status does. */
  kindInOperation: Kind.optional(),
  /** *recorded*: in Microsoft's recordings; *documented*: on the page; *met*: no page has it, the thread of somebody who was answered so does. */
  proof: z.enum(['recorded', 'documented', 'met']),
  /** Page, recording or thread. */
  source: z.string(),
});
export type KnownError = z.infer<typeof KnownError>;

export const knownErrors: readonly KnownError[] = z.array(KnownError).parse(table);

/** Names of errors that the identity library throws; they have no body. */
export const withoutBody: readonly string[] = ['AggregateAuthenticationError', 'AuthenticationError', 'CredentialUnavailableError'];
