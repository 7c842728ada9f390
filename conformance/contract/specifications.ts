/** Microsoft's OpenAPI specifications, asked through its own validator `oav`. */
import { LiveValidator } from 'oav';
import { parsePath } from '../../simulator/arm/paths.ts';
import type { ArmExchange } from '../../simulator/index.ts';
import { type StatusJudgement, statusJudge } from './status.ts';

/** The version that the specifications here have of each type; the newer one that the SDK sends is mapped to it. */
const VERSIONS: [type: RegExp, version: string][] = [
  [/^microsoft\.compute\/(disks|snapshots)\b/i, '2023-10-02'],
  [/^microsoft\.compute\/skus$/i, '2021-07-01'],
  [/^microsoft\.compute\/(virtualmachines|locations)\b/i, '2024-03-01'],
  [/^microsoft\.network\//i, '2024-01-01'],
  [/^microsoft\.resourcehealth\//i, '2022-10-01'],
  [/^microsoft\.resourcegraph\//i, '2022-10-01'],
  [/^microsoft\.resources\/subscriptions$/i, '2022-12-01'],
  [/^microsoft\.resources\//i, '2022-09-01'],
];

/** One complaint of the validator. */
export interface Complaint {
  side: 'request' | 'response';
  code: string;
  /** Where, without indexes. */
  path: string;
  message: string;
}

/** What the validator has to say, or why it was not asked. */
export type Judgement = { complaints: Complaint[] } | { unspecified: string };

export class Specifications {
  readonly #validator: LiveValidator;
  readonly #status: (status: number, body: unknown) => StatusJudgement;

  private constructor(validator: LiveValidator, directory: string) {
    this.#validator = validator;
    this.#status = statusJudge(directory);
  }

  /** @param directory with `specification/` in it */
  static async load(directory: string): Promise<Specifications> {
    const validator = new LiveValidator(
      {
        directory,
        git: { shouldClone: false },
        isArmCall: true,
        isPathCaseSensitive: false,
        swaggerPathsPattern: ['specification/**/resource-manager/**/*.json'],
        loadValidatorInBackground: false,
        loadValidatorInInitialize: false,
      },
      () => {},
    );
    await validator.initialize();
    return new Specifications(validator, directory);
  }

  async judge(exchange: ArmExchange): Promise<Judgement> {
    const { method, url, requestHeaders, request, status, headers, response } = exchange;
    const parsed = parsePath(url.split('?')[0] ?? '');
    const name = parsed === undefined ? '' : `${parsed.namespace}/${parsed.type}`;
    if (/\/(operations|diskoperations|operationresults)$/i.test(name)) return this.#judgeStatus(exchange);
    const version = VERSIONS.find(([type]) => type.test(name))?.[1];
    if (version === undefined) return { unspecified: `no specification here: ${name}` };
    const address = new URL(url, 'https://management.azure.com');
    address.searchParams.set('api-version', version);
    const query = Object.fromEntries(address.searchParams);
    const { requestValidationResult, responseValidationResult } = await this.#validator.validateLiveRequestResponse({
      liveRequest: { method, url: `${address.pathname}${address.search}`, headers: requestHeaders, query, body: asBody(request) },
      liveResponse: { statusCode: String(status), headers, body: asBody(response) },
    });
    const of = (side: Complaint['side'], result: typeof requestValidationResult): Complaint[] => [
      ...result.errors.map(({ code, message, pathsInPayload }) => ({ side, code, message, path: withoutIndexes(pathsInPayload[0] ?? '') })),
      ...(result.runtimeException === undefined ? [] : [{ side, path: '', ...result.runtimeException }]),
    ];
    return { complaints: [...of('request', requestValidationResult), ...of('response', responseValidationResult)] };
  }

  /** As the types that all services share have it; what the operation has made, as the GET of it. */
  async #judgeStatus({ url, requestHeaders, status, headers, response }: ArmExchange): Promise<Judgement> {
    if (new URL(url, 'https://management.azure.com').searchParams.get('monitor') === 'true' && response !== undefined)
      return { unspecified: 'the result at an operation’s Location: what it is depends on the request that began it' };
    const { complaints, output } = this.#status(status, response);
    const own = complaints.map(complaint => ({ side: 'response' as const, ...complaint }));
    if (output === undefined) return { complaints: own };
    const shown = { method: 'GET', url: `${output.id}?api-version=`, requestHeaders, status: 200, headers, response: output.body };
    const judged = await this.judge(shown);
    return { complaints: [...own, ...('unspecified' in judged ? [] : judged.complaints)] };
  }
}

function withoutIndexes(path: string): string {
  return path.replaceAll(/\[\d+\]|\/\d+(?=\/|$)/g, '[]');
}

function asBody(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}
