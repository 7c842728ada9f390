import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import { checkPort } from '../serialPorts.ts';

/** Whether the subscription's owner has switched the console off. */
function service({ subscription, id, name }: ArmRequest, cloud: Cloud): ArmResponse {
  if (name !== 'default') throw new ArmError('resource-exists', 404, 'NotFound', `The console service '${name}' is not found.`);
  const disabled = cloud.estate.subscription(subscription)?.serialConsoleDisabled ?? false;
  return { status: 200, body: { id, name, type: 'Microsoft.SerialConsole/consoleServices', properties: { disabled } } };
}

function connect({ subscription, scope, names }: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = cloud.estate.vm(scope);
  if (vm === undefined || names[0] !== '0') throw new ArmError('resource-exists', 404, 'ResourceNotFound', `${scope} was not found.`);
  checkPort(cloud, subscription, vm);
  const origin = cloud.operations.origin.replace(/^https/, 'wss');
  return { status: 200, body: { connectionString: `${origin}${cloud.serialPorts.connect(vm)}` } };
}

export const serialConsoleRoutes: Routes = {
  'GET Microsoft.SerialConsole/consoleServices': service,
  'POST Microsoft.SerialConsole/serialPorts:connect': connect,
};
