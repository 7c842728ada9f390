/** The settings of the process: read from the environment once, at the start, and wrong ones told all at once. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isTimeZone } from '../report/zone.ts';
import type { Limits, Mode, Policy } from './activities/contract.ts';
import { known } from './known.ts';
import { notifications, secretProblems } from './notificationSettings.ts';
import { type Problem, problemsOf } from './problems.ts';
import { scriptContainer } from './scriptContainer.ts';
import { vendorFiles } from './vendorFileSettings.ts';

/** From the strictest to the freest. */
const MODES = ['observe', 'review', 'auto'] as const satisfies Mode[];
const AZURE = 'https://management.azure.com';
const HOUR = 3600;
/** Source: learn.microsoft.com/azure/azure-monitor/alerts/action-groups, "Configure authentication for Secure webhook". */
const ACTION_GROUPS = '461e8683-5575-4561-ac7f-899cc907d62a';

const mode = z.enum(MODES);
const consents = z.array(
  z.string().refine(text => known.consents.includes(text), {
    error: 'is not the id of a consent',
    params: { remedy: `give one of ${known.consents.join(', ')}` },
  }),
);
const seconds = (otherwise: number) => z.number().min(1).default(otherwise);
const count = (otherwise: number) => z.int().min(1).default(otherwise);

const limits: z.ZodType<Limits> = z.strictObject({
  repairsPerVmAndDay: count(3),
  repairsAtOnce: count(5),
  bootsPerRepair: count(3),
  copiesPerRepair: count(3),
  stabilitySeconds: seconds(3 * 60),
  silenceSeconds: seconds(30 * 60),
  hangSeconds: seconds(HOUR),
  restartSilenceSeconds: seconds(10 * 60),
  patienceSeconds: seconds(8 * HOUR),
  approvalSeconds: seconds(24 * HOUR),
  repairSeconds: seconds(12 * HOUR),
  breakerFailures: count(3),
  breakerSeconds: seconds(6 * HOUR),
  burstVms: z.int().min(2).default(3),
  burstSeconds: seconds(HOUR),
  scopePercent: z.int().min(1).max(100).default(20),
  keepDays: count(7),
});

/** Every field given must fit the VM; names are compared as Azure does, without regard to case. */
const match = z
  .strictObject({
    subscription: z.string().optional(),
    resourceGroup: z.string().optional(),
    tag: z.strictObject({ name: z.string().min(1), value: z.string() }).optional(),
  })
  .refine(fields => Object.keys(fields).length > 0, {
    error: 'matches nothing',
    params: { remedy: 'name a subscription, a resourceGroup or a tag; what holds for all VMs belongs in defaults' },
  });

const tag = z.strictObject({ name: z.string().min(1), value: z.string().optional() });

/** The health sweep. Lists that are empty leave nothing out. */
const sweep = z
  .strictObject({
    /** When it runs: NCRONTAB, `{second} {minute} {hour} {day} {month} {day of week}`, UTC; null = only when it is asked for. */
    schedule: z
      .string()
      .refine(text => /^([\d*,/-]+\s+){5}[\da-z*,/-]+$/i.test(text.trim()), {
        error: 'is no NCRONTAB expression of six fields',
        params: { remedy: 'write it as "0 */15 * * * *": every 15 minutes' },
      })
      .nullable()
      .default(null),
    subscriptions: z.array(z.string().min(1)).default([]),
    resourceGroups: z.array(z.string().min(1)).default([]),
    /** Only VMs with one of these tags; without a value, any value fits. */
    optIn: z.array(tag).default([]),
    /** No VM with one of these tags, beside `bootmedic-mode=off`. */
    optOut: z.array(tag).default([]),
    /** A running VM whose agent is silent for so long is looked at closer. */
    silentSeconds: seconds(15 * 60),
    /** Whose repair ended without success is left to a person for so long. */
    againSeconds: seconds(24 * HOUR),
    /** Histories of orchestrations that ended longer ago are removed; records stay. */
    historyDays: count(30),
  })
  .prefault({});

