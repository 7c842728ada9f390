/** The operator's own script, from a request or from a container of his: checked before a repair begins. */
import { longestOperatorScript, readOperatorScript } from '../../playbooks/index.ts';
import type { OperatorScript } from '../activities/contract.ts';
import type { Problem } from '../problems.ts';
import type { Services } from './route.ts';

export type GivenScript = Omit<OperatorScript, 'blob'> & { content: string };

interface Asked {
  name?: string | undefined;
  content?: string | undefined;
  blob?: string | undefined;
}

export async function readScript(asked: Asked, services: Services): Promise<{ given: GivenScript } | { wrong: Problem[] }> {
  const found = asked.blob === undefined ? inRequest(asked) : await inContainer(asked, asked.blob, services);
  if ('wrong' in found) return { wrong: [found.wrong] };
  const { field, name, content } = found;
  const read = readOperatorScript(content);
  if ('wrong' in read) return { wrong: read.wrong.map(complaint => ({ field, ...complaint })) };
  return { given: { name, content, ...read.script } };
}

type Found = { field: string; name: string; content: string } | { wrong: Problem };

function inRequest({ name, content }: Asked): Found {
  const missing = name === undefined ? 'name' : content === undefined ? 'content' : undefined;
  if (missing !== undefined)
    return { wrong: { field: `script.${missing}`, problem: 'is missing', remedy: 'give name and content, or blob alone' } };
  return { field: 'script.content', name: String(name), content: String(content) };
}

async function inContainer({ name, content }: Asked, blob: string, { records, settings }: Services): Promise<Found> {
  const wrong = (problem: string, remedy: string): Found => ({ wrong: { field: 'script.blob', problem, remedy } });
  if (name !== undefined || content !== undefined) return wrong('is given beside name or content', 'give blob alone, or name and content');
  const container = settings.scripts?.container;
  if (container === undefined)
    return wrong('names a script, but no container for them is set', 'set scripts.container, or give name and content');
  const bytes = await records.readScript(container, blob, longestOperatorScript);
  if (bytes === undefined) return wrong(`is not in the container ${container}`, 'give the name of a blob there');
  if (bytes === 'too-large') return wrong(`is longer than ${longestOperatorScript} bytes`, 'give a shorter one');
  try {
    return { field: 'script.blob', name: blob.slice(blob.lastIndexOf('/') + 1).slice(0, 64), content: decoder.decode(bytes) };
  } catch {
    return wrong('is not UTF-8', 'save it as UTF-8, or as plain ASCII');
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
