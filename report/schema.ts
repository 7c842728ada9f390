/** The JSON form of a report, published: what a program may rely on. */
import { z } from 'zod';
import { repairRecord } from '../records/schemas.ts';

/**
 * JSON Schema 2020-12. The field `schema` of a report is its version: fields are only added to a version, so a program ignores those that it
 * does not know, and a report of an earlier day of the same version fits too.
 */
export function reportSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(repairRecord, {
    io: 'output',
    override({ jsonSchema }) {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // zod spells the calendar out as a pattern; the format says it.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return { $schema, $id: 'urn:bootmedic:report:1', title: 'Report of a repair by bootmedic, version 1', ...schema };
}
