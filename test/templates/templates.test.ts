import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { z } from "zod";
import { SETTINGS, type SettingKey } from "../../src/settings/table.ts";
import * as rules from "./rules.ts";

const read = (name: string) => readFileSync(join("deploy/templates", name), "utf8");
const yaml = (name: string) => parse(read(name)) as Record<string, unknown>;

/** Elements by name with their texts, and the settings among them, each with its attributes and what it has as text. */
function xml(name: string): Record<string, unknown> {
  const [, inner = ""] =
    /^<\?xml version="1.0"\?>\s*<Container version="2">(.*)<\/Container>\s*$/s.exec(read(name)) ?? [];
  const plain = (text: string) =>
    text.replace(/&(lt|gt|amp|quot);/g, (_, word) => ({ lt: "<", gt: ">", amp: "&", quot: '"' })[word as "lt"]);
  const Config: Record<string, string>[] = [];
  const found: Record<string, unknown> = {};
  const rest = inner.replace(
    /<(\w+)((?: \w+="[^"<]*")*)>([^<]*)<\/\1>\s*/g,
    (_, element: string, attributes: string, text: string) => {
      if (element === "Config") {
        const pairs = [...attributes.matchAll(/ (\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
          key,
          plain(value),
        ]);
        Config.push({ ...Object.fromEntries(pairs), value: plain(text) });
      } else {
        expect({ element, attributes, twice: element in found }).toEqual({ element, attributes: "", twice: false });
        found[element] = plain(text);
      }
      return "";
    },
  );
  expect(rest.trim(), "the rest is no element").toBe("");
  return { ...found, Config };
}

const TEMPLATES: [string, () => Record<string, unknown>, z.ZodType][] = [
  [
    "home-assistant/whitestat/config.yaml",
    () => yaml("home-assistant/whitestat/config.yaml"),
    rules.homeAssistantAddOn,
  ],
  ["home-assistant/repository.yaml", () => yaml("home-assistant/repository.yaml"), rules.homeAssistantRepository],
  ["casaos/docker-compose.yml", () => yaml("casaos/docker-compose.yml"), rules.casaos],
  ["umbrel/umbrel-app-store.yml", () => yaml("umbrel/umbrel-app-store.yml"), rules.umbrelStore],
  [
    "umbrel/avarghesein-whitestat/umbrel-app.yml",
    () => yaml("umbrel/avarghesein-whitestat/umbrel-app.yml"),
    rules.umbrelApp,
  ],
  [
    "umbrel/avarghesein-whitestat/docker-compose.yml",
    () => yaml("umbrel/avarghesein-whitestat/docker-compose.yml"),
    rules.umbrelCompose,
  ],
  ["unraid/whitestat.xml", () => xml("unraid/whitestat.xml"), rules.unraid],
];

test.each(TEMPLATES)("%s is what its system takes", (_name, content, schema) => {
  const { error } = schema.safeParse(content());
  expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? []).toEqual([]);
});

test("an app of Umbrel's community store is found by the store's name before its own, in a folder of that name", () => {
  const { id: store } = yaml("umbrel/umbrel-app-store.yml");
  const { id } = yaml("umbrel/avarghesein-whitestat/umbrel-app.yml");
  expect(id).toBe("avarghesein-whitestat");
  expect(id).toMatch(new RegExp(`^${String(store)}-`));
});

describe("what a template tells WhiteStat", () => {
  type Environment = Record<string, string>;
  const ofCompose = (name: string) =>
    (yaml(name).services as Record<string, { environment: Environment; cap_add?: string[] }>).whitestat;
  const addOn = yaml("home-assistant/whitestat/config.yaml") as { environment: Environment; ingress_port: number };
  const unraid = xml("unraid/whitestat.xml") as {
    Config: Record<string, string>[];
    ExtraParams: string;
    WebUI: string;
  };
  const variables = Object.fromEntries(
    unraid.Config.filter(({ Type }) => Type === "Variable").map(({ Target = "", value = "" }) => [Target, value]),
  );
  const environments: [string, Environment][] = [
    ["CasaOS", ofCompose("casaos/docker-compose.yml")?.environment ?? {}],
    ["Umbrel", ofCompose("umbrel/avarghesein-whitestat/docker-compose.yml")?.environment ?? {}],
    ["Home Assistant", addOn.environment],
    ["Unraid", variables],
  ];

  test.each(environments)("%s: settings that it has, with values that it takes", (_name, environment) => {
    for (const [key, value] of Object.entries(environment)) {
      expect(Object.keys(SETTINGS)).toContain(key);
      // $TZ is the system's own.
      if (!value.startsWith("$")) expect(() => SETTINGS[key as SettingKey].parse(value)).not.toThrow();
    }
    expect(environment.SERVER_PORT).toBe("7777");
  });

  test("the rights for the kernel's counters are everywhere, and the port that is opened is the one that is listened on", () => {
    for (const name of ["casaos/docker-compose.yml", "umbrel/avarghesein-whitestat/docker-compose.yml"]) {
      expect(ofCompose(name)?.cap_add).toEqual(["NET_ADMIN", "NET_RAW", "CHOWN", "SETUID", "SETGID"]);
    }
    expect(unraid.ExtraParams).toContain("--cap-add NET_ADMIN --cap-add NET_RAW");
    expect(unraid.WebUI).toContain("[PORT:7777]");
    expect(addOn.ingress_port).toBe(7777);
  });

  test("by Home Assistant the Supervisor alone gets in, at the address that it asks", () => {
    expect(addOn.environment).toMatchObject({
      INGRESS_PROXY: "172.30.32.2",
      LISTEN_ADDRESS: "172.30.32.1",
      DATA_STORE: "/config",
    });
  });
});

describe("what their systems would refuse is refused here", () => {
  const changed = (content: Record<string, unknown>, key: string, value: unknown) => {
    const [last = "", ...before] = key.split(".").reverse();
    const copy = structuredClone(content);
    const place = before
      .reverse()
      .reduce<Record<string, unknown>>((at, part) => at[part] as Record<string, unknown>, copy);
    if (value === undefined) delete place[last];
    else place[last] = value;
    return copy;
  };
  test.each<[number, string, unknown]>([
    [0, "image", "ghcr.io/avarghesein/whitestat:12"],
    [0, "arch", ["armv6"]],
    [0, "slug", undefined],
    [0, "privileged", ["NET_BIND_SERVICE"]],
    [0, "watchdog", "http://localhost:7777/"],
    [0, "environment.SERVER_PORT", 7777],
    [0, "ingres", true],
    [2, "x-casaos.port_map", 7777],
    [2, "x-casaos.category", "Network"],
    [2, "x-casaos.id", "whitestat"],
    [2, "x-casaos.main", "web"],
    [2, "x-casaos.title", "WhiteStat"],
    [2, "services.whitestat.image", "ghcr.io/avarghesein/whitestat:latest"],
    [4, "category", "Networking"],
    [4, "gallery", ["1.jpg"]],
    [5, "services.app_proxy.environment.APP_HOST", "host.docker.internal"],
    [5, "services.app_proxy.environment.APP_PORT", 777],
    [6, "Category", "Network"],
    [6, "WebUI", "http://[IP]:7777/"],
    [6, "ExtraParams", "--network host"],
    [6, "Config.0.Type", "Volume"],
    [6, "Config.1.Target", "TZ"],
  ])("%i: %s %j", (place, key, value) => {
    const [, content, schema] = TEMPLATES[place] as (typeof TEMPLATES)[number];
    expect(schema.safeParse(changed(content(), key, value)).success).toBe(false);
  });
});
