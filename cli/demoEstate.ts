/** What the demo does with the estate of its scenario, and how each VM should end. The scenario itself knows nothing of that. */
import type { OutcomeKind } from '../functions/activities/contract.ts';

const SUBSCRIPTION = '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601';

export interface DemoVm {
  id: string;
  name: string;
  /** How the demo's repair comes to be asked for. */
  by: 'alert' | 'call';
  expected: OutcomeKind;
}

export const demoVms: DemoVm[] = [
  vm('rg-shop', 'app-nl-01', 'alert', 'repaired'),
  vm('rg-office', 'web-en-02', 'alert', 'repaired'),
  vm('rg-office', 'old-bad-04', 'alert', 'rolled-back'),
  vm('rg-office', 'crm-en-05', 'alert', 'repaired'),
  vm('rg-shop', 'db-ok-03', 'call', 'healthy'),
];

function vm(group: string, name: string, by: DemoVm['by'], expected: OutcomeKind): DemoVm {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
  return { id, name, by, expected };
}

/** An operator's settings: this subscription may be repaired unasked, also all of a group at once, and dumps may be uploaded. */
export const demoSettings = {
  // All of them show the same stop code: two go first, where an operator would let one.
  defaults: { mode: 'observe', limits: { scopePercent: 100, burstVms: 4 } },
  scopes: [{ match: { subscription: SUBSCRIPTION }, mode: 'auto', consents: ['upload-dump'] }],
};

/** Azure Monitor's common alert schema. Source: learn.microsoft.com, "Common alert schema". */
export function demoAlert(now: Date): unknown {
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts/demo`,
        alertRule: 'heartbeat lost',
        severity: 'Sev1',
        signalType: 'Log',
        monitorCondition: 'Fired',
        monitoringService: 'Log Alerts V2',
        alertTargetIDs: demoVms.filter(({ by }) => by === 'alert').map(({ id }) => id),
        firedDateTime: now.toISOString(),
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {},
    },
  };
}
