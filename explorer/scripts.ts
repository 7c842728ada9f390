/** The scripts that were sent to repair VMs, as Azure has them: whose they are, and what their own text and parameters say. */
import type { Cloud } from '../simulator/arm/cloud.ts';
import type { RunCommand } from '../simulator/arm/model.ts';
import { last } from './watch.ts';

export interface SentScript {
  /** Name of the run command, and of its VM. */
  run: string;
  vm: string;
  /** Milliseconds, as Date has them, when Azure had accepted it. */
  at: number;
  /** By the first line of the text. */
  script: string;
  safety: string;
  /** What it was told to be: `Detect` changes nothing. */
  mode: string;
}

const header = /^# bootmedic: id=([a-z-]+); safety=([a-z_]+);/;

export class Scripts {
  readonly sent: SentScript[] = [];
  readonly #cloud: Cloud;
  readonly #seen = new WeakSet<RunCommand>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  look(): void {
    for (const { id, runCommands } of this.#cloud.estate.vms())
      for (const command of runCommands.values()) {
        if (this.#seen.has(command)) continue;
        this.#seen.add(command);
        this.sent.push({ ...saidBy(command), run: command.name, vm: last(id), at: Date.now() });
      }
  }
}

/** A text of nobody's, or without a mode, may do anything. */
export function saidBy({ source, parameters }: Pick<RunCommand, 'source' | 'parameters'>): Pick<SentScript, 'script' | 'safety' | 'mode'> {
  const [, script = 'unknown', safety = 'consent'] = header.exec(String(source.script)) ?? [];
  return { script, safety, mode: parameters.find(({ name }) => name === 'Mode')?.value ?? '' };
}