const runbookSettings = z.strictObject({
  defaults: z
    .strictObject({
      mode: mode.default('observe'),
      consents: consents.default([]),
      restartFirst: z.boolean().default(true),
      /** Names of tags: VMs of a subscription that share the value of one are a scope, as a resource group is. */
      scopeTags: z.array(z.string().min(1).max(512)).max(5).default([]),
      limits: limits.prefault({}),
    })
    .prefault({}),
  scopes: z
    .array(z.strictObject({ match, mode: mode.optional(), consents: consents.optional(), restartFirst: z.boolean().optional() }))
    .default([]),
  /** True: nobody decides on a repair that they asked for themselves. */
  fourEyes: z.boolean().default(false),
  /** `required`: a person or an app may have only that VM repaired which they may operate themselves, by their own roles in Azure. */
  callerRights: z.enum(['required', 'off']).default('required'),
  /** App ids that may deliver alerts; the default is that of Azure Monitor's action groups, the same in every tenant. */
  alertCallers: z.array(z.guid().toLowerCase()).default([ACTION_GROUPS]),
  notifications,
  sweep,
  vendorFiles,
  scripts: z.strictObject({ container: scriptContainer }).optional(),
  /** Reports tell times in UTC, and beside that as the clocks of this zone (IANA name) show them; who asks for a report may name another. */
  report: z
    .strictObject({
      timeZone: z
        .string()
        .refine(isTimeZone, { error: 'is no time zone', params: { remedy: 'give an IANA name: Europe/Amsterdam' } })
        .nullable()
        .default(null),
    })
    .prefault({}),
});
type RunbookSettings = z.infer<typeof runbookSettings>;

const httpsUrl = z.string().refine(text => URL.canParse(text) && new URL(text).protocol === 'https:', {
  error: 'is not an https address',
  params: { remedy: 'give an address that starts with https://' },
});
const blobEndpoint = z
  .string()
  .default('')
  .refine(text => text !== '', {
    error: 'is not set',
    params: { remedy: 'name the storage account for records and reports: https://<account>.blob.core.windows.net' },
    abort: true,
  })
  .pipe(httpsUrl);

