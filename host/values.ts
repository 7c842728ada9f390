/**
 * How values change on their way between orchestrators and activities. Nothing here is tidy: it is what the real host does
 * (recorded in durable-recordings/values.jsonl), and code that works here by being kinder would break there.
 */
import type { RpcTypedData } from './coreTypes.ts';

/** The trigger input of an activity, from the action's `input` (a JSON value whose strings the SDK has JSON-encoded once more). */
export function activityInput(input: unknown): RpcTypedData | undefined {
  if (input === undefined || input === null) return undefined;
  if (typeof input === 'string') return { string: input };
  if (typeof input === 'boolean') return { string: input ? 'True' : 'False' };
  return { string: JSON.stringify(withoutType(input)) };
}

/** The trigger metadata that an activity sees beside its input; an object's own fields are spread into it. */
export function activityMetadata(instanceId: string, bindingName: string, input: unknown): Record<string, RpcTypedData> {
  const metadata: Record<string, RpcTypedData> = { instanceId: { json: JSON.stringify(instanceId) } };
  const data = activityInput(input);
  if (data === undefined) return metadata;
  metadata[bindingName] = data;
  metadata.data = { json: JSON.stringify(input) };
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
    for (const [key, field] of Object.entries(input)) {
      const text = typeof field === 'string' ? { string: field } : activityInput(field);
      if (text !== undefined && !(key in metadata)) metadata[key] = text;
    }
  }
  return metadata;
}

/** The `Result` of a TaskCompleted (JSON text or null) from what the activity's invocation returned. Throws on bytes. */
export function activityResult(value: RpcTypedData | null | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (value.string !== undefined) return JSON.stringify(value.string);
  // The wire type is a 64-bit integer: what does not fit wraps around.
  if (value.int !== undefined) return BigInt.asIntN(64, BigInt(value.int)).toString();
  if (value.double !== undefined) return Number.isFinite(value.double) ? String(value.double) : JSON.stringify(String(value.double));
  if (value.json !== undefined) return JSON.stringify(withoutType(JSON.parse(value.json)) ?? null);
  throw new Error('the activity returned bytes, which the embedded host does not support: return an object');
}

/** The JSON text of an orchestrator's output: a `$type` at its top is lost. */
export function withoutType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('$type' in value)) return value;
  const { $type: _, ...rest } = value;
  return rest;
}

const MAX_CUSTOM_STATUS_KB = 16;

/** The JSON text of a custom status; null when there is none, which is also what a falsy one shows as: the SDK leaves it out. */
export function customStatusText(status: unknown): { text: string | null; tooLarge?: string } {
  if (status === undefined || status === null) return { text: null };
  const text = JSON.stringify(status);
  const kilobytes = Math.trunc((text.length * 2) / 1024);
  if (kilobytes <= MAX_CUSTOM_STATUS_KB) return { text };
  const limit = `The UTF-16 size of the JSON-serialized payload must not exceed ${MAX_CUSTOM_STATUS_KB} KB.`;
  return { text: null, tooLarge: `${limit} The current payload size is ${kilobytes} KB.` };
}

/** The JSON text of a continueAsNew's input. The SDK JSON-encodes strings only, so a string is JSON already, unless it was a Date. */
export function continueAsNewInput(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  if (typeof input !== 'string') return JSON.stringify(input);
  try {
    JSON.parse(input);
    return input;
  } catch {
    return JSON.stringify(input);
  }
}
