import type { DeviceFigures, Figures, PlanFigures, Used } from "./figures.ts";
import type { State } from "./hold.ts";

/**
 * What Home Assistant is told so that it shows our figures by itself: one retained message for each of its devices, with
 * all of the device's entities (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload), and one
 * retained state for all of them.
 */

/** One device of Home Assistant: its discovery message, and where its state is. */
export interface Published {
  /** Of `[a-zA-Z0-9_-]`, the same for as long as the thing is. */
  readonly id: string;
  readonly config: object;
  readonly state: State;
}

export interface DiscoveryOptions {
  /** Tells one installation from others on the same broker. */
  readonly instance: string;
  readonly version: string;
  /** Devices with entities of their own: all, or those with these keys. */
  readonly devices: "all" | readonly string[];
  readonly owners: boolean;
}

/** What people are told of, as Home Assistant's event entities have it: its level is the type of the event. */
export interface AlertEvent {
  readonly level: "info" | "warning" | "problem" | "over";
  readonly title: string;
  readonly text: string;
}

/** The message of an alert. */
export function alertText({ level, title, text }: AlertEvent): string {
  return JSON.stringify({ event_type: level, title, text });
}

interface Component {
  readonly platform: "sensor" | "binary_sensor" | "event";
  readonly name: string;
  readonly [option: string]: unknown;
}

/** Above it Home Assistant shortens a name in its lists anyway. */
const NAME_LENGTH = 80;

/** The topics of an installation. */
export function topicsOf(instance: string) {
  const base = `whitestat/${instance}`;
  return {
    availability: `${base}/availability`,
    /** Tells that all retained messages have come, when it comes back to us. */
    echo: `${base}/echo`,
    state: (id: string) => `${base}/${id}/state`,
    alert: `${base}/alert`,
    /** The states of all our devices. */
    states: `${base}/+/state`,
    config: (prefix: string, id: string) => `${prefix}/device/${id}/config`,
    configs: (prefix: string) => `${prefix}/device/+/config`,
  };
}

/** The id of the household's device; those of all others begin with it. */
export function householdId(instance: string): string {
  return `whitestat_${instance}`;
}

/** Whether a discovery topic is one of this installation's; its id, else null. */
export function ownIdOf(topic: string, prefix: string, instance: string): string | null {
  if (!topic.startsWith(`${prefix}/device/`) || !topic.endsWith("/config")) return null;
  const id = topic.slice(`${prefix}/device/`.length, -"/config".length);
  const own = householdId(instance);
  return id === own || id.startsWith(`${own}_`) ? id : null;
}

/** All that is to be published of a household. */
export function discoveryOf(figures: Figures, options: DiscoveryOptions): Published[] {
  const { instance, devices, owners } = options;
  const own = householdId(instance);
  const { day } = figures;
  const isChosen = ({ key, folded }: DeviceFigures) => (devices === "all" ? !folded : devices.includes(key));
  const published = [household(figures, options)];
  for (const { id, name, today: used, plan } of owners ? figures.owners : []) {
    const about = { name, model: "Owner", via_device: own };
    const state = { day, download_today: used.in, upload_today: used.out, ...planState(plan) };
    published.push(deviceOf(`${own}_owner_${id}`, about, { ...ofToday(), ...planParts(plan) }, state, options));
  }
  for (const { key, name, vendor, lastSeenAt, plan, folded: _, ...used } of figures.devices.filter(isChosen)) {
    const about = { name, model: "Device on the network", ...(vendor === null ? {} : { manufacturer: vendor }) };
    const seen = lastSeenAt === null ? null : new Date(lastSeenAt).toISOString();
    published.push(
      deviceOf(
        `${own}_${key.replace(/[^a-zA-Z0-9]/g, "")}`,
        { ...about, via_device: own },
        { ...usage(), last_seen: LAST_SEEN, ...planParts(plan) },
        { ...amounts(used, day), last_seen: seen, ...planState(plan) },
        options,
      ),
    );
  }
  return published;
}

function household(figures: Figures, options: DiscoveryOptions): Published {
  const { day, plan, problems, activeDevices } = figures;
  const state = {
    ...amounts(figures.household, day),
    active_devices: activeDevices,
    problem: problems.length > 0 ? "ON" : "OFF",
    problems,
    ...planState(plan),
  };
  const about = { name: "WhiteStat", manufacturer: "WhiteStat", model: "Bandwidth usage" };
  const id = householdId(options.instance);
  const problem: Component = { ...PROBLEM, json_attributes_topic: topicsOf(options.instance).state(id) };
  const alert: Component = { ...ALERT, state_topic: topicsOf(options.instance).alert };
  const own = { ...usage(), active_devices: ACTIVE_DEVICES, problem, alert, ...planParts(plan) };
  return deviceOf(id, about, own, state, options);
}

