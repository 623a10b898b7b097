import type { Day } from "../../accounting/types.ts";
import type { Days, DeviceDetail, Named, ReadingEvent, UnusualReport, Usage } from "../../shared/api.ts";
import type { Changed, Household, Removable } from "../../shared/household-api.ts";
import type { BillCheck, PlanReport, PlansReport, WhatIf } from "../../shared/plan-api.ts";
import { type Store, StoreError } from "../../store/store.ts";
import { compressed } from "../compressed.ts";
import { createDataVersion, versionTag } from "../data-version.ts";
import { HttpProblem } from "../errors.ts";
import { etagMatches, etagOf } from "../etag.ts";
import { type HttpRequest, type HttpResponse, jsonResponse, mountOf } from "../exchange.ts";
import { jsonBody, jsonLengthOf } from "../json-body.ts";
import type { LearntNames } from "../learnt-names.ts";
import { checkName, giveName, MAX_BODY, type NamingDeps, readDeviceKey } from "../naming.ts";
import type { Route } from "../router.ts";
import { onlyOwner } from "../who.ts";
import { type AccessDeps, accessEndpoints } from "./access.ts";
import { atomOf, icsOf } from "./alert-feeds.ts";
import { type Alerts, readAlerts, readSnooze, testChannel } from "./alerts.ts";
import { type BillDeps, billCheckOf } from "./bill.ts";
import { type DetailDeps, detailOf } from "./detail.ts";
import { type DaysDeps, deviceDaysOf } from "./device-days.ts";
import type { Naming } from "./directory.ts";
import { createEvents } from "./events.ts";
import {
  CHANGE_EXAMPLE,
  changeHousehold,
  deviceOf,
  type HouseholdDeps,
  householdOf,
  readChangeId,
  readSteps,
  undoChange,
} from "./household.ts";
import type { LiveUpdates } from "./live-updates.ts";
import { changeMqtt, MQTT_EXAMPLE, type MqttDeps, mqttOf, testMqtt } from "./mqtt.ts";
import { changeNameSources, NAME_SOURCES_EXAMPLE, readNameSources } from "./name-sources.ts";
import { ofPart } from "./of-part.ts";
import { limitedDays, limitedQuery, limitedStatus, limitedUsage } from "./one-owner.ts";
import type { Endpoint } from "./openapi.ts";
import { PLAN_EXAMPLE, planReportOf, plansReportOf, readPlan } from "./plan.ts";
import { checkExcept } from "./plan-except.ts";
import { keepPlan, type PlanDeps, planFor, subjectOf } from "./plan-subjects.ts";
import { proposalsOf } from "./proposals.ts";
import {
  billParameters,
  daysParameters,
  lineParameters,
  partParameters,
  planParameters,
  readBillQuery,
  readDaysQuery,
  readLineQuery,
  readPartQuery,
  readPlanQuery,
  readRemovalQuery,
  readUpdateQuery,
  readUsageQuery,
  removalParameters,
  type UsageQuery,
  updateParameters,
  usageParameters,
} from "./query-parameters.ts";
import { removableOf } from "./removal.ts";
import { type SettingsDeps, settingsOf } from "./settings.ts";
import { type StatusDeps, statusOf } from "./status.ts";
import { type UsageDeps, usageOf } from "./usage.ts";
import { usageCsv } from "./usage-csv.ts";
import { createUsageUpdates } from "./usage-updates.ts";
import { readWhatIf, WHAT_IF_EXAMPLE, whatIfOf } from "./what-if.ts";

