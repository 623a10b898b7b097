/** The shapes that the server answers with. Types only: no schema gets into the page. */
export type {
  AccessState,
  AuditList,
  NewToken,
  NewViewLink,
  Sessions,
  Tokens,
  ViewLinks,
} from "../../src/shared/access-api.ts";
export type { TokenScope } from "../../src/shared/access-words.ts";
export type { AlertsInput, AlertsReport, TestResult } from "../../src/shared/alerts-api.ts";
export type {
  ApiDevice,
  ApiSettings,
  ApiStatus,
  DeviceDetail,
  UnusualReport,
  Usage,
  UsageUpdate,
} from "../../src/shared/api.ts";
export type { Changed, Household, Removable, Step } from "../../src/shared/household-api.ts";
export type { DeviceType } from "../../src/shared/household-words.ts";
export type { Mqtt, MqttTest } from "../../src/shared/mqtt-api.ts";
export type { NameSources, NameSourcesInput } from "../../src/shared/names-api.ts";
export type {
  BillCheck,
  NotCounted,
  Plan,
  PlanCycle,
  PlanReport,
  PlansReport,
  WhatIf,
  WhatIfInput,
} from "../../src/shared/plan-api.ts";
export type { Proposal, Proposals } from "../../src/shared/proposals-api.ts";

import type { Usage } from "../../src/shared/api.ts";
import type { Household } from "../../src/shared/household-api.ts";

export type UsageDevice = Usage["devices"][number];
/** What figures are put together by. */
export type By = Usage["by"];
export type UsageGroup = NonNullable<Usage["groups"]>[number];
export type ApiOwner = Household["owners"][number];
export type HouseholdDevice = Household["devices"][number];
export type Remote = NonNullable<Usage["remotes"]>[number];
export type Group = Usage["group"];
/** What devices are ranked and drawn by. */
export type Direction = "download" | "upload" | "total";
