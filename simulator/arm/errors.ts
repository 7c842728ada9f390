import type { RuleId } from './rules.ts';

/** An answer that refuses. `code` and `message` become `{"error": {…}}`. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly target: string | undefined;
  /** The rule of `rules.ts` that was broken. */
  readonly rule: RuleId;

  constructor(
    rule: RuleId,
    status: number,
    code: string,
    message: string,
    more: { target?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = 'ArmError';
    this.rule = rule;
    this.status = status;
    this.code = code;
    this.target = more.target;
    this.headers = more.headers ?? {};
  }

  get body(): object {
    return { error: { code: this.code, message: this.message, ...(this.target !== undefined && { target: this.target }) } };
  }
}

/** 400 InvalidParameter, the compute provider's usual refusal, with the field. */
export function invalid(rule: RuleId, target: string, message: string): ArmError {
  return new ArmError(rule, 400, 'InvalidParameter', message, { target });
}

/** 409 OperationNotAllowed, the compute provider's usual conflict. */
export function notAllowed(rule: RuleId, message: string): ArmError {
  return new ArmError(rule, 409, 'OperationNotAllowed', message);
}

/** The gateway's 404: ARM itself does not know the resource. */
export function gatewayNotFound(type: string, name: string, group: string): ArmError {
  return new ArmError(
    'resource-exists',
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    { headers: { 'x-ms-failure-cause': 'gateway' } },
  );
}

/** The provider's 404, for what a body refers to. */
export function referenceNotFound(name: string, rule: RuleId = 'reference-exists'): ArmError {
  return new ArmError(rule, 404, 'NotFound', `Resource ${name} is not found.`);
}

export function groupNotFound(group: string): ArmError {
  return new ArmError('group-exists', 404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`, {
    headers: { 'x-ms-failure-cause': 'gateway' },
  });
}
