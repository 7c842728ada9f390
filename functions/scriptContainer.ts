import { z } from 'zod';

/** Whose blobs a request may name as scripts; ours hold what no person has written as one. */
export const scriptContainer = z
  .string()
  .refine(text => /^[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(text) && !['records', 'evidence', 'audit', 'dumps'].includes(text), {
    error: 'is not the name of a container for scripts',
    params: { remedy: 'name a container of the storage account that is none of records, evidence, audit, dumps' },
  });
