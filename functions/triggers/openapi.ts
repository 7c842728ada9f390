/** The API's description (OpenAPI 3.1), made from the routes and their schemas; `functions/openapi.json` holds it (writeOpenapi.ts). */
import { z } from 'zod';
import program from '../../package.json' with { type: 'json' };
import { problemTitles } from './problem.ts';
import type { Answer, Route } from './route.ts';
import { named } from './schemas.ts';

type Json = Record<string, unknown>;

const PROBLEM = 'application/problem+json';
/** Every route may answer these. */
const ALWAYS = [400, 401, 403, 500, 503];

export function describeApi(routes: Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[`/${route.path}`] = { ...paths[`/${route.path}`], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'bootmedic',
      version: program.version,
      summary: 'Repairs Azure VMs that do not boot',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, inlineSchema(schema, isInput(schema))])),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'On Azure an access token of Microsoft Entra ID for this app, whose app roles each operation names; on the embedded host the token of its run.json',
        },
      },
    },
  };
}

function operation(route: Route): Json {
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')];
  return {
    operationId: route.name,
    summary: route.summary,
    security: [{ bearer: [route.role] }],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: refTo(route.body) } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, response(answer)])),
      ...Object.fromEntries([...ALWAYS, ...route.problems].map(status => [status, problem(status)])),
    },
  };
}

function response({ description, content = {}, location }: Answer): Json {
  const bodies = Object.entries(content).map(([type, schema]) => [type, { schema: schema ? refTo(schema) : { type: 'string' } }]);
  return {
    description,
    ...(location && { headers: { Location: { description: 'Path of the repair', schema: { type: 'string' } } } }),
    content: Object.fromEntries(bodies),
  };
}

function problem(status: number): Json {
  return { description: problemTitles(status), content: { [PROBLEM]: { schema: refTo(named.Problem) } } };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const { properties = {}, required = [] } = inlineSchema(schema, true) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

/** A schema that the description names is pointed at. */
function refTo(schema: z.ZodType): Json {
  const name = Object.entries(named).find(([, each]) => each === schema)?.[0];
  if (name === undefined) throw new Error('a body without a name: add its schema to `named` in schemas.ts');
  return { $ref: `#/components/schemas/${name}` };
}

function isInput(schema: z.ZodType): boolean {
  return [named.RepairStart, named.Decision, named.FleetStart, named.BreakerReset, named.Alert].some(each => each === schema);
}

/** What comes in is described as it is before parsing; an output object may grow fields. Named parts are pointed at. */
function inlineSchema(schema: z.ZodType, input: boolean): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: input ? 'input' : 'output',
    override({ zodSchema, jsonSchema, path }) {
      if (!input && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // zod spells the calendar out as a pattern; the format says it.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      const name = path.length > 0 && Object.entries(named).find(([, each]) => each === zodSchema)?.[0];
      if (!name) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      jsonSchema.$ref = `#/components/schemas/${name}`;
    },
  });
  return rest;
}