export interface ApiDeps
  extends Omit<StatusDeps, "store">,
    Pick<AccessDeps, "access">,
    SettingsDeps,
    MqttDeps,
    Pick<NamingDeps, "names">,
    Pick<Naming, "vendorOf">,
    Pick<HouseholdDeps, "household" | "routerFacts" | "fileMerges"> {
  readonly store: UsageDeps["store"] &
    DaysDeps["store"] &
    DetailDeps["store"] &
    Pick<Store, "of" | "sources"> &
    StatusDeps["store"] &
    PlanDeps["store"] &
    BillDeps["store"] &
    NamingDeps["store"] &
    HouseholdDeps["store"];
  readonly live: LiveUpdates;
  readonly alerts: Alerts;
  /** What is unusual today, see `createUnusual`. */
  readonly unusual: () => Promise<UnusualReport>;
  readonly learnt: LearntNames;
  /** Includes IPv6 in all figures, or excludes it. Rejects when that can't be saved. Not asked while `ipv6` is `filtered`. */
  readonly includeIpv6: (included: boolean) => Promise<void>;
  readonly version: string;
}

/** Bytes of a change's body: 50 steps of 200 devices each. */
const MAX_CHANGE_BODY = 512 * 1024;

/** Where the interface is mounted, below the base path. */
export const API_PATH = "/api/v1";

/** The interface of the dashboard, for every other program too. Its document is written from the same table as its routes. */
export function apiRoutes(deps: ApiDeps, base: string): Route[] {
  const endpoints = [...endpointsOf(deps), ...accessEndpoints(deps, base)];
  /** By where it is mounted: under an ingress it is elsewhere. */
  const documents = new Map<string, string>();
  return [
    ...endpoints.map(({ method, path, light = false, handle }) => ({
      method,
      path: API_PATH + path.replace(/\{\w+\}/, ":key"),
      light,
      handle,
    })),
    {
      method: "GET",
      path: `${API_PATH}/openapi.json`,
      light: true,
      async handle(request) {
        // Few ever ask for it, and what writes it, zod among it, is large.
        const { openApiOf } = await import("./openapi.ts");
        const server = mountOf(request, base) + API_PATH;
        const known = documents.get(server);
        const document = known ?? JSON.stringify(openApiOf(endpoints, { version: deps.version, server }));
        // The ways to us are few.
        if (known === undefined && documents.size < 4) documents.set(server, document);
        const headers = { "cache-control": "no-cache", etag: etagOf(Buffer.from(document)) };
        if (etagMatches(request, headers.etag)) return { status: 304, headers, body: null };
        return { status: 200, headers: { ...headers, "content-type": "application/json" }, body: document };
      },
    },
  ];
}

