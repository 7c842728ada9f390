import { toFault } from '../../azure/errors.ts';
import { parseId } from '../../azure/ids.ts';
import type { Activity } from './activity.ts';

/** Nice to have: where it cannot be read, what holds a burst holds it all the same. */
export const readServiceHealth: Activity<'readServiceHealth'> = async ({ vmId, location }, { azure, log }) => {
  try {
    return { issues: (await azure.serviceHealth.read(parseId(vmId).subscriptionId, location)).slice(0, mostIssues), unread: '' };
  } catch (error) {
    const fault = toFault(error);
    if (fault.code === 'internal') throw error;
    log.warn({ fault }, 'Azure Service Health cannot be read');
    return { issues: [], unread: `${fault.code}: ${fault.message.slice(0, 200)}` };
  }
};

/** They go through the durable history; one is enough to stop. */
const mostIssues = 5;