function deviceOf(
  id: string,
  about: { readonly name: string; readonly [detail: string]: unknown },
  components: Readonly<Record<string, Component>>,
  state: State,
  { instance, version }: DiscoveryOptions,
): Published {
  const topics = topicsOf(instance);
  const withIds = Object.entries(components).map(([name, component]) => [
    name,
    { ...component, unique_id: `${id}_${name}` },
  ]);
  return {
    id,
    state,
    config: {
      device: { identifiers: [id], sw_version: version, ...about, name: about.name.slice(0, NAME_LENGTH) },
      origin: { name: "WhiteStat", sw_version: version },
      components: Object.fromEntries(withIds),
      state_topic: topics.state(id),
      availability_topic: topics.availability,
      qos: 1,
    },
  };
}

function ofToday(): Record<string, Component> {
  return {
    download_today: today("Download today", "download_today", "mdi:download"),
    upload_today: today("Upload today", "upload_today", "mdi:upload"),
  };
}

function usage(): Record<string, Component> {
  return {
    ...ofToday(),
    download_total: { ...bytes("Download", "download_total", "mdi:download"), state_class: "total" },
    upload_total: { ...bytes("Upload", "upload_total", "mdi:upload"), state_class: "total" },
  };
}

function amounts({ today: day, total }: Used, date: string): State {
  return {
    day: date,
    download_today: day.in,
    upload_today: day.out,
    download_total: total.in,
    upload_total: total.out,
  };
}

/** Begins anew at midnight, and never falls in between (see `hold`): then Home Assistant adds it up rightly. */
function today(name: string, field: string, icon: string): Component {
  return { ...bytes(name, field, icon), state_class: "total_increasing" };
}

function bytes(name: string, field: string, icon: string): Component {
  return {
    ...sensor(name, field, icon),
    device_class: "data_size",
    unit_of_measurement: "B",
    suggested_display_precision: 2,
  };
}

function sensor(name: string, field: string, icon: string): Component {
  return { platform: "sensor", name, icon, value_template: `{{ value_json.${field} }}` };
}

const LAST_SEEN: Component = { ...sensor("Last seen", "last_seen", "mdi:clock-outline"), device_class: "timestamp" };
const ACTIVE_DEVICES: Component = {
  ...sensor("Active devices", "active_devices", "mdi:devices"),
  state_class: "measurement",
};
const ALERT: Component = {
  platform: "event",
  name: "Alert",
  icon: "mdi:bell",
  event_types: ["info", "warning", "problem", "over"] satisfies AlertEvent["level"][],
};
const PROBLEM: Component = {
  platform: "binary_sensor",
  name: "Problem",
  device_class: "problem",
  value_template: "{{ value_json.problem }}",
  // The sentences, for who asks what is wrong.
  json_attributes_template: "{{ {'problems': value_json.problems} | tojson }}",
};

function planParts(plan: PlanFigures | null): Record<string, Component> {
  if (plan === null) return {};
  const { allowance } = plan;
  const parts: Record<string, Component> = {
    plan_used: today("Plan used", "plan_used", "mdi:gauge"),
    plan_expected: bytes("Plan expected", "plan_expected", "mdi:chart-line"),
    plan_days_left: {
      ...sensor("Plan days left", "plan_days_left", "mdi:calendar-clock"),
      device_class: "duration",
      unit_of_measurement: "d",
    },
  };
  if (allowance === null) return parts;
  return {
    ...parts,
    plan_left: bytes("Plan left", "plan_left", "mdi:gauge-empty"),
    plan_share: {
      ...sensor("Plan used share", "plan_share", "mdi:percent"),
      unit_of_measurement: "%",
      suggested_display_precision: 0,
    },
    plan_over: {
      platform: "binary_sensor",
      name: "Plan exceeded",
      device_class: "problem",
      value_template: "{{ value_json.plan_over }}",
    },
  };
}

function planState(plan: PlanFigures | null): State {
  if (plan === null) return {};
  const { cycle, used, allowance, expected, daysLeft } = plan;
  const state: State = { cycle, plan_used: used, plan_expected: expected, plan_days_left: daysLeft };
  if (allowance === null) return state;
  return {
    ...state,
    plan_left: Math.max(0, allowance - used),
    plan_share: Math.round((used / allowance) * 1000) / 10,
    plan_over: used > allowance ? "ON" : "OFF",
  };
}
