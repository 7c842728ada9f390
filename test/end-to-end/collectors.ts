/** What receives telemetry: OpenTelemetry's own protocol (OTLP over HTTP, JSON), and Application Insights' ingestion. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Authority } from '../../simulator/authority.ts';

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: number;
  /** Nanoseconds since 1970. */
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  failed: boolean;
  attributes: Record<string, unknown>;
}
export interface Point {
  attributes: Record<string, unknown>;
  /** Of a counter its value, of a histogram how many were recorded. */
  count: number;
  sum: number;
}

export interface Collector {
  url: string;
  /** Everything that came, as text. */
  text(): string;
  close(): void;
}
export interface OtlpCollector extends Collector {
  spans(): Span[];
  /** The newest points of a metric. */
  points(name: string): Point[];
}

type Value = { stringValue?: string; intValue?: number; doubleValue?: number; boolValue?: boolean };
type Attributes = { key: string; value: Value }[];
interface Body {
  resourceSpans?: {
    scopeSpans: { spans: (Omit<Span, 'attributes' | 'failed'> & { attributes: Attributes; status: { code?: number } })[] }[];
  }[];
  resourceMetrics?: { scopeMetrics: { metrics: { name: string; sum?: Data; histogram?: Data }[] }[] }[];
}
interface Data {
  dataPoints: { attributes: Attributes; asDouble?: number; asInt?: number; count?: number; sum?: number }[];
}

const plain = (list: Attributes) => Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));

export async function startOtlp(): Promise<OtlpCollector> {
  const bodies: Body[] = [];
  const collector = await listen(createServer, text => bodies.push(JSON.parse(text) as Body));
  return {
    ...collector,
    spans: () =>
      bodies
        .flatMap(({ resourceSpans = [] }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
        .map(({ attributes, status, ...span }) => ({ ...span, attributes: plain(attributes), failed: status.code === 2 })),
    points(name) {
      const told = bodies.flatMap(({ resourceMetrics = [] }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.filter(each => each.name === name))),
      );
      const { sum, histogram } = told.at(-1) ?? {};
      return ((sum ?? histogram)?.dataPoints ?? []).map(({ attributes, asDouble, asInt, count, sum }) => {
        const value = Number(asDouble ?? asInt ?? count ?? 0);
        return { attributes: plain(attributes), count: value, sum: sum ?? value };
      });
    },
  };
}

export interface Envelope {
  name: string;
  tags: Record<string, string>;
  data: { baseType: string; baseData: { name?: string; id?: string; [field: string]: unknown } };
}

/** Application Insights over https; it lets in by a bearer token alone. */
export async function startInsights({ key, certificate }: Authority): Promise<Collector & { envelopes(): Envelope[]; refused(): number }> {
  const envelopes: Envelope[] = [];
  let refused = 0;
  const server = (listener: RequestListener) => createSecureServer({ key, cert: certificate }, listener);
  const collector = await listen(server, (text, request) => {
    if (!/^Bearer \S+/.test(request.headers.authorization ?? '')) refused++;
    if (/\/track$/.test(request.url ?? '')) envelopes.push(...(JSON.parse(text) as Envelope[]));
  });
  const url = collector.url.replace('http:', 'https:');
  return { ...collector, url, envelopes: () => envelopes, refused: () => refused };
}

async function listen(
  create: (listener: RequestListener) => Server | ReturnType<typeof createSecureServer>,
  take: (text: string, request: IncomingMessage) => void,
): Promise<Collector> {
  let all = '';
  const server = create((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
      all += text;
      take(text, request);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    text: () => all,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
