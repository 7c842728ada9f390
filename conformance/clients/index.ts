/** Instrument "clients": clients that nobody here wrote, against the simulator alone. */
import { type Finding, Ledger } from '../report.ts';
import { azFinding } from './az.ts';
import { type ClientWorld, matches, told, withEstate } from './estate.ts';
import { sdkSteps } from './sdk.ts';

/** The SDK, step by step. */
export async function checkSdk(): Promise<Finding> {
  return withEstate(async world => {
    const ledger = new Ledger('sdk');
    for (const step of sdkSteps(world)) {
      const actual = await step.run().catch(asError);
      ledger.check(step.name, 'Azure SDK for JavaScript', told(step.expected), told(actual), matches(step.expected, actual));
    }
    return ledger.finding();
  });
}

/** What a client can tell of an error. */
function asError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  return { name, message, statusCode: Reflect.get(error, 'statusCode'), code: Reflect.get(error, 'code') };
}

/** The Azure CLI, where it is installed. */
export async function checkAz(): Promise<Finding> {
  return withEstate((world: ClientWorld) => azFinding(world));
}
