import type { Clock } from '../clock.ts';
import type { Durations } from '../durations.ts';
import type { Guests } from '../guests/contract.ts';
import type { Identity } from '../identity.ts';
import type { ActivityLog } from './activityLog.ts';
import type { Consoles } from './consoles.ts';
import type { Estate } from './estate.ts';
import type { Faults } from './faults.ts';
import type { Guesses } from './guesses.ts';
import type { Journal } from './journal.ts';
import type { Machines } from './machines.ts';
import type { Operations } from './operations.ts';
import type { ArmPath } from './paths.ts';
import type { SerialPorts } from './serialPorts.ts';
import type { Throttle } from './throttle.ts';

/** A request as it comes off the wire; the body parsed as JSON. */
export interface RawRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

/** The parts of the simulated cloud, as every handler gets them. */
export interface Cloud {
  clock: Clock;
  durations: Durations;
  rules: Guesses;
  estate: Estate;
  operations: Operations;
  throttle: Throttle;
  journal: Journal;
  activity: ActivityLog;
  faults: Faults;
  identity: Identity;
  guests: Guests;
  machines: Machines;
  consoles: Consoles;
  serialPorts: SerialPorts;
  /** Sees every exchange with ARM, for whoever holds it against a specification. */
  watch?: (request: RawRequest, response: ArmResponse) => void;
}

/** A request that has passed the gateway. */
export interface ArmRequest extends ArmPath {
  method: string;
  /** Subscription of the path; checked. */
  subscription: string;
  /** Group of the path; checked to exist. Empty at subscription scope. */
  resourceGroup: string;
  /** The resource (or collection) the path names. */
  id: string;
  /** Last name of the path. */
  name: string;
  query: URLSearchParams;
  apiVersion: string;
  headers: Record<string, string>;
  body: unknown;
  correlationId: string;
  /** An ordered failure of the operation that this request begins. */
  failOperation?: { code: string; message: string; effect?: boolean | undefined };
  /** Ordered: the operation that this request begins does not end. */
  endless?: boolean;
  /** Ordered: it ends so many service seconds later than it would. */
  lateSeconds?: number;
}

export interface ArmResponse {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

export type Handler = (request: ArmRequest, cloud: Cloud) => ArmResponse | Promise<ArmResponse>;

/**
 * Handlers by `METHOD Namespace/type`: METHOD is `LIST` for a GET of a collection, and the key of a POST ends in `:action`.
 */
export type Routes = Record<string, Handler>;
