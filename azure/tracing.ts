/** Tells each request to Azure to the trace of the step that makes it (functions/telemetry.ts). Neither a query nor a body: these hold signatures and secrets. */
import type { PipelinePolicy, PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { BlobStore } from './blobs.ts';
import { type AzureRequest, currentCall } from './call.ts';
import { toFault } from './errors.ts';
import { actionOf } from './ids.ts';

/** Stands nearest to the wire: a request that is repeated is two. */
export const tracingPolicy: PipelinePolicy = {
  name: 'bootmedicTracing',
  sendRequest: (request, next) => traced(request, next),
};

/** Blobs are told by operation: their client takes no policy. A blob's name is left out, the container says enough. */
export function tracedBlobs(store: BlobStore): BlobStore {
  const told =
    <A extends unknown[], R>(operation: string, work: (container: string, ...rest: A) => Promise<R>) =>
    async (container: string, ...rest: A): Promise<R> => {
      const attributes = { 'azure.storage.container': container };
      const end = currentCall()?.trace?.request({ operation: `Microsoft.Storage/blobs/${operation}`, attributes });
      try {
        const value = await work(container, ...rest);
        end?.({ attributes: {}, status: 0, failed: null });
        return value;
      } catch (error) {
        const { kind, code } = toFault(error);
        end?.({ attributes: {}, status: kind === 'throttled' ? 429 : 0, failed: code });
        throw error;
      }
    };
  return {
    ...store,
    put: told('write', store.put),
    create: told('create', store.create),
    append: told('append', store.append),
    putStream: told('write', store.putStream),
    get: told('read', store.get),
    slice: told('read', store.slice),
    properties: told('properties', store.properties),
    delegatedUrl: told('delegate', store.delegatedUrl),
  };
}

async function traced(request: PipelineRequest, next: SendRequest) {
  const end = currentCall()?.trace?.request(armRequest(request));
  if (end === undefined) return next(request);
  try {
    const answer = await next(request);
    end({ attributes: attributesOf(answer), status: answer.status, failed: failure(request, answer) });
    return answer;
  } catch (error) {
    end({ attributes: {}, status: 0, failed: toFault(error).code });
    throw error;
  }
}

function armRequest(request: PipelineRequest): AzureRequest {
  const { pathname } = new URL(request.url);
  const { resource = pathname, operation = actionOf(request.method, pathname) } = currentCall()?.named ?? {};
  return { operation, attributes: { ...common(request), 'url.path': resource } };
}

/** Names: opentelemetry.io/docs/specs/semconv/http/http-spans and …/azure. */
function common({ method, url, requestId }: PipelineRequest): AzureRequest['attributes'] {
  return { 'http.request.method': method, 'server.address': new URL(url).host, 'azure.client.id': requestId };
}

function attributesOf({ status, headers }: PipelineResponse): AzureRequest['attributes'] {
  const seconds = headers.get('retry-after');
  return {
    'http.response.status_code': status,
    'azure.service.request.id': headers.get('x-ms-request-id') ?? '',
    ...(seconds !== undefined && { 'http.response.header.retry-after': seconds }),
  };
}

/** What is looked for may not be there, and what is there already need not be made: no failure. */
function failure({ method }: PipelineRequest, { status }: PipelineResponse): string | null {
  const expected = status < 400 || (status === 404 && (method === 'GET' || method === 'HEAD'));
  return expected ? null : String(status);
}
