/** The status of an operation, which the specifications of the services do not have, against the one that they have in common. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { isObject } from '../recordings/compare.ts';

const COMMON = 'specification/common-types/resource-management/v5/types.json';

export interface StatusJudgement {
  /** What is not as `OperationStatusResult` has it. */
  complaints: { code: string; path: string; message: string }[];
  /** The resource that the operation has made or changed, where the status shows it: as a GET would answer. */
  output: { id: string; body: unknown } | undefined;
}

/** @param openapi directory with `specification/` in it */
export function statusJudge(openapi: string): (status: number, body: unknown) => StatusJudgement {
  const common: unknown = JSON.parse(readFileSync(join(openapi, COMMON), 'utf8'));
  // `arm-id` and the specifications' own words are no formats and keywords of JSON schema.
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': isTime, 'arm-id': true } });
  const validate = ajv
    .addSchema({ $id: 'common', ...(isObject(common) ? common : {}) })
    .getSchema('common#/definitions/OperationStatusResult');
  if (validate === undefined) throw new Error(`${COMMON} has no OperationStatusResult`);
  return (status, body) => {
    const properties = isObject(body) && isObject(body.properties) ? body.properties : {};
    const { output } = properties;
    const shown = isObject(output) && typeof output.id === 'string' ? { id: output.id, body: output } : undefined;
    // The poll of a Location says nothing but its status until it has ended, and then what was asked for.
    const pending = status === 202 && body === undefined;
    if (pending || validate(body)) return { complaints: [], output: shown };
    const complaints = (validate.errors ?? []).map(({ keyword, instancePath, message = '' }) => ({
      ...{ code: `STATUS_${keyword.toUpperCase()}`, path: instancePath, message },
    }));
    return { complaints, output: shown };
  };
}

function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
}
