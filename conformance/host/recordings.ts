/** Reads the recordings of the real Functions host; undefined where they are not on this machine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from '../../host/history.ts';

/** Beside the repository, as all reference data. */
const FOLDER = new URL('../../../shared/reference/durable-recordings', import.meta.url).pathname;

export interface RecordedTurn {
  kind: 'turn';
  function: string;
  instanceId: string;
  t: number;
  input: { history: HistoryEvent[]; instanceId: string; isReplaying: boolean; input: unknown };
  /** What the listener returned, or `{threw, outOfProcData}`. */
  result: Record<string, unknown>;
  turnsLeftOutAfterThis?: number;
}

export interface RecordedRequest {
  kind: 'http';
  t: number;
  request: { method: string; path: string; port?: number; headers?: Record<string, string>; body?: unknown; rawBody?: boolean };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

export interface Recording {
  name: string;
  source: string;
  turns: RecordedTurn[];
  requests: RecordedRequest[];
}

type Line =
  | RecordedTurn
  | RecordedRequest
  | { kind: 'orchestrator-source'; text: string }
  | { kind: 'activity' | 'entity' | 'client-binding' };

/** All recordings; an empty list, with a printed notice, when they are absent. */
export function readRecordings(): Recording[] {
  if (!existsSync(FOLDER)) {
    console.warn(`NOTICE: ${FOLDER} is absent; the comparison with the real Functions host is skipped`);
    return [];
  }
  return readdirSync(FOLDER)
    .filter(file => file.endsWith('.jsonl'))
    .map(file => {
      const text = readFileSync(join(FOLDER, file), 'utf8').replace(/<repeat (.) (\d+)>/g, (_, character, times) =>
        character.repeat(Number(times)),
      );
      const lines: Line[] = text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      return {
        name: file.replace('.jsonl', ''),
        source: lines.flatMap(line => (line.kind === 'orchestrator-source' ? [line.text] : [])).join('\n'),
        turns: lines.filter(line => line.kind === 'turn'),
        requests: lines.filter(line => line.kind === 'http'),
      };
    });
}
