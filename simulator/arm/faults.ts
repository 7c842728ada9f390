import { z } from 'zod';

/** A fault to inject, as the control surface takes it. */
export const Fault = z.strictObject({
  match: z.strictObject({
    method: z.enum(['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE']).optional(),
    /** Regular expression over the path and query, without case. */
    path: z.string(),
  }),
  /** How many requests it hits; then it is gone. */
  times: z.int().positive().default(1),
  /** How many matching requests pass before it begins. */
  after: z.int().nonnegative().default(0),
  /** Wall seconds to wait before anything else. */
  delaySeconds: z.number().nonnegative().max(600).default(0),
  /** Answer with this instead of doing it. */
  answer: z
    .strictObject({
      status: z.int().min(200).max(599),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.unknown().optional(),
    })
    .optional(),
  /** Cut the connection: before doing it, or after. */
  drop: z.enum(['before', 'after']).optional(),
  /** Accept it, then let the operation fail: without an effect, or (`effect`) with the whole of it. */
  failOperation: z.strictObject({ code: z.string(), message: z.string(), effect: z.boolean().optional() }).optional(),
  /** Accept it, and never come to an end. */
  endless: z.boolean().optional(),
  /** Accept it, and come to its usual end so many service seconds later. */
  lateSeconds: z.number().nonnegative().optional(),
});
export type Fault = z.infer<typeof Fault>;

/** Faults waiting for their requests. */
export class Faults {
  #pending: (Fault & { expression: RegExp })[] = [];

  add(fault: Fault): void {
    this.#pending.push({ ...fault, expression: new RegExp(fault.match.path, 'i') });
  }

  clear(): void {
    this.#pending = [];
  }

  get pending(): Fault[] {
    return this.#pending.map(({ expression: _, ...fault }) => fault);
  }

  /** The first fault that hits this request; it is used up by that. */
  take(method: string, pathAndQuery: string): Fault | undefined {
    for (const fault of this.#pending) {
      if (fault.match.method !== undefined && fault.match.method !== method) continue;
      if (!fault.expression.test(pathAndQuery)) continue;
      if (fault.after > 0) {
        fault.after -= 1;
        continue;
      }
      fault.times -= 1;
      if (fault.times === 0) this.#pending = this.#pending.filter(other => other !== fault);
      return fault;
    }
    return undefined;
  }
}
