import type { Context, Hono } from "hono";
import type { Day } from "../../accounting/types.ts";
import {
  type Days,
  type DeviceDetail,
  daysSchema,
  deviceDetailSchema,
  type Named,
  namedSchema,
  nameInputSchema,
  type ReadingEvent,
  readingEventSchema,
  statusSchema,
  type Usage,
  usageSchema,
} from "../../shared/api.ts";
import { HttpProblem } from "../errors.ts";
import { etagOf, hasIt } from "../etag.ts";
import { checkName, giveName, limitBody, type NamingDeps, readDeviceKey } from "../naming.ts";
import { type DaysDeps, daysAnswer } from "./days.ts";
import { type DetailDeps, detailOf } from "./detail.ts";
import type { Naming } from "./directory.ts";
import { createEvents } from "./events.ts";
import type { Live } from "./live.ts";
import { type Endpoint, openApiOf } from "./openapi.ts";
import { daysQuestionSchema, readDaysQuestion, readUsageQuestion, usageQuestionSchema } from "./question.ts";
import { type StatusDeps, statusOf } from "./status.ts";
import { type UsageDeps, usageOf } from "./usage.ts";

export interface ApiDeps extends Omit<StatusDeps, "store">, Pick<NamingDeps, "names">, Pick<Naming, "makerOf"> {
  readonly store: UsageDeps["store"] &
    DaysDeps["store"] &
    DetailDeps["store"] &
    StatusDeps["store"] &
    NamingDeps["store"];
  readonly live: Live;
  readonly version: string;
}

/** Where the interface is mounted, below the base path. */
export const API_PATH = "/api/v1";

/** The interface of the dashboard, for every other program too. Its document is written from the same table as its routes. */
export function mountApi(site: Hono, deps: ApiDeps, base: string): void {
  const endpoints = endpointsOf(deps);
  for (const { method, path, handlers } of endpoints) {
    site.on(method, [API_PATH + path.replace(/\{(\w+)\}/g, ":$1")], ...handlers);
  }
  // Written when it is first asked for: few ever do, and every start would pay for it.
  let document: string | null = null;
  site.get(`${API_PATH}/openapi.json`, (c) => {
    document ??= JSON.stringify(openApiOf(endpoints, { version: deps.version, server: base + API_PATH }));
    c.header("Cache-Control", "no-cache");
    if (hasIt(c, etagOf(document))) return c.body(null, 304);
    c.header("Content-Type", "application/json");
    return c.body(document);
  });
}

function endpointsOf(deps: ApiDeps): Endpoint[] {
  const today = (): Day => deps.calendar.dayOf(deps.now());
  const named = { ...deps, nameOf: (key: string) => deps.names.nameOf(key) };
  const streams = createEvents({
    live: deps.live,
    dataAt: async (at) => {
      const event: ReadingEvent = { at, status: await statusOf(deps) };
      return JSON.stringify(event);
    },
  });
  return [
    {
      method: "GET",
      path: "/usage",
      summary: "What everyone used in a range",
      query: usageQuestionSchema,
      answer: { name: "Usage", schema: usageSchema },
      errors: ["bad-date", "bad-range", "bad-request", "store"],
      handlers: [
        async (c) => {
          const answer: Usage = await usageOf(named, readUsageQuestion(c.req.query(), today()));
          return fresh(c, answer);
        },
      ],
    },
    {
      method: "GET",
      path: "/days",
      summary: "What each device used on each day of a range",
      query: daysQuestionSchema,
      answer: { name: "Days", schema: daysSchema },
      errors: ["bad-date", "bad-range", "bad-request", "store"],
      handlers: [
        async (c) => {
          const answer: Days = await daysAnswer(named, readDaysQuestion(c.req.query(), today()));
          return tagged(c, answer);
        },
      ],
    },
    {
      method: "GET",
      path: "/devices/{key}",
      summary: "Everything about one device",
      answer: { name: "DeviceDetail", schema: deviceDetailSchema },
      errors: ["unknown-device", "store"],
      handlers: [
        async (c) => {
          const answer: DeviceDetail = await detailOf(named, keyIn(c));
          return tagged(c, answer);
        },
      ],
    },
    {
      method: "PUT",
      path: "/devices/{key}/name",
      summary: "Gives a device a name, or takes it back",
      body: { name: "NameInput", schema: nameInputSchema },
      answer: { name: "Named", schema: namedSchema },
      errors: [
        "bad-json",
        "bad-name",
        "unknown-device",
        "foreign-origin",
        "wrong-type",
        "too-large",
        "not-saved",
        "store",
      ],
      handlers: [
        limitBody(),
        async (c) => {
          const key = keyIn(c);
          const name = checkName(readName(await c.req.text()));
          await giveName(deps, key, name);
          const answer: Named = { key, name: deps.names.nameOf(key) };
          return fresh(c, answer);
        },
      ],
    },
    {
      method: "GET",
      path: "/status",
      summary: "How WhiteStat and darkstat are doing",
      answer: { name: "Status", schema: statusSchema },
      errors: [],
      handlers: [async (c) => fresh(c, await statusOf(deps))],
    },
    {
      method: "GET",
      path: "/events",
      summary: "A stream that tells of each reading as it is settled",
      description:
        "Server-sent events. Each event is named `reading` and its data is a ReadingEvent. A comment comes every 25 seconds.",
      answer: { name: "ReadingEvent", schema: readingEventSchema, type: "text/event-stream" },
      errors: ["too-many-listeners"],
      handlers: [
        (c) => {
          c.header("Content-Type", "text/event-stream");
          c.header("Cache-Control", "no-store");
          // nginx would collect the stream before it passes any of it on.
          c.header("X-Accel-Buffering", "no");
          return c.req.method === "HEAD" ? c.body(null) : c.body(streams());
        },
      ],
    },
  ];
}

/** An answer that has the time in it, or what is new: it is never kept. */
function fresh(c: Context, answer: object): Response {
  c.header("Cache-Control", "no-store");
  return c.json(answer);
}

function tagged(c: Context, answer: object): Response {
  const body = JSON.stringify(answer);
  c.header("Cache-Control", "no-cache");
  if (hasIt(c, etagOf(body))) return c.body(null, 304);
  c.header("Content-Type", "application/json");
  return c.body(body);
}

function keyIn(c: Context): string {
  return readDeviceKey(c.req.param("key") ?? "");
}

function readName(text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpProblem("bad-json", "The body is not JSON.", EXAMPLE, { cause });
  }
  const { success, data } = nameInputSchema.safeParse(value);
  if (success) return data.name;
  throw new HttpProblem("bad-name", "The body must have a field name, a text or null, and no other.", EXAMPLE);
}

const EXAMPLE = `Send for example {"name": "Anna's phone"}`;
