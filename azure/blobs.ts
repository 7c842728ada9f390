/** Blobs of our own account: small ones whole, append blobs line by line, and addresses that let a guest write one. */
import type { Readable } from 'node:stream';
import {
  BlobSASPermissions,
  type BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  RestError,
  SASProtocol,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { toFault, unlessMissing } from './errors.ts';

/** Containers are made on first use. */
export interface BlobStore {
  put(container: string, name: string, body: Uint8Array | string, contentType: string): Promise<void>;
  /** As put, but only where there is none yet; false = there is one. */
  create(container: string, name: string, body: string, contentType: string): Promise<boolean>;
  /** Adds to an append blob, which is made when missing. */
  append(container: string, name: string, text: string): Promise<void>;
  /** Replaces it by what a stream brings, block by block: at most a few blocks are in memory. */
  putStream(container: string, name: string, body: Readable, contentType: string): Promise<void>;
  /** Undefined = not there. */
  open(container: string, name: string): Promise<NodeJS.ReadableStream | undefined>;
  /** Bytes of it from an offset on, while it is still of this version if one is given; undefined = it is not there, is another one, or ends before. */
  slice(container: string, name: string, range: { offset: number; count: number; etag?: string }): Promise<Uint8Array | undefined>;
  /** Undefined = not there. */
  get(container: string, name: string): Promise<Uint8Array | undefined>;
  properties(container: string, name: string): Promise<{ size: number; lastModified: Date; contentType: string; etag: string } | undefined>;
  list(container: string, prefix: string): AsyncIterable<string>;
  /** A user-delegation SAS (no account key anywhere) for one blob; `permissions` as in `racw`. A secret. */
  delegatedUrl(container: string, name: string, permissions: string, hours: number): Promise<string>;
}

/** Bytes; 50,000 of them are the largest blob: 390 GiB. */
const block = 8 * 2 ** 20;
const blocksAtOnce = 3;

const minute = 60_000;
const hour = 60 * minute;
/** Storage compares a signature's start with its own clock. */
const skew = 5 * minute;

export function createBlobStore(service: BlobServiceClient): BlobStore {
  const containerFor = containers(service);
  return {
    ...reading(service, containerFor),
    ...writing(containerFor),
    ...streaming(containerFor),
    delegatedUrl: signing(service, containerFor),
  };
}

type ContainerFor = (name: string) => Promise<ContainerClient>;

/** Each is made once; a failure is not remembered. */
function containers(service: BlobServiceClient): ContainerFor {
  const made = new Map<string, Promise<unknown>>();
  return async name => {
    const container = service.getContainerClient(name);
    const making = made.get(name) ?? container.createIfNotExists();
    made.set(name, making);
    await making.catch(error => {
      made.delete(name);
      throw error;
    });
    return container;
  };
}

function writing(containerFor: ContainerFor): Pick<BlobStore, 'put' | 'create' | 'append'> {
  return {
    async put(container, name, body, contentType) {
      const blob = (await containerFor(container)).getBlockBlobClient(name);
      await blob.upload(body, Buffer.byteLength(body), { blobHTTPHeaders: { blobContentType: contentType } });
    },

    async create(container, name, body, contentType) {
      const blob = (await containerFor(container)).getBlockBlobClient(name);
      try {
        await blob.upload(body, Buffer.byteLength(body), {
          conditions: { ifNoneMatch: '*' },
          blobHTTPHeaders: { blobContentType: contentType },
        });
        return true;
      } catch (error) {
        if (toFault(error).code !== 'BlobAlreadyExists') throw error;
        return false;
      }
    },

    async append(container, name, text) {
      const blob = (await containerFor(container)).getAppendBlobClient(name);
      const add = () => blob.appendBlock(text, Buffer.byteLength(text));
      if ((await unlessMissing(add())) !== undefined) return;
      await blob.createIfNotExists({ blobHTTPHeaders: { blobContentType: 'text/plain; charset=utf-8' } });
      await add();
    },
  };
}

function reading(service: BlobServiceClient, containerFor: ContainerFor): Pick<BlobStore, 'get' | 'properties' | 'list'> {
  return {
    async get(container, name) {
      const answer = await unlessMissing(service.getContainerClient(container).getBlobClient(name).download());
      if (answer?.readableStreamBody === undefined) return undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer.readableStreamBody) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      return Buffer.concat(chunks);
    },

    async properties(container, name) {
      const found = await unlessMissing(service.getContainerClient(container).getBlobClient(name).getProperties());
      if (found === undefined) return undefined;
      return {
        size: found.contentLength ?? 0,
        lastModified: found.lastModified ?? new Date(0),
        contentType: found.contentType ?? 'application/octet-stream',
        etag: found.etag ?? '',
      };
    },

    async *list(container, prefix) {
      for await (const blob of (await containerFor(container)).listBlobsFlat({ prefix })) yield blob.name;
    },
  };
}

function streaming(containerFor: ContainerFor): Pick<BlobStore, 'putStream' | 'open' | 'slice'> {
  return {
    async putStream(container, name, body, contentType) {
      const blob = (await containerFor(container)).getBlockBlobClient(name);
      await blob.uploadStream(body, block, blocksAtOnce, { blobHTTPHeaders: { blobContentType: contentType } });
    },

    async open(container, name) {
      return (await unlessMissing((await containerFor(container)).getBlobClient(name).download()))?.readableStreamBody;
    },

    async slice(container, name, { offset, count, etag }) {
      const blob = (await containerFor(container)).getBlobClient(name);
      try {
        return await blob.downloadToBuffer(offset, count, etag === undefined ? {} : { conditions: { ifMatch: etag } });
      } catch (error) {
        if (error instanceof RestError && [404, 412, 416].includes(error.statusCode ?? 0)) return undefined;
        throw error;
      }
    },
  };
}

function signing(service: BlobServiceClient, containerFor: ContainerFor): BlobStore['delegatedUrl'] {
  const delegationKey = keyRing(service);
  return async (container, name, permissions, hours) => {
    const blob = (await containerFor(container)).getBlobClient(name);
    const startsOn = new Date(Date.now() - skew);
    const expiresOn = new Date(Date.now() + hours * hour);
    const values = {
      containerName: container,
      blobName: name,
      permissions: BlobSASPermissions.parse(permissions),
      protocol: SASProtocol.Https,
      startsOn,
      expiresOn,
    };
    return `${blob.url}?${generateBlobSASQueryParameters(values, await delegationKey(expiresOn), service.accountName)}`;
  };
}

/** The key that signs; one serves until a signature has to outlive it. */
function keyRing(service: BlobServiceClient): (neededUntil: Date) => Promise<UserDelegationKey> {
  let kept: { key: UserDelegationKey; until: Date } | undefined;
  return async neededUntil => {
    if (kept === undefined || kept.until < neededUntil) {
      const until = new Date(neededUntil.getTime() + hour);
      kept = { key: await service.getUserDelegationKey(new Date(Date.now() - skew), until), until };
    }
    return kept.key;
  };
}
