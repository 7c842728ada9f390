/** The app's functions, sorted by what triggers them. Everything that this host cannot do is refused here, by name, before anything runs. */
import type { FunctionCallback, FunctionMetadata, RpcBindingInfo } from './coreTypes.ts';
import type { Registration } from './functionsCore.ts';

export interface AppFunction {
  name: string;
  /** The trigger's binding, and the key under which the library expects its input. */
  trigger: RpcBindingInfo;
  triggerName: string;
  /** Keys of durable client inputs. */
  clientBindings: string[];
  metadata: FunctionMetadata;
  callback: FunctionCallback;
}

export type TriggerKind = 'http' | 'timer' | 'orchestrator' | 'activity' | 'entity';

const TRIGGERS: Record<string, TriggerKind> = {
  httpTrigger: 'http',
  timerTrigger: 'timer',
  orchestrationTrigger: 'orchestrator',
  activityTrigger: 'activity',
  entityTrigger: 'entity',
};

export interface Registry {
  all(kind: TriggerKind): AppFunction[];
  /** Durable functions are found without regard to case, as on Azure. */
  find(kind: TriggerKind, name: string): AppFunction | undefined;
  /** The text in which Azure complains of a durable function that does not exist. */
  unknownFunction(kind: TriggerKind, name: string): string;
}

/** @throws Error that names every function and what of it is not supported. */
export function buildRegistry(registrations: Registration[]): Registry {
  const byKind = new Map<TriggerKind, Map<string, AppFunction>>();
  const complaints: string[] = [];
  const seen = new Set<string>();
  for (const registration of registrations) {
    const name = registration.metadata.name ?? '';
    const complaint = unsupported(registration) ?? (seen.has(name.toLowerCase()) ? 'is registered twice' : undefined);
    if (complaint !== undefined) {
      complaints.push(`function '${name}' ${complaint}`);
      continue;
    }
    seen.add(name.toLowerCase());
    const { kind, appFunction } = describe(name, registration);
    const functions = byKind.get(kind) ?? new Map<string, AppFunction>();
    byKind.set(kind, functions.set(name.toLowerCase(), appFunction));
  }
  if (complaints.length > 0) throw new Error(`The embedded host cannot run this app: ${complaints.join('; ')}`);
  const all = (kind: TriggerKind): AppFunction[] => [...(byKind.get(kind)?.values() ?? [])];
  const article = (kind: TriggerKind): string =>
    kind === 'activity' ? 'an activity' : kind === 'entity' ? 'an entity' : 'an orchestrator';
  return {
    all,
    find: (kind, name) => byKind.get(kind)?.get(name.toLowerCase()),
    unknownFunction: (kind, name) => {
      const known = all(kind).map(f => `'${f.name}'`);
      const list =
        known.length > 0
          ? `The following are the known ${kind} functions: ${known.join(', ')}.`
          : `No ${kind} functions are currently registered!`;
      return `The function '${name}' doesn't exist, is disabled, or is not ${article(kind)} function. Additional info: ${list}`;
    },
  };
}

function unsupported({ metadata }: Registration): string | undefined {
  if (!metadata.name) return 'has no name';
  if (metadata.retryOptions !== undefined && metadata.retryOptions !== null) return 'uses retry options, which are not supported';
  const bindings = Object.entries(metadata.bindings ?? {});
  for (const [key, binding] of bindings) {
    const type = binding.type ?? '';
    const isKnown = binding.direction === 'out' ? type === 'http' && key === '$return' : type in TRIGGERS || type === 'durableClient';
    if (!isKnown) return `has a binding of type '${type}' (${binding.direction ?? 'in'}), which is not supported`;
  }
  const triggers = bindings.filter(([, binding]) => binding.direction !== 'out' && (binding.type ?? '') in TRIGGERS);
  return triggers.length === 1 ? undefined : `has ${triggers.length} triggers instead of one`;
}

function describe(name: string, { metadata, callback }: Registration): { kind: TriggerKind; appFunction: AppFunction } {
  const clientBindings: string[] = [];
  let found: { kind: TriggerKind; trigger: RpcBindingInfo; triggerName: string } | undefined;
  for (const [key, binding] of Object.entries(metadata.bindings ?? {})) {
    const kind = TRIGGERS[binding.type ?? ''];
    if (binding.direction !== 'out' && kind !== undefined) found = { kind, trigger: binding, triggerName: key };
    else if (binding.type === 'durableClient') clientBindings.push(key);
  }
  if (!found) throw new Error(`function '${name}' has no trigger`);
  const { kind, trigger, triggerName } = found;
  return { kind, appFunction: { name, trigger, triggerName, clientBindings, metadata, callback } };
}
