import * as z from "zod/mini";
import { errorSchema } from "../../shared/api.ts";
import { ERROR_STATUS, type ErrorCode } from "../errors.ts";
import type { Route } from "../router.ts";

/** A schema with the name under which the document keeps it. */
interface NamedSchema {
  readonly name: string;
  readonly schema: z.ZodMiniType;
}

/** One route of the interface: what mounts it, and what is said of it. */
export interface Endpoint {
  readonly method: "GET" | "PUT";
  /** Below the interface's root; a device's key is `{key}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodMiniObject;
  readonly body?: NamedSchema;
  /** `type` is the media type, JSON unless said otherwise. */
  readonly answer: NamedSchema & { readonly type?: string };
  readonly errors: readonly ErrorCode[];
  readonly handle: Route["handle"];
}

type Json = Record<string, unknown>;

const KEY_DESCRIPTION = "MAC of the device, or its IP address where darkstat shows no MAC; URL-encoded";

/** The OpenAPI 3.1 document of the interface. `server` is the path that all others are below. */
export function openApiOf(endpoints: readonly Endpoint[], about: { version: string; server: string }): Json {
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  }
  paths["/openapi.json"] = {
    get: {
      summary: "This document",
      responses: {
        200: { description: "OpenAPI 3.1", content: { "application/json": { schema: { type: "object" } } } },
      },
    },
  };
  const named = endpoints.flatMap(({ body, answer }) => (body ? [body, answer] : [answer]));
  return {
    openapi: "3.1.0",
    info: {
      title: "WhiteStat",
      version: about.version,
      description: "Daily bandwidth usage per device. Amounts are bytes, instants ms UTC, days local to the server.",
    },
    servers: [{ url: about.server }],
    paths,
    components: {
      schemas: Object.fromEntries(
        [...named, { name: "Error", schema: errorSchema }].map(({ name, schema }) => [name, jsonSchemaOf(schema)]),
      ),
    },
  };
}

function operationOf({ path, summary, description, query, body, answer, errors }: Endpoint): Json {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: KEY_DESCRIPTION,
    schema: { type: "string" },
  }));
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [...parameters, ...(query ? queryParameters(query) : [])],
    ...(body
      ? { requestBody: { required: true, content: { "application/json": { schema: referTo(body.name) } } } }
      : {}),
    responses: {
      200: { description: summary, content: { [answer.type ?? "application/json"]: { schema: referTo(answer.name) } } },
      ...errorResponses(errors),
    },
  };
}

function queryParameters(query: z.ZodMiniObject): Json[] {
  const { properties = {} } = jsonSchemaOf(query) as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    description,
    schema,
  }));
}

/** Codes that share a status share its description. */
function errorResponses(codes: readonly ErrorCode[]): Record<string, Json> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERROR_STATUS[code], [...(byStatus.get(ERROR_STATUS[code]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      { description: some.join(", "), content: { "application/json": { schema: referTo("Error") } } },
    ]),
  );
}

function referTo(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function jsonSchemaOf(schema: z.ZodMiniType): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" }) as Json;
  return rest;
}