function endpointsOf(deps: ApiDeps): Endpoint[] {
  const today = (): Day => deps.calendar.dayOf(deps.now());
  const version = createDataVersion({ ...deps, nameOf: (key) => deps.names.nameOf(key), startedAt: deps.now() });
  /** A response that what is stored decides, and `key`: it is not made for a client that has it already. */
  const taggedResponse = async (request: HttpRequest, key: string, make: () => Promise<object>) => {
    const headers = { "cache-control": "no-cache", etag: versionTag(await version(), key) };
    if (etagMatches(request, headers.etag)) return { status: 304, headers, body: null };
    return compressed(request, longResponse(await make(), headers));
  };
  const networks = deps.settings.segments.named;
  const named = { ...deps, networks, nameOf: (key: string) => deps.names.nameOf(key) };
  const usageAnswer = async (request: HttpRequest, query: UsageQuery): Promise<Usage> =>
    limitedUsage(
      request,
      await usageOf({ ...named, store: await ofPart(deps.store, query) }, query),
      deps.household.document(),
    );
  /** When measuring began, ms UTC; 0 before. */
  const since = async () => (await deps.store.sources())[0]?.firstAt ?? 0;
  const updates = createUsageUpdates(deps.now());
  const streams = createEvents({
    live: deps.live,
    dataAt: async (at, owner) => {
      const event: ReadingEvent = { at, status: limitedStatus(owner, await statusOf(deps)) };
      return JSON.stringify(event);
    },
    statusData: async (owner) => JSON.stringify(limitedStatus(owner, await statusOf(deps))),
  });
  return [
    {
      method: "GET",
      path: "/usage",
      summary: "What everyone used in a range",
      query: usageParameters,
      response: "Usage",
      errors: ["bad-date", "bad-range", "bad-request", "unknown-owner", "busy", "store"],
      async handle(request) {
        const query = limitedQuery(request, readUsageQuery(request.query(), today()));
        const usage: Usage = await usageAnswer(request, query);
        return compressed(request, longResponse(usage, FRESH));
      },
    },
    {
      method: "GET",
      path: "/usage/changes",
      summary: "The same, for who has an earlier answer: what changed since",
      description: "For pages that stay open: without since, the response is a Usage with the tag to go on from.",
      query: updateParameters,
      response: "UsageUpdate",
      errors: ["bad-date", "bad-range", "bad-request", "unknown-owner", "busy", "store"],
      async handle(request) {
        const { question: asked, since } = readUpdateQuery(request.query(), today());
        const question = limitedQuery(request, asked);
        // What was answered to others is nothing to go on from for who sees one owner alone.
        const key = `${JSON.stringify(question)} ${onlyOwner(request.who)}`;
        const update = updates(key, await usageAnswer(request, question), since);
        return compressed(request, "patch" in update ? jsonResponse(update, FRESH) : longResponse(update, FRESH));
      },
    },
    {
      method: "GET",
      path: "/usage/csv",
      summary: "The same as CSV: a line for each bucket and device, or group, that used anything in it",
      query: usageParameters,
      response: "Csv",
      type: "text/csv",
      errors: ["bad-date", "bad-range", "bad-request", "unknown-owner", "busy", "store"],
      async handle(request) {
        const usage = await usageAnswer(request, limitedQuery(request, readUsageQuery(request.query(), today())));
        const { owners } = deps.household.document();
        const ownerName = (id: number) => (Object.hasOwn(owners, id) ? (owners[id]?.name ?? null) : null);
        const name = usage.from === usage.to ? usage.from : `${usage.from}-to-${usage.to}`;
        const headers = {
          ...FRESH,
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": `attachment; filename="whitestat-${name}.csv"`,
        };
        return compressed(request, {
          status: 200,
          headers,
          body: usageCsv(usage, ownerName),
          holds: jsonLengthOf(usage),
        });
      },
    },
    {
      method: "GET",
      path: "/days",
      summary: "What each device used on each day of a range",
      query: daysParameters,
      response: "Days",
      errors: ["bad-date", "bad-range", "bad-request", "unknown-owner", "busy", "store"],
      async handle(request) {
        const query = limitedQuery(request, readDaysQuery(request.query(), today()));
        return taggedResponse(
          request,
          // Who sees one owner alone is told less of the same question.
          `days ${query.range.from} ${query.range.to} ${query.owner} ${query.source} ${query.traffic} ${onlyOwner(request.who)}`,
          async (): Promise<Days> => {
            const days = await deviceDaysOf({ ...named, store: await ofPart(deps.store, query) }, query);
            return limitedDays(request, days, deps.household.document());
          },
        );
      },
    },
    {
      method: "GET",
      path: "/devices/{key}",
      summary: "Everything about one device",
      query: partParameters,
      response: "DeviceDetail",
      errors: ["bad-request", "unknown-device", "busy", "store"],
      async handle(request, key) {
        const device = readDeviceKey(key);
        const part = readPartQuery(request.query());
        return taggedResponse(
          request,
          `device ${device} ${today()} ${part.source} ${part.traffic}`,
          async (): Promise<DeviceDetail> =>
            detailOf({ ...named, store: await ofPart(deps.store, part) }, device, part),
        );
      },
    },
    {
      method: "PUT",
      path: "/devices/{key}/name",
      summary: "Gives a device a name, or takes it back",
      body: "NameInput",
      response: "Named",
      light: true,
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
      async handle(request, text) {
        const key = readDeviceKey(text);
        const name = checkName(await readName(await request.text(MAX_BODY)));
        await giveName(deps, key, name);
        const response: Named = { key, name: deps.names.nameOf(key) };
        return jsonResponse(response, FRESH);
      },
    },
    {
      method: "GET",
      path: "/devices/{key}/removal",
      summary: "What would be removed of a device's figures; nothing changes by it",
      query: removalParameters,
      response: "Removable",
      errors: ["bad-date", "bad-request", "unknown-device", "busy", "store"],
      async handle(request, key) {
        const span = readRemovalQuery(request.query(), today());
        const removable: Removable = await removableOf(deps.store, await deviceOf(deps, readDeviceKey(key)), span);
        return jsonResponse(removable, FRESH);
      },
    },
    {
      method: "GET",
      path: "/household",
      summary: "People, their devices, and what was said of them",
      response: "Household",
      errors: ["busy", "store"],
      async handle(request) {
        const household: Household = await householdOf(named);
        return compressed(request, longResponse(household, FRESH));
      },
    },
    {
      method: "POST",
      path: "/household/changes",
      summary: "Changes owners, devices, routers or figures: all steps or none",
      description: "The whole past follows at once. What was changed can be undone for seven days.",
      body: "ChangeInput",
      response: "Changed",
      errors: [
        "bad-json",
        "bad-change",
        "unknown-device",
        "unknown-owner",
        "not-confirmed",
        "foreign-origin",
        "wrong-type",
        "too-large",
        "busy",
        "not-saved",
        "store",
      ],
      async handle(request) {
        const steps = await readSteps(readJson(await request.text(MAX_CHANGE_BODY), CHANGE_EXAMPLE));
        return changedResponse(await changeHousehold(deps, steps));
      },
    },
    {
      method: "POST",
      path: "/household/changes/{id}/undo",
      summary: "Takes a change back; a removal for as long as its figures are kept, all else for seven days",
      body: "UndoInput",
      response: "Changed",
      errors: ["unknown-change", "overtaken", "foreign-origin", "wrong-type", "busy", "not-saved", "store"],
      async handle(_, id) {
        const changed = await undoChange(deps, readChangeId(id));
        return { ...changedResponse(changed), did: `Took back: ${changed.change?.text}` };
      },
    },
    {
      method: "PUT",
      path: "/ipv6",
      summary: "Includes IPv6 in the figures, or excludes it, for the past as well; the answer is the status",
      description: "Sets IPFilter to .* or back to IPv4, in the settings file, too.",
      body: "Ipv6Input",
      response: "Status",
      errors: ["bad-json", "own-filter", "foreign-origin", "wrong-type", "too-large", "not-saved", "store"],
      async handle(request) {
        await switchIpv6(deps, await readIpv6(await request.text(MAX_BODY)));
        return jsonResponse(await statusOf(deps), FRESH);
      },
    },
    {
      method: "GET",
      path: "/plan",
      summary: "A data plan, what was used of it, and what it will come to",
      description: "Of the line; of one of several meters, of an owner's devices, or of a device, where of says so.",
      query: planParameters,
      response: "PlanReport",
      errors: ["bad-request", "unknown-owner", "unknown-device", "busy", "store"],
      async handle(request) {
        const { of, past } = readPlanQuery(request.query());
        const report: PlanReport = await planReportOf(named, await subjectOf(named, of), past);
        return compressed(request, longResponse(report, FRESH));
      },
    },
    {
      method: "PUT",
      path: "/plan",
      summary: "Sets a data plan, or takes it away; the answer is as that of GET",
      description: "The whole past follows at once: every figure is worked out from stored days when it is asked for.",
      query: planParameters,
      body: "PlanInput",
      response: "PlanReport",
      errors: [
        "bad-json",
        "bad-plan",
        "bad-request",
        "unknown-owner",
        "unknown-device",
        "foreign-origin",
        "wrong-type",
        "too-large",
        "busy",
        "store",
      ],
      async handle(request) {
        const { of, past } = readPlanQuery(request.query());
        const subject = await subjectOf(named, of);
        const plan = await readPlan(readJson(await request.text(MAX_BODY), PLAN_EXAMPLE));
        if (plan !== null) await checkExcept(named, subject.line !== null, plan, await planFor(deps.store, subject));
        await keepPlan(deps.store, subject, plan);
        const report: PlanReport = await planReportOf(named, subject, past);
        return compressed(request, longResponse(report, FRESH));
      },
    },
    {
      method: "GET",
      path: "/plans",
      summary: "All data plans as they stand: the line's, and those of meters, owners and devices",
      response: "PlansReport",
      errors: ["busy", "store"],
      async handle(request) {
        const report: PlansReport = await plansReportOf(named);
        return compressed(request, longResponse(report, FRESH));
      },
    },
    {
      method: "GET",
      path: "/plan/check",
      summary: "A provider's figure of a cycle beside ours, day by day, with what may make the two differ",
      query: billParameters,
      response: "BillCheck",
      errors: ["bad-date", "bad-range", "bad-request", "no-plan", "busy", "store"],
      async handle(request) {
        const check: BillCheck = await billCheckOf(named, readBillQuery(request.query()));
        return compressed(request, longResponse(check, FRESH));
      },
    },
    {
      method: "POST",
      path: "/plan/what-if",
      summary:
        "What the past would have used and cost under another plan, beside the plan that is set; nothing is saved",
      query: lineParameters,
      body: "WhatIfInput",
      response: "WhatIf",
      errors: [
        "bad-json",
        "bad-plan",
        "bad-range",
        "bad-request",
        "foreign-origin",
        "wrong-type",
        "too-large",
        "busy",
        "store",
      ],
      async handle(request) {
        const meter = readLineQuery(request.query());
        const input = await readWhatIf(readJson(await request.text(MAX_BODY), WHAT_IF_EXAMPLE));
        const answer: WhatIf = await whatIfOf(named, meter, input);
        return compressed(request, longResponse(answer, FRESH));
      },
    },
    {
      method: "GET",
      path: "/mqtt",
      summary: "What is told to an MQTT broker, for Home Assistant, and whether that works",
      response: "Mqtt",
      light: true,
      errors: [],
      handle: () => jsonResponse(mqttOf(deps), FRESH),
    },
    {
      method: "PUT",
      path: "/mqtt",
      summary: "Chooses the broker and what it is told; the answer is as that of GET",
      description:
        "A broker that is no longer wanted is told to forget everything: Home Assistant then removes the entities.",
      body: "MqttInput",
      response: "Mqtt",
      errors: ["bad-json", "bad-mqtt", "own-mqtt", "foreign-origin", "wrong-type", "too-large", "store"],
      async handle(request) {
        await changeMqtt(deps, readJson(await request.text(MAX_MQTT_BODY), MQTT_EXAMPLE));
        return jsonResponse(mqttOf(deps), FRESH);
      },
    },
    {
      method: "PUT",
      path: "/mqtt/test",
      summary: "Tries a broker once, and tells what it said",
      body: "MqttTestInput",
      response: "MqttTest",
      errors: ["bad-json", "bad-mqtt", "foreign-origin", "wrong-type", "too-large"],
      async handle(request) {
        return jsonResponse(await testMqtt(deps, readJson(await request.text(MAX_BODY), MQTT_EXAMPLE)), FRESH);
      },
    },
    {
      method: "GET",
      path: "/settings",
      summary: "How the process was set up, and the networks that it takes for the LAN; no passwords",
      response: "Settings",
      light: true,
      errors: [],
      handle: () => jsonResponse(settingsOf(deps), FRESH),
    },
    {
      method: "GET",
      path: "/alerts",
      summary: "Which alerts are told and where, and what was told",
      response: "AlertsReport",
      light: true,
      errors: [],
      handle: (request) => compressed(request, longResponse(deps.alerts.report(), FRESH)),
    },
    {
      method: "GET",
      path: "/alerts/atom",
      summary: "What was told, as an Atom feed",
      response: "AtomFeed",
      type: "application/atom+xml",
      light: true,
      errors: ["store"],
      handle: async (request) =>
        feedResponse(request, "application/atom+xml", atomOf(deps.alerts.report().history, { since: await since() })),
    },
    {
      method: "GET",
      path: "/alerts/ics",
      summary: "What was told, as a calendar (iCalendar)",
      response: "Calendar",
      type: "text/calendar",
      light: true,
      errors: [],
      handle: (request) => feedResponse(request, "text/calendar", icsOf(deps.alerts.report().history)),
    },
    {
      method: "PUT",
      path: "/alerts",
      summary: "Sets the rules, the quiet hours and the channels; the answer is as that of GET",
      body: "AlertsInput",
      response: "AlertsReport",
      errors: [
        "bad-json",
        "bad-alerts",
        "bad-channel",
        "unknown-channel",
        "foreign-origin",
        "wrong-type",
        "too-large",
        "store",
      ],
      async handle(request) {
        const body = readJson(await request.text(MAX_BODY), 'Send {"rules": …, "quiet": …, "channels": …}');
        await deps.alerts.set(await readAlerts(deps.alerts, body));
        return compressed(request, longResponse(deps.alerts.report(), FRESH));
      },
    },
    {
      method: "PUT",
      path: "/alerts/snooze",
      summary: "Lists alerts without sending them until an instant; the answer is as that of api/v1/alerts",
      body: "SnoozeInput",
      response: "AlertsReport",
      errors: ["bad-json", "bad-alerts", "foreign-origin", "wrong-type", "too-large", "store"],
      async handle(request) {
        const body = readJson(await request.text(MAX_BODY), 'Send {"rule": null, "until": 1795694400000}');
        const { rule, until } = await readSnooze(body);
        await deps.alerts.snooze(rule, until);
        return compressed(request, longResponse(deps.alerts.report(), FRESH));
      },
    },
    {
      method: "POST",
      path: "/alerts/test",
      summary: "Sends a test to a channel, and answers with what the other side said",
      body: "TestInput",
      response: "TestResult",
      light: true,
      errors: [
        "bad-json",
        "bad-alerts",
        "bad-channel",
        "unknown-channel",
        "foreign-origin",
        "wrong-type",
        "too-large",
        "busy",
      ],
      async handle(request) {
        const body = readJson(await request.text(MAX_BODY), 'Send {"url": "ntfys://ntfy.example.com/topic"}');
        return jsonResponse(await testChannel(deps.alerts, body), FRESH);
      },
    },
    {
      method: "GET",
      path: "/unusual",
      summary: "What devices used today far beyond their usual: mostly nothing",
      description:
        "Against the same weekday of the last eight weeks up to the same time of the day: at least three times as much, and 1 GB more.",
      response: "UnusualReport",
      errors: ["busy", "store"],
      async handle(request) {
        return compressed(request, longResponse(await deps.unusual(), FRESH));
      },
    },
    {
      method: "GET",
      path: "/proposals",
      summary: "Which devices are probably one that made up a new MAC, and what speaks for it",
      description: "Nothing is merged by itself: send one of the steps of a proposal to household/changes.",
      response: "Proposals",
      errors: ["busy", "store"],
      async handle(request) {
        return compressed(request, longResponse(await proposalsOf(named), FRESH));
      },
    },
    {
      method: "GET",
      path: "/name-sources",
      summary: "Where names of devices are looked for, and what came of it",
      response: "NameSources",
      light: true,
      errors: [],
      handle: async () => jsonResponse(deps.learnt.sources(), FRESH),
    },
    {
      method: "PUT",
      path: "/name-sources",
      summary: "Changes where names of devices are looked for; the answer is as that of GET",
      description: "What is switched on is asked at once: ask again in a moment for what came of it.",
      body: "NameSourcesInput",
      response: "NameSources",
      light: true,
      errors: ["bad-json", "bad-name-source", "foreign-origin", "wrong-type", "too-large", "store"],
      async handle(request) {
        const value = readJson(await request.text(MAX_BODY), NAME_SOURCES_EXAMPLE);
        await changeNameSources(deps.learnt, await readNameSources(value));
        return jsonResponse(deps.learnt.sources(), FRESH);
      },
    },
    {
      method: "GET",
      path: "/status",
      summary: "How WhiteStat and its meter are doing",
      response: "Status",
      light: true,
      errors: [],
      handle: async (request) => jsonResponse(limitedStatus(onlyOwner(request.who), await statusOf(deps)), FRESH),
    },
    {
      method: "GET",
      path: "/events",
      summary: "A stream that tells of each reading as it is settled, and of each problem that begins or ends",
      description:
        "Server-sent events. An event `reading` has a ReadingEvent as its data, an event `status`, between readings, a Status. A comment comes every 25 seconds.",
      response: "ReadingEvent",
      light: true,
      type: "text/event-stream",
      errors: ["too-many-listeners"],
      handle: (request) => ({
        status: 200,
        headers: {
          "content-type": "text/event-stream",
          "cache-control": "no-store",
          // nginx would collect the stream before it passes any of it on.
          "x-accel-buffering": "no",
        },
        body: request.method === "HEAD" ? null : streams(request.client, onlyOwner(request.who)),
      }),
    },
  ];
}