const environment = z.object({
  BOOTMEDIC_ARM_ENDPOINT: httpsUrl.default(AZURE),
  BOOTMEDIC_BLOB_ENDPOINT: blobEndpoint,
  BOOTMEDIC_TIME_SCALE: z.coerce.number().positive().default(1),
  /** Set by App Service where its authentication is on. */
  WEBSITE_AUTH_ENABLED: z.string().default(''),
  /** Set by App Service on each of its instances. */
  WEBSITE_INSTANCE_ID: z.string().default(''),
  /** Set by the embedded host, whose gate writes the principal header itself. */
  BOOTMEDIC_LOCAL_GATE: z.string().default(''),
  BOOTMEDIC_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export interface Settings extends RunbookSettings {
  /** Azure Resource Manager. */
  armEndpoint: string;
  /** The account for records, evidence, dumps and audit. */
  blobEndpoint: string;
  /** A rehearsal's waits are this many times shorter; 1 on Azure. */
  timeScale: number;
  logLevel: string;
  /** Somebody has checked who calls before a request comes to us. */
  authentication: boolean;
  /** The user of an embedded host is believed to be one: nowhere else. */
  localCallers: boolean;
}

/** The settings are wrong; the message lists every field with its remedy. */
export class SettingsError extends Error {
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(['bootmedic cannot start, its settings are wrong:', ...problems.map(p => `  ${p.field}: ${p.problem}; ${p.remedy}`)].join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/**
 * Reads BOOTMEDIC_SETTINGS (JSON, inline or the path of a file), BOOTMEDIC_ARM_ENDPOINT, BOOTMEDIC_BLOB_ENDPOINT, BOOTMEDIC_TIME_SCALE and
 * BOOTMEDIC_LOG_LEVEL. Nothing set means mode `observe` everywhere and the limits of the design.
 * @throws SettingsError that names all that is wrong
 */
export function loadSettings(env: Record<string, string | undefined>): Settings {
  const variables = environment.safeParse(withoutEmpty(env));
  const document = readSettings(env.BOOTMEDIC_SETTINGS?.trim() || '{}');
  const problems = [
    ...(variables.success ? rehearsalProblems(variables.data) : problemsOf(variables.error)),
    ...document.problems,
    ...(document.settings ? secretProblems(document.settings.notifications, env) : []),
  ];
  if (!variables.success || document.settings === undefined || problems.length > 0) throw new SettingsError(problems);
  return {
    ...document.settings,
    armEndpoint: variables.data.BOOTMEDIC_ARM_ENDPOINT,
    blobEndpoint: variables.data.BOOTMEDIC_BLOB_ENDPOINT,
    timeScale: variables.data.BOOTMEDIC_TIME_SCALE,
    logLevel: variables.data.BOOTMEDIC_LOG_LEVEL,
    authentication: /^true$/i.test(variables.data.WEBSITE_AUTH_ENABLED),
    localCallers: /^true$/i.test(variables.data.BOOTMEDIC_LOCAL_GATE) && variables.data.WEBSITE_INSTANCE_ID === '',
  };
}

function readSettings(inlineOrPath: string): { settings?: RunbookSettings; problems: Problem[] } {
  const field = 'BOOTMEDIC_SETTINGS';
  let json: unknown;
  try {
    json = JSON.parse(inlineOrPath.startsWith('{') ? inlineOrPath : readFileSync(inlineOrPath, 'utf8'));
  } catch (error) {
    const problem = error instanceof SyntaxError ? `is not JSON: ${error.message}` : `names a file that cannot be read: ${inlineOrPath}`;
    return { problems: [{ field, problem, remedy: 'give a JSON object, or the path of a file that holds one' }] };
  }
  const parsed = runbookSettings.safeParse(json);
  return parsed.success ? { settings: parsed.data, problems: [] } : { problems: problemsOf(parsed.error, field) };
}

/** Shortened waits against a real Azure would give a VM no time to boot. */
function rehearsalProblems(variables: z.infer<typeof environment>): Problem[] {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(variables.BOOTMEDIC_ARM_ENDPOINT).hostname);
  if (variables.BOOTMEDIC_TIME_SCALE === 1 || loopback) return [];
  const problem = `is ${variables.BOOTMEDIC_TIME_SCALE}, but BOOTMEDIC_ARM_ENDPOINT is not on this machine`;
  return [{ field: 'BOOTMEDIC_TIME_SCALE', problem, remedy: 'remove it: only a rehearsal against a simulator may be faster than Azure' }];
}

function withoutEmpty(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));
}

/** The limits that a request carries into its orchestration. */
export function limitsOf(settings: Settings): Limits {
  return settings.defaults.limits;
}

export interface PolicyQuestion {
  vmId: string;
  tags: Record<string, string>;
  requestedMode: Mode | null;
  requestedConsents: string[];
  requestedRestart: boolean;
}

/**
 * What may be done to this VM. Of the scopes that match, the strictest mode and the consents that all of them give; without a match, the defaults.
 * The VM's tag `bootmedic-mode` and the request can only tighten the mode; an unknown word in the tag counts as `observe`.
 * A request's consents are added: only who may approve can give them (triggers/startRepair.ts).
 */
export function policyFor(settings: Settings, question: PolicyQuestion): Policy {
  const scopes = settings.scopes.filter(scope => matches(scope.match, question));
  const rules = scopes.length > 0 ? scopes : [settings.defaults];
  const modes = rules.map(rule => rule.mode ?? settings.defaults.mode);
  const asked = [...modes, tagMode(question.tags), question.requestedMode];
  const given = rules
    .map(rule => rule.consents ?? settings.defaults.consents)
    .reduce((common, each) => common.filter(id => each.includes(id)));
  return {
    mode: MODES.find(each => asked.includes(each)) ?? 'observe',
    consents: [...new Set([...given, ...question.requestedConsents])].sort(),
    restartFirst: question.requestedRestart && rules.every(rule => rule.restartFirst ?? settings.defaults.restartFirst),
  };
}

export function isStricter(mode: Mode, than: Mode): boolean {
  return MODES.indexOf(mode) < MODES.indexOf(than);
}

function matches(match: RunbookSettings['scopes'][number]['match'], { vmId, tags }: PolicyQuestion): boolean {
  const [, , subscription, , resourceGroup] = vmId.split('/');
  const { tag } = match;
  return (
    (match.subscription === undefined || same(match.subscription, subscription)) &&
    (match.resourceGroup === undefined || same(match.resourceGroup, resourceGroup)) &&
    (tag === undefined || Object.entries(tags).some(([name, value]) => same(name, tag.name) && value === tag.value))
  );
}

function same(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

function tagMode(tags: Record<string, string>): Mode | null {
  const value = Object.entries(tags).find(([name]) => same(name, 'bootmedic-mode'))?.[1];
  if (value === undefined) return null;
  return MODES.find(each => same(each, value.trim())) ?? 'observe';
}
