/**
 * The recorded scenarios once more, live: their orchestrators' sources run on this host, their requests are sent at the recorded times,
 * and every answer must be the one that the real Functions host gave (times, stacks and keys aside).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess, Status } from '../../test/host/hostProcess.ts';
import type { RecordedRequest } from './recordings.ts';

/**
 * Scenarios, how much of them (ms), and the requests that are left out: those about what this host refuses on purpose, and those
 * whose recorded answer only tells that the real host was still busy, or in which order it took what came at one moment.
 */
export const SCENARIOS: Record<string, { until: number; without?: RegExp }> = {
  'activity-errors': { until: 6500 },
  'any-activity': { until: 6500 },
  'any-timer': { until: 6500 },
  approval: { until: 6500 },
  'client-api': { until: 6500, without: /st-wait|\/api\/st\/api/ },
  'continue-as-new': { until: 6500, without: /GET .*can-burst/ },
  'custom-status': { until: 6500 },
  entities: { until: 6500, without: /en_lock|en-lock/ },
  'external-events': { until: 6500 },
  'fan-out-all': { until: 6500 },
  'hello-chain': { until: 6500 },
  // The real host answered 400 to some of these histories, for having two tasks of one number.
  'non-determinism': { until: 1000, without: /showHistory|nd_sub|nd-sub/ },
  'orchestrator-throws': { until: 6500 },
  'start-id-rule': { until: 6500 },
  'start-twice': { until: 6500 },
  'start-unknown': { until: 6500, without: /va_take|GET .*st-nosuch\?/ },
  'suspend-resume': { until: 6300 },
  'terminate-activity': { until: 6500, without: /second%20at%20once/ },
  timer: { until: 6500, without: /GET .*tm-two/ },
  'two-branches': { until: 6500, without: /tb_subs|tb-subs/ },
  values: { until: 6500, without: /va_sub|va-sub/ },
};

/** Sends a scenario's requests at their times. @returns both hosts' answers, in the same form */
export async function replayLive(
  host: HostProcess,
  { name, requests }: { name: string; requests: RecordedRequest[] },
): Promise<{ received: unknown[]; recorded: unknown[] }> {
  const { until, without } = SCENARIOS[name] ?? { until: 0 };
  const wanted = requests.filter(
    ({ t, request, response }) => t <= until && !without?.test(`${request.method} ${request.path}`) && response.status !== 401,
  );
  const began = Date.now();
  const received: unknown[] = [];
  /** Ids that the host chose: the recorded one, ours. */
  const chosenIds = new Map<string, string>();
  for (const { t, request, response } of wanted) {
    await sleep(Math.max(0, began + t - Date.now()));
    const path = request.path.replace(/[?&]code=<code>$/, '').replace(/[0-9a-f]{32}/, id => chosenIds.get(id) ?? id);
    const body = request.rawBody ? request.body : request.body === undefined ? undefined : JSON.stringify(request.body);
    const recordedBody = response.body as Status | null;
    const wantedAnswer = JSON.stringify(normal(request, response.status, response.headers, response.body));
    // A status is asked for until it is the recorded one: timers of the real host fire up to a second early, ours never.
    for (const deadline = Date.now() + (request.method === 'GET' ? 4000 : 0); ; ) {
      const reply = await host.request(request.method, path, body, request.headers);
      if (isChosen(recordedBody?.id) && isChosen(reply.body.id)) chosenIds.set(recordedBody.id, reply.body.id);
      const headers = { location: reply.headers.get('location'), 'retry-after': reply.headers.get('retry-after') };
      const answer = normal(request, reply.status, headers, reply.text === '' ? '' : JSON.parse(reply.text));
      if (JSON.stringify(answer) === wantedAnswer || Date.now() >= deadline) {
        received.push(answer);
        break;
      }
      await sleep(25);
    }
  }
  return { received, recorded: wanted.map(({ request, response }) => normal(request, response.status, response.headers, response.body)) };
}

function isChosen(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id);
}

function normal(
  { method, path }: RecordedRequest['request'],
  status: number,
  headers: Record<string, string | null | undefined>,
  body: unknown,
) {
  const { location, 'retry-after': retryAfter } = headers;
  return {
    request: `${method} ${path}`,
    status,
    location: withoutHost(location ?? ''),
    retryAfter: retryAfter ?? '',
    body: normalBody(body),
  };
}

function withoutHost(text: string): string {
  return text
    .replace(/http:\/\/(localhost|127\.0\.0\.1):\d+/g, 'http://host')
    .replace(/[?&]code=<code>/g, '')
    .replace(/[0-9a-f]{32}/g, '<id>');
}

function normalBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  if ('statusQueryGetUri' in body) return JSON.parse(withoutHost(JSON.stringify(body)));
  if ('Message' in body) return { Message: String(body.Message).replace('status Pending', 'status Running') };
  const {
    createdTime: _created,
    lastUpdatedTime: _updated,
    output,
    historyEvents,
    ...rest
  }: Status = JSON.parse(withoutHost(JSON.stringify(body)));
  const events = historyEvents?.map(normalEvent).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { ...rest, output: normalOutput(output), ...(events ? { historyEvents: events } : {}) };
}

/** Stacks, and lists of all functions, differ. */
function normalOutput(output: unknown): unknown {
  return typeof output === 'string' ? output.replace(/ \n \{"\$type".*$/s, '').replace(/ Additional info: .*$/s, '') : output;
}

export function normalEvent(event: Record<string, unknown>): Record<string, unknown> {
  const { Timestamp: _t, ScheduledTime: _s, FireAt: _f, Details: _d, ...rest } = event;
  if (event.EventType === 'EventSent' && typeof event.Input === 'string') {
    const { op, signal, input } = JSON.parse(event.Input);
    return { ...rest, Input: { op, signal, input } };
  }
  if (event.EventType === 'EventRaised' && typeof event.Input === 'string' && event.Input.includes('ResponseMessage')) {
    const { $type: _type, ...answer } = JSON.parse(event.Input);
    return { ...rest, Name: '<guid>', Input: JSON.stringify(answer) };
  }
  if (event.EventType === 'EventRaised' && /^[0-9a-f]{8}-/.test(String(event.Name))) return { ...rest, Name: '<guid>' };
  return { ...rest, ...(typeof event.Result === 'string' ? { Result: normalOutput(event.Result) } : {}) };
}

/** The app that holds the orchestrators of all scenarios. */
export function sourcesOf(recordings: { source: string }[]): string {
  return [...new Set(recordings.map(({ source }) => source))].map(source => `(() => {${source}\n})();`).join('\n');
}

/** host.json under which they were recorded, as far as it matters here. */
export const HOST_JSON = { version: '2.0', extensions: { durableTask: { hubName: 'LocalCheck', maxConcurrentActivityFunctions: 100 } } };
