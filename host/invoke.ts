/** Runs one invocation through the library's own model, as the Node worker's InvocationHandler does. */
import { randomUUID } from 'node:crypto';
import type { CoreInvocationContext, RpcInvocationResponse, RpcLogLevel, RpcTypedData } from './coreTypes.ts';
import type { FunctionsCore } from './functionsCore.ts';
import type { AppFunction } from './registry.ts';

/** `category` is 'user' for the app's own lines. */
export type InvocationLog = (functionName: string, invocationId: string, level: RpcLogLevel, category: string, message: string) => void;

export interface InvocationRequest {
  appFunction: AppFunction;
  input: RpcTypedData | undefined;
  triggerMetadata: Record<string, RpcTypedData>;
}

export interface Invoker {
  /** @throws what the function threw; a thrown null or undefined counts as a result of null, as on Azure. */
  invoke(request: InvocationRequest): Promise<RpcInvocationResponse>;
}

/** `clientInput` is the JSON text that durable client bindings receive. */
export function createInvoker(core: FunctionsCore, log: InvocationLog, clientInput: () => string): Invoker {
  const appHookData: Record<string, unknown> = {};

  async function invoke({ appFunction, input, triggerMetadata }: InvocationRequest): Promise<RpcInvocationResponse> {
    const model = core.programmingModel();
    if (!model) throw new Error('The app registered no functions through @azure/functions');
    const invocationId = randomUUID();
    const context: CoreInvocationContext = {
      invocationId,
      metadata: appFunction.metadata,
      request: {
        invocationId,
        functionId: appFunction.name,
        inputData: [
          { name: appFunction.triggerName, data: input },
          ...appFunction.clientBindings.map(name => ({ name, data: { string: clientInput() } })),
        ],
        triggerMetadata,
      },
      log: (level, category, message) => log(appFunction.name, invocationId, level, category, message),
    };
    const invocation = model.getInvocationModel(context);
    const { context: invocationContext, inputs } = await invocation.getArguments();

    const hookData: Record<string, unknown> = {};
    const pre = { hookData, appHookData, invocationContext, functionCallback: appFunction.callback, inputs };
    context.state = 'preInvocationHooks';
    for (const hook of core.hooks.get('preInvocation') ?? []) await hook(pre);

    context.state = 'invocation';
    const post: Record<string, unknown> = { hookData, appHookData, invocationContext, inputs: pre.inputs, result: null, error: null };
    try {
      post.result = await invocation.invokeFunction(invocationContext, pre.inputs, pre.functionCallback);
    } catch (error) {
      post.error = error;
    }
    context.state = 'postInvocationHooks';
    for (const hook of core.hooks.get('postInvocation') ?? []) await hook(post);
    if (post.error !== null && post.error !== undefined) throw post.error;
    return invocation.getResponse(invocationContext, post.result);
  }

  return { invoke };
}
