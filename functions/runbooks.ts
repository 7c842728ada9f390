/** Makes the runbooks and the admission entity known to Durable Functions. */
import * as df from 'durable-functions';
import {
  type AdmissionRequest,
  type AdmissionState,
  admit,
  askBreaker,
  nobody,
  noteEnd,
  noteRestart,
  park,
  release,
  resetBreaker,
} from '../orchestrations/admission.ts';
import { runbook } from '../orchestrations/durable.ts';
import { forget, type IncidentQuestion, type Incidents, noteTurn, takeTurn } from '../orchestrations/incidents.ts';
import { notify } from '../orchestrations/notify.ts';
import { repairFleet } from '../orchestrations/repairFleet.ts';
import { repairVm } from '../orchestrations/repairVm.ts';
import { startAlerted } from '../orchestrations/startAlerted.ts';
import { sweep } from '../orchestrations/sweep.ts';
import { ADMISSION, ALERT, FLEET, INCIDENTS, NOTIFY, ORCHESTRATOR, SWEEP } from './names.ts';

export function registerRunbooks(timeScale: number): void {
  df.app.orchestration(ORCHESTRATOR, runbook(repairVm, { timeScale }));
  df.app.orchestration(FLEET, runbook(repairFleet, { timeScale }));
  df.app.orchestration(ALERT, runbook(startAlerted, { timeScale }));
  df.app.orchestration(SWEEP, runbook(sweep, { timeScale }));
  registerIncidents();
  df.app.orchestration(NOTIFY, runbook(notify, { timeScale }));
  df.app.entity<AdmissionState>(ADMISSION, context => {
    // What an older version kept may lack what is new.
    const state = { ...nobody, ...context.df.getState(() => nobody) };
    if (context.df.operationName === 'admit') {
      const { state: next, answer } = admit(state, input<AdmissionRequest>(context));
      context.df.setState(next);
      context.df.return(answer);
    } else if (context.df.operationName === 'release') {
      context.df.setState(release(state, input<Parameters<typeof release>[1]>(context)));
      context.df.return({});
    } else if (context.df.operationName === 'park') {
      context.df.setState(park(state, input<Parameters<typeof park>[1]>(context)));
      context.df.return({});
    } else if (context.df.operationName === 'noteRestart') {
      context.df.setState(noteRestart(state, input<Parameters<typeof noteRestart>[1]>(context)));
      context.df.return({});
    } else if (context.df.operationName === 'noteEnd') {
      context.df.setState(noteEnd(state, input<Parameters<typeof noteEnd>[1]>(context)));
      context.df.return({});
    } else if (context.df.operationName === 'resetBreaker') {
      context.df.setState(resetBreaker(state, input<Parameters<typeof resetBreaker>[1]>(context)));
      context.df.return({});
    } else if (context.df.operationName === 'askBreaker') {
      context.df.return(askBreaker(state, input<Parameters<typeof askBreaker>[1]>(context)));
    }
  });
}

function registerIncidents(): void {
  df.app.entity<Incidents>(INCIDENTS, context => {
    const state = context.df.getState(() => ({})) ?? {};
    if (context.df.operationName === 'takeTurn') {
      const { state: next, answer } = takeTurn(state, input<IncidentQuestion>(context));
      context.df.setState(next);
      context.df.return(answer);
    } else if (context.df.operationName === 'forget') {
      context.df.setState(forget(state, input<Parameters<typeof forget>[1]>(context)));
      context.df.return({});
    } else if (context.df.operationName === 'noteTurn') {
      context.df.setState(noteTurn(state, input<Parameters<typeof noteTurn>[1]>(context)));
      context.df.return({});
    }
  });
}

/** Only the runbook and the triggers ask the entity, and both are compiled against its types. */
function input<T>(context: df.EntityContext<unknown>): T {
  const value = context.df.getInput<T>();
  if (value === undefined) throw new Error(`${context.df.entityName}: ${context.df.operationName} came without input`);
  return value;
}
