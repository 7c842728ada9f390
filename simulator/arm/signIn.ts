/** What a client asks before it asks ARM: a token of its managed identity, and where the cloud's other ends are. */
import type { ArmResponse, Cloud, RawRequest } from './cloud.ts';

export const IDENTITY_PATH = '/msi/token';
const METADATA_PATH = '/metadata/endpoints';

/** The answer to what needs no token; undefined for everything else. */
export function beforeSignIn(cloud: Cloud, raw: RawRequest): ArmResponse | undefined {
  const { pathname, searchParams } = new URL(raw.url, 'https://localhost');
  if (pathname.replace(/\/$/, '') === IDENTITY_PATH) return token(cloud, raw, searchParams);
  return pathname === METADATA_PATH && raw.method === 'GET' ? endpoints(cloud, searchParams.get('api-version') ?? '') : undefined;
}

/** The header that carries the secret, by the api-version of App Service's endpoint. */
const SECRET_HEADERS: Record<string, string> = { '2019-08-01': 'x-identity-header', '2017-09-01': 'secret' };

/**
 * App Service's managed identity endpoint (`learn.microsoft.com/azure/app-service/overview-managed-identity`), and its older version,
 * which the Azure CLI of Debian asks (`MSI_ENDPOINT`, `MSI_SECRET`).
 */
function token(cloud: Cloud, { method, headers }: RawRequest, query: URLSearchParams): ArmResponse {
  if (method !== 'GET') return { status: 405 };
  const version = query.get('api-version') ?? '';
  const secretHeader = SECRET_HEADERS[version];
  const refuse = (status: number, message: string) => ({ status, body: { statusCode: status, message } });
  if (headers[secretHeader ?? 'x-identity-header'] !== cloud.identity.header)
    return refuse(401, 'The X-IDENTITY-HEADER is missing or wrong.');
  if (secretHeader === undefined) return refuse(400, 'api-version 2019-08-01 is required.');
  const resource = query.get('resource') ?? '';
  const issued = cloud.identity.issue(resource);
  if (issued === undefined) return refuse(400, `AADSTS500011: The resource principal named ${resource} was not found.`);
  return { status: 200, body: version === '2017-09-01' ? { ...issued, expires_on: olderTime(Number(issued.expires_on)) } : issued };
}

/** `11/05/2021 15:18:31 +00:00`. */
function olderTime(seconds: number): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T(\d+:\d+:\d+)/.exec(new Date(seconds * 1000).toISOString()) ?? [];
  return `${month}/${day}/${year} ${time} +00:00`;
}

/** `learn.microsoft.com/rest/api/resources/cloud-metadata`: a list of clouds since 2019, one object before. */
function endpoints(cloud: Cloud, apiVersion: string): ArmResponse {
  const authority = 'https://login.microsoftonline.com';
  const audiences = ['https://management.core.windows.net/', 'https://management.azure.com/'];
  const portal = 'https://portal.azure.com';
  const graph = 'https://graph.windows.net/';
  if (apiVersion < '2019-05-01')
    return {
      status: 200,
      body: {
        ...{ galleryEndpoint: 'https://gallery.azure.com/', graphEndpoint: graph, portalEndpoint: portal },
        authentication: { loginEndpoint: `${authority}/`, audiences },
      },
    };
  const described = {
    ...{ name: 'AzureCloud', portal, graph, graphAudience: graph, resourceManager: cloud.operations.origin },
    authentication: { loginEndpoint: authority, audiences, tenant: 'common', identityProvider: 'AAD' },
    media: 'https://rest.media.azure.net',
    batch: 'https://batch.core.windows.net/',
    gallery: 'https://gallery.azure.com/',
    sqlManagement: 'https://management.core.windows.net:8443/',
    vmImageAliasDoc: 'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
    suffixes: { storage: 'core.windows.net', keyVaultDns: 'vault.azure.net', sqlServerHostname: 'database.windows.net' },
  };
  return { status: 200, body: [described] };
}
