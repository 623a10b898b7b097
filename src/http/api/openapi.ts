import * as z from "zod/mini";
import {
  accessSchema,
  auditSchema,
  emptyInputSchema,
  newTokenSchema,
  newViewLinkSchema,
  passwordInputSchema,
  sessionsSchema,
  signedInSchema,
  signInInputSchema,
  tokenInputSchema,
  tokensSchema,
  viewLinkInputSchema,
  viewLinksSchema,
} from "../../shared/access-api.ts";
import {
  alertsInputSchema,
  alertsReportSchema,
  atomSchema,
  calendarSchema,
  snoozeInputSchema,
  testInputSchema,
  testResultSchema,
} from "../../shared/alerts-api.ts";
import {
  csvSchema,
  daysSchema,
  deviceDetailSchema,
  errorSchema,
  ipv6InputSchema,
  namedSchema,
  nameInputSchema,
  readingEventSchema,
  settingsSchema,
  statusSchema,
  unusualReportSchema,
  usageSchema,
  usageUpdateSchema,
} from "../../shared/api.ts";
import {
  changedSchema,
  changeInputSchema,
  householdSchema,
  removableSchema,
  undoInputSchema,
} from "../../shared/household-api.ts";
import { mqttInputSchema, mqttSchema, mqttTestInputSchema, mqttTestSchema } from "../../shared/mqtt-api.ts";
import { nameSourcesInputSchema, nameSourcesSchema } from "../../shared/names-api.ts";
import {
  billCheckSchema,
  planInputSchema,
  planReportSchema,
  planSchema,
  plansReportSchema,
  whatIfInputSchema,
  whatIfSchema,
} from "../../shared/plan-api.ts";
import { proposalsSchema } from "../../shared/proposals-api.ts";
import { ERROR_STATUS, type ErrorCode } from "../errors.ts";

import type { Route } from "../router.ts";
import { EXAMPLES } from "./openapi-examples.ts";
import type { ParameterTable } from "./query-parameters.ts";

/** The schemas by the names under which the document keeps them. */
export const SCHEMAS = {
  Usage: usageSchema,
  UsageUpdate: usageUpdateSchema,
  Csv: csvSchema,
  Days: daysSchema,
  DeviceDetail: deviceDetailSchema,
  NameInput: nameInputSchema,
  Ipv6Input: ipv6InputSchema,
  Named: namedSchema,
  Plan: planSchema,
  PlanInput: planInputSchema,
  PlanReport: planReportSchema,
  PlansReport: plansReportSchema,
  BillCheck: billCheckSchema,
  WhatIfInput: whatIfInputSchema,
  WhatIf: whatIfSchema,
  Mqtt: mqttSchema,
  MqttInput: mqttInputSchema,
  MqttTestInput: mqttTestInputSchema,
  MqttTest: mqttTestSchema,
  Settings: settingsSchema,
  Household: householdSchema,
  ChangeInput: changeInputSchema,
  UndoInput: undoInputSchema,
  Changed: changedSchema,
  Removable: removableSchema,
  UnusualReport: unusualReportSchema,
  Proposals: proposalsSchema,
  NameSources: nameSourcesSchema,
  NameSourcesInput: nameSourcesInputSchema,
  AlertsReport: alertsReportSchema,
  AlertsInput: alertsInputSchema,
  AtomFeed: atomSchema,
  Calendar: calendarSchema,
  SnoozeInput: snoozeInputSchema,
  TestInput: testInputSchema,
  TestResult: testResultSchema,
  Access: accessSchema,
  SignInInput: signInInputSchema,
  SignedIn: signedInSchema,
  EmptyInput: emptyInputSchema,
  PasswordInput: passwordInputSchema,
  Sessions: sessionsSchema,
  Tokens: tokensSchema,
  TokenInput: tokenInputSchema,
  NewToken: newTokenSchema,
  ViewLinks: viewLinksSchema,
  ViewLinkInput: viewLinkInputSchema,
  NewViewLink: newViewLinkSchema,
  Audit: auditSchema,
  Status: statusSchema,
  ReadingEvent: readingEventSchema,
  Error: errorSchema,
} as const satisfies Record<string, z.ZodMiniType>;

type SchemaName = keyof typeof SCHEMAS;

/** One route of the interface: what mounts it, and what is said of it. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT";
  /** Below the interface's root; one part may be `{key}`, a device's, or `{id}`, that of a change or of who may come in. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: ParameterTable;
  readonly body?: SchemaName;
  readonly response: SchemaName;
  /** The media type of the answer, JSON unless said otherwise. */
  readonly type?: string;
  readonly errors: readonly ErrorCode[];
  readonly light?: true;
  readonly handle: Route["handle"];
}

type Json = Record<string, unknown>;

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  key: "MAC of the device, or its IP address where the meter shows no MAC; URL-encoded",
  id: "Id of the change, session, token or view link",
};

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
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
    },
  };
}

function operationOf({ path, summary, description, query, body, response, type, errors }: Endpoint): Json {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: PATH_PARAMETERS[name],
    schema: { type: "string" },
  }));
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [...parameters, ...(query ? queryParameters(query) : [])],
    ...(body ? { requestBody: { required: true, content: { "application/json": contentOf(body) } } } : {}),
    responses: {
      200: { description: summary, content: { [type ?? "application/json"]: contentOf(response) } },
      ...errorResponses(errors),
    },
  };
}

function queryParameters(query: ParameterTable): Json[] {
  return Object.entries(query).map(([name, { description, schema }]) => ({ name, in: "query", description, schema }));
}

/** Codes that share a status share its description. */
function errorResponses(codes: readonly ErrorCode[]): Record<string, Json> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERROR_STATUS[code], [...(byStatus.get(ERROR_STATUS[code]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      { description: some.join(", "), content: { "application/json": contentOf("Error") } },
    ]),
  );
}

function contentOf(name: SchemaName): Json {
  return { schema: referTo(name), example: EXAMPLES[name] };
}

function referTo(name: SchemaName): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function jsonSchemaOf(schema: z.ZodMiniType): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" }) as Json;
  return rest;
}
