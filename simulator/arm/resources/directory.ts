/** What a client looks up first: tenants, regions, and which providers serve which types in which versions. */
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import type { Json } from '../model.ts';
import { LOCATIONS } from '../sizes.ts';
import { versionsByProvider } from '../versions.ts';

function listTenants(_: ArmRequest, { identity: { tenantId } }: Cloud): ArmResponse {
  return { status: 200, body: { value: [{ id: `/tenants/${tenantId}`, tenantId, tenantCategory: 'Home' }] } };
}

function listLocations({ subscription }: ArmRequest): ArmResponse {
  const value = LOCATIONS.map(name => ({
    ...{ id: `/subscriptions/${subscription}/locations/${name}`, name, type: 'Region', displayName: name, regionalDisplayName: name },
    metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
  }));
  return { status: 200, body: { value } };
}

function providerBody(subscription: string, namespace: string, types: Record<string, string[]>): Json {
  return {
    ...{ id: `/subscriptions/${subscription}/providers/${namespace}`, namespace },
    ...{ registrationState: 'Registered', registrationPolicy: 'RegistrationRequired' },
    resourceTypes: Object.entries(types).map(([resourceType, apiVersions]) => ({
      ...{ resourceType, locations: [...LOCATIONS], apiVersions: apiVersions.toReversed(), capabilities: 'SupportsTags, SupportsLocation' },
    })),
  };
}

function listProviders({ subscription }: ArmRequest): ArmResponse {
  const value = Object.entries(versionsByProvider()).map(([namespace, types]) => providerBody(subscription, namespace, types));
  return { status: 200, body: { value } };
}

function getProvider({ subscription, name }: ArmRequest): ArmResponse {
  const found = Object.entries(versionsByProvider()).find(([namespace]) => namespace.toLowerCase() === name.toLowerCase());
  if (found === undefined)
    throw new ArmError('type-known', 404, 'InvalidResourceNamespace', `The resource namespace '${name}' is invalid.`);
  return { status: 200, body: providerBody(subscription, ...found) };
}

export const directoryRoutes: Routes = {
  'LIST Microsoft.Resources/tenants': listTenants,
  'LIST Microsoft.Resources/subscriptions/locations': listLocations,
  'LIST Microsoft.Resources/subscriptions/providers': listProviders,
  'GET Microsoft.Resources/subscriptions/providers': getProvider,
};
