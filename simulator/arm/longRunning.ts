import type { ArmRequest, Cloud } from './cloud.ts';
import { ArmError } from './errors.ts';
import type { OperationKind } from './operations.ts';

export interface LongRunning {
  kind: OperationKind;
  location: string;
  /** Guest seconds from the request to the end. */
  seconds: number;
  /** Does it, at the end; an `ArmError` makes the operation fail. */
  complete: () => void | Promise<void>;
  /** Takes back what the request already showed, when the operation fails. */
  undo?: (error: ArmError) => void;
  output?: () => unknown;
  result?: () => unknown;
}

/** The headers of `Azure-AsyncOperation` and `Location`, for the answer to take those it has. */
export interface Followers {
  asyncOperation: Record<string, string>;
  both: Record<string, string>;
  location: Record<string, string>;
}

/** Begins an operation that ends by itself after its time. */
export function runOperation(cloud: Cloud, request: ArmRequest, options: LongRunning): Followers {
  const { seconds, complete, undo, ...begin } = options;
  return follow(cloud, request, begin, end => {
    const { failOperation, endless, lateSeconds = 0 } = request;
    if (endless) return;
    cloud.clock.after(seconds + lateSeconds, async () => {
      try {
        if (failOperation?.effect) await complete();
        if (failOperation !== undefined) throw new ArmError('start-needs-capacity', 500, failOperation.code, failOperation.message);
        await complete();
        end();
      } catch (error) {
        if (!(error instanceof ArmError)) throw error;
        if (failOperation === undefined) cloud.journal.refuse(error.rule);
        if (!failOperation?.effect) undo?.(error);
        end(error);
      }
    });
  });
}

/** Begins an operation that its own work ends. */
export function follow(
  cloud: Cloud,
  request: ArmRequest,
  options: Omit<LongRunning, 'seconds' | 'complete' | 'undo'>,
  work: (end: (error?: ArmError) => void) => void,
): Followers {
  const { subscription, apiVersion } = request;
  const urls = cloud.operations.begin({ ...options, subscription, apiVersion }, work);
  const asyncOperation = {
    'Azure-AsyncOperation': urls.asyncOperation,
    ...(options.kind !== 'disk' && { 'Azure-AsyncNotification': 'Enabled' }),
  };
  const location = { Location: urls.location };
  return { asyncOperation, location, both: { ...asyncOperation, ...location } };
}
