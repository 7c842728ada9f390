/**
 * The guessed rules turned round: what Azure may do instead, and whether this simulator does it.
 * Whoever runs it may flip any of them, to see that nothing rests on a guess.
 */
import { type GuessedRule, listRules } from './rules.ts';

/** What a flipped rule does. Each is as plausible as the guess; where Azure may be kinder or harsher, the harsher one is meant. */
export const OPPOSITES: Record<GuessedRule, string> = {
  'child-exists': '404 ResourceNotFound, as for a resource of its own, when a run command is not there',
  'body-members-known':
    'a member that the simulator does not model is ignored (a way to make a disk that it lacks is refused all the same)',
  'linked-action-allowed': 'what a body names is not asked about: the action on the path is enough',
  'create-powers-on': 'a new VM is powered on when its creation has ended, and begins to boot then',
  'power-shows-updating': 'provisioningState stays what it was over a power operation, also over one that fails',
  'nic-name': 'a NIC configured in the VM’s body gets a name of its own: its configuration’s and eight hex digits',
  'detach-known-disk': 'the detach of a disk that is not a data disk of the VM is accepted, and nothing happens to that disk',
  'swap-disk-name': 'osDisk.name may be left out or be another one: the id alone counts',
  'swap-same-size': 'a swap to a disk of another size is accepted',
  'swap-on-running-vm': '409 OperationNotAllowed for a swap on a VM that is neither stopped nor deallocated',
  'run-command-agent-ready':
    'accepted; the script begins when the agent reports, and fails with VMAgentStatusCommunicationError when it has not within 40 minutes',
  'run-command-output-blob': 'the script runs all the same, and its output is in the instance view only',
  'run-command-timed-out':
    'a delete or a new PUT does not end the script either: what it prints and changes arrives when it would have ended, on the disks as they are then; only losing the power ends it',
  'run-command-no-secret': 'GET of a run command shows its blobs with their SAS',
  'boot-diagnostics-overwritten':
    'the serial log goes on over a start: what earlier boots said comes first; a VM that is off has no screenshot',
  'activity-log-lags': 'an operation is in the activity log at once; 5 entries a page',
  'serial-console-session':
    'a connection string works as often and as late as one likes, and a command needs no open web socket, only its address',
  'serial-console-listens': 'what a web socket sends is swallowed, and COM1 says nothing on it before it has sent something',
  'new-disk-uninitialised': 'a run command sees an empty disk too: raw, without a partition',
};

/** Whoever flips a rule named one that is no guess. */
export class FlipError extends Error {
  override readonly name = 'FlipError';
}

/** The guesses by which a cloud goes: all of them hold but those that are flipped. */
export class Guesses {
  readonly #flipped: ReadonlySet<string>;
  readonly #asked = new Set<string>();

  /** @throws FlipError for what is not the id of a guessed rule */
  constructor(flipped: readonly string[] = []) {
    const wrong = flipped.find(id => !Object.hasOwn(OPPOSITES, id));
    if (wrong !== undefined) throw new FlipError(refusal(wrong));
    this.#flipped = new Set(flipped);
  }

  holds(rule: GuessedRule): boolean {
    this.#asked.add(rule);
    return !this.#flipped.has(rule);
  }

  /** Whether anything has gone by this rule: one that nobody asked for was turned round in vain. */
  wasAsked(rule: string): boolean {
    return this.#asked.has(rule);
  }

  get flipped(): string[] {
    return [...this.#flipped];
  }
}

function refusal(id: string): string {
  const known = listRules().find(rule => rule.id === id);
  const what = known === undefined ? `there is no rule '${id}'` : `the rule '${id}' is ${known.tag}, not guessed`;
  return `${what}; only these can be flipped: ${Object.keys(OPPOSITES).join(', ')}`;
}
