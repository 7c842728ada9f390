/**
 * Azure Monitor's common alert schema, as far as it is needed here; the rest is the alert's own. Field names and nesting:
 * learn.microsoft.com, "Common alert schema" and "Sample alert payloads" (azure-monitor-docs, articles/azure-monitor/alerts).
 */
import { z } from 'zod';
import { oneLine } from './oneLine.ts';

const COMMON = 'azureMonitorCommonAlertSchema';

/** Legacy payloads have another `schemaId`, or none; Azure does not deliver again what is answered with 400. */
const schemaId = z
  .unknown()
  .refine(value => typeof value === 'string' && value.toLowerCase() === COMMON.toLowerCase(), {
    error: 'is not that of the common alert schema',
    params: {
      remedy:
        'turn the common alert schema on for this action: Azure Monitor, Action groups, the group, Actions, edit the action, ' +
        '"Enable the common alert schema" Yes (useCommonAlertSchema: true in Bicep)',
    },
  })
  .meta({ const: COMMON, description: 'Turn on the common alert schema in the action group' });

const said = z.string().max(2000).nullish().catch(null);

/** In whatever case; a word that is neither is refused. */
const condition = z
  .string()
  .meta({ examples: ['Fired', 'Resolved'] })
  .transform(text => text.trim().toLowerCase())
  .pipe(z.enum(['fired', 'resolved']))
  .transform(text => (text === 'fired' ? 'Fired' : 'Resolved'));

/** One that is no text is kept as what it looks like: it is told as no id, and the others are read. How many there are the body bounds. */
const targets = z
  .array(z.unknown().transform(target => (typeof target === 'string' ? target : (JSON.stringify(target) ?? '')).slice(0, 2000)))
  .nullish()
  .catch(null);

export const alertBody = z.looseObject({
  schemaId,
  data: z.looseObject({
    essentials: z.looseObject({
      alertId: oneLine,
      alertRule: said,
      monitorCondition: condition,
      monitoringService: said.meta({ description: 'Decides what is in alertContext' }),
      alertTargetIDs: targets.meta({ description: 'The VMs, or the workspace that was searched' }),
      configurationItems: targets,
      firedDateTime: said,
      resolvedDateTime: said,
    }),
    alertContext: z.unknown().optional(),
  }),
});

export type AlertData = z.infer<typeof alertBody>['data'];
export type Essentials = AlertData['essentials'];

const list = <T>(each: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform(all =>
      all.flatMap(one => {
        const { success, data } = each.safeParse(one);
        return success ? [data] : [];
      }),
    );
const text = z.string().nullish().catch(null);
const dimensions = list(z.object({ name: z.string(), value: z.string() }));
const table = z.object({ columns: list(z.object({ name: z.string() })), rows: list(z.array(z.unknown())) });

/** What is read of the context, whatever kind of alert it is of: a part of another shape reads as empty, and never makes the alert fail. */
export const alertContext = z
  .object({
    /** Metric alerts, and log search alerts since API version 2020-05-01. */
    condition: z.object({ allOf: list(z.object({ dimensions })) }).catch({ allOf: [] }),
    /** Log search alerts before that. */
    Dimensions: dimensions,
    SearchResults: z.object({ tables: list(table) }).catch({ tables: [] }),
    /** Activity log, Resource Health, Service Health. */
    operationName: text,
    status: text,
    properties: z
      .object({ title: text, currentHealthStatus: text, cause: text, incidentType: text })
      .catch({ title: null, currentHealthStatus: null, cause: null, incidentType: null }),
  })
  .partial()
  .catch({});
export type AlertContext = z.infer<typeof alertContext>;
