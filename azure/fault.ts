/** An error of Azure as a value: orchestrators branch on the kind, nobody parses messages. */
export type FaultKind =
  | 'throttled'
  | 'conflict'
  | 'notFound'
  | 'quota'
  | 'skuUnavailable'
  | 'policyDenied'
  | 'forbidden'
  | 'transient'
  | 'fatal';

export interface Fault {
  kind: FaultKind;
  /** Azure's own code where there is one (`OperationNotAllowed`), else ours. */
  code: string;
  message: string;
  /** From `Retry-After`; service seconds, like every wait (the interpreter divides them by the rehearsal's time scale). */
  retryAfterSeconds?: number;
  /** `x-ms-request-id` of the call that failed. */
  requestId?: string;
}