/** A thousand keys of devices. */
const MAX_MQTT_BODY = 100_000;

/** Of a response that has the time in it, or what is new: it is never kept. */
const FRESH = { "cache-control": "no-store" };

/** A text that programs ask for again and again: not sent to who has it. */
function feedResponse(request: HttpRequest, type: string, text: string): HttpResponse {
  const headers = { "cache-control": "no-cache", etag: etagOf(Buffer.from(text)) };
  if (etagMatches(request, headers.etag)) return { status: 304, headers, body: null };
  return { status: 200, headers: { ...headers, "content-type": `${type}; charset=utf-8` }, body: text };
}

function longResponse(value: object, headers: HttpResponse["headers"]): HttpResponse {
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, ...jsonBody(value) };
}

function changedResponse(changed: Changed): HttpResponse {
  const response = jsonResponse(changed, FRESH);
  return changed.change === null ? response : { ...response, did: changed.change.text };
}

async function readName(text: string): Promise<string | null> {
  const example = `Send for example {"name": "Anna's phone"}`;
  const value = readJson(text, example);
  const { nameInputSchema } = await import("../../shared/api.ts");
  const { success, data } = nameInputSchema.safeParse(value);
  if (success) return data.name;
  throw new HttpProblem("bad-name", "The body must have a field name, a text or null, and no other.", example);
}

async function readIpv6(text: string): Promise<boolean> {
  const example = 'Send for example {"included": true}';
  const value = readJson(text, example);
  const { ipv6InputSchema } = await import("../../shared/api.ts");
  const { success, data } = ipv6InputSchema.safeParse(value);
  if (success) return data.included;
  throw new HttpProblem("bad-json", "The body must have a field included, true or false, and no other.", example);
}

function readJson(text: string, example: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpProblem("bad-json", "The body is not JSON.", example, { cause });
  }
}

/** @throws HttpProblem `own-filter`, `not-saved` */
async function switchIpv6({ status, includeIpv6 }: ApiDeps, included: boolean): Promise<void> {
  const { ipv6 } = status();
  if (ipv6 === "filtered") {
    throw new HttpProblem(
      "own-filter",
      "IPFilter is a pattern of your own, which is left as it is.",
      "Change IPFilter in WhiteStatConfig.json, and start WhiteStat again.",
    );
  }
  if ((ipv6 === "included") === included) return;
  try {
    await includeIpv6(included);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new HttpProblem(
      "not-saved",
      "IPFilter could not be saved.",
      "See that WhiteStatConfig.json can be written and the disk has room, then try again.",
      { cause },
    );
  }
}
