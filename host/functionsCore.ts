/** `@azure/functions-core`: the package that exists nowhere and that each host supplies by a patch of `require`, as the Node worker does. */
import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, HookCallback, ProgrammingModel, RpcLogLevel } from './coreTypes.ts';

export interface Registration {
  metadata: FunctionMetadata;
  callback: FunctionCallback;
}

type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log';

class Disposable {
  readonly #onDispose: () => void;
  constructor(onDispose: () => void) {
    this.#onDispose = onDispose;
  }
  dispose(): void {
    this.#onDispose();
  }
}

export interface FunctionsCore {
  readonly registrations: Registration[];
  readonly hooks: ReadonlyMap<string, HookCallback[]>;
  programmingModel(): ProgrammingModel | undefined;
  /** From now on a registration throws, as on Azure once the app is loaded. */
  lock(): void;
}

/**
 * Makes `require('@azure/functions-core')` answer in this process, until the process ends. `log` receives what the library itself says.
 * A process has one set of registrations: the library caches what it finds at its first call.
 */
export function supplyFunctionsCore(log: (level: RpcLogLevel, category: string, message: string) => void): FunctionsCore {
  const registrations: Registration[] = [];
  const hooks = new Map<string, HookCallback[]>();
  let model: ProgrammingModel | undefined;
  let locked = false;

  const api = {
    version: '1.0.0',
    hostVersion: '4.0.0',
    Disposable,
    log,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
      if (locked) throw new Error(`A function can only be registered during app startup: ${metadata.name ?? '(unnamed)'}`);
      const registration = { metadata, callback };
      registrations.push(registration);
      return new Disposable(() => remove(registrations, registration));
    },
    registerHook(name: HookName, callback: HookCallback): Disposable {
      const list = hooks.get(name) ?? [];
      hooks.set(name, list);
      list.push(callback);
      return new Disposable(() => remove(list, callback));
    },
    setProgrammingModel(given: ProgrammingModel): void {
      model = given;
    },
    getProgrammingModel: () => model,
  };

  const original = Module.prototype.require;
  Module.prototype.require = function requireWithCore(this: NodeJS.Module, id: string): unknown {
    return id === '@azure/functions-core' ? api : original.call(this, id);
  };
  return {
    registrations,
    hooks,
    programmingModel: () => model,
    lock: () => {
      locked = true;
    },
  };
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
