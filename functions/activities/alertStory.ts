/** An alert about more machines than a route can start repairs of while Azure Monitor waits for its answer. */
export interface AlertRequest {
  alertId: string;
  /** As Azure Monitor writes it; another time is another alert. */
  firedDateTime: string;
  vmIds: string[];
}

export interface AlertEnd {
  /** Machines that have a repair now, theirs or one that was there before. */
  begun: number;
  /** Machines whose repair could not be started, and why; nobody tries again. */
  failed: { vmIds: string[]; why: string }[];
}
