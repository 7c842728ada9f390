/** Names under which Durable Functions knows the runbook; whoever starts or asks uses these. */
export const ORCHESTRATOR = 'repairVm';
export const NOTIFY = 'notify';
export const FLEET = 'repairFleet';
export const ALERT = 'startAlerted';
export const SWEEP = 'sweep';
export const INCIDENTS = 'incidents';
export const ADMISSION = 'admission';
