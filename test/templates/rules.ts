/**
 * What the systems that install containers from a list demand of a template, as far as a file can tell. Written down from their
 * own sources and documentation, as they were in November 2026; a key that they don't know is an error here, though some pass
 * over it in silence: whoever wrote it meant something.
 */
import { z } from "zod";

const url = z.url({ protocol: /^https$/ });
const bool = z.boolean();

/**
 * A Home Assistant add-on's config.yaml. Source: home-assistant/supervisor, supervisor/apps/validate.py (formerly addons/), its
 * const.py and docker/const.py.
 */
export const homeAssistantAddOn = z
  .strictObject({
    name: z.string().min(1),
    version: z.string().regex(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/),
    slug: z.string().regex(/^[-_.A-Za-z0-9]+$/),
    description: z.string().min(1),
    // armhf, armv7 and i386 are deprecated, and warned of.
    arch: z.array(z.enum(["aarch64", "amd64"])).min(1),
    url: url.optional(),
    startup: z.enum(["initialize", "system", "services", "application", "once"]).optional(),
    boot: z.enum(["auto", "manual", "manual_only"]).optional(),
    init: bool.optional(),
    stage: z.enum(["stable", "experimental", "deprecated"]).optional(),
    webui: z
      .string()
      .regex(/^(?:https?|\[PROTO:\w+\]):\/\/\[HOST\]:\[PORT:\d+\].*$/)
      .optional(),
    watchdog: z
      .string()
      .regex(/^(?:https?|\[PROTO:\w+\]|tcp):\/\/\[HOST\]:(?:\[PORT:\d+\]|\d+).*$/)
      .optional(),
    ingress: bool.optional(),
    ingress_port: z.int().min(0).max(65_535).optional(),
    ingress_entry: z.string().optional(),
    ingress_stream: bool.optional(),
    panel_icon: z
      .string()
      .regex(/^mdi:[a-z0-9-]+$/)
      .optional(),
    panel_title: z.string().optional(),
    panel_admin: bool.optional(),
    ports: z.record(z.string().regex(/^\d+(?:\/tcp|\/udp)?$/), z.int().nullable()).optional(),
    host_network: bool.optional(),
    tmpfs: bool.optional(),
    // The deprecated `config`, `addons` and all that an add-on has no business with are left out.
    map: z
      .array(
        z.strictObject({
          type: z.enum(["data", "ssl", "share", "media", "addon_config"]),
          read_only: bool.optional(),
          path: z.string().startsWith("/").optional(),
        }),
      )
      .optional(),
    environment: z.record(z.string().regex(/^\w*$/), z.string()).optional(),
    privileged: z
      .array(
        z.enum([
          "BPF",
          "CHECKPOINT_RESTORE",
          "DAC_READ_SEARCH",
          "IPC_LOCK",
          "NET_ADMIN",
          "NET_RAW",
          "PERFMON",
          "SYS_ADMIN",
          "SYS_MODULE",
          "SYS_NICE",
          "SYS_PTRACE",
          "SYS_RAWIO",
          "SYS_RESOURCE",
          "SYS_TIME",
        ]),
      )
      .optional(),
    apparmor: bool.optional(),
    options: z.record(z.string(), z.unknown()).optional(),
    schema: z.union([z.record(z.string(), z.unknown()), z.literal(false)]).optional(),
    // Its tag is the add-on's version: one that is named here is refused.
    image: z
      .string()
      .regex(/^([a-zA-Z\-.:\d{}]+\/)*?([-\w{}]+)\/([-\w{}]+)$/)
      .optional(),
    backup: z.enum(["hot", "cold"]).optional(),
    timeout: z.int().min(10).max(300).optional(),
  })
  .refine(
    ({ host_network: isHost, ports }) => !isHost || ports === undefined,
    "in the host's network no port is mapped",
  );

/** Beside it, for the list of add-ons. Source: supervisor/store/validate.py. */
export const homeAssistantRepository = z.strictObject({
  name: z.string().min(1),
  url: url.optional(),
  maintainer: z.string().optional(),
});

const capability = z.string().regex(/^[A-Z_]+$/);
/** What both systems below take of Compose's own schema, and we need. */
const service = {
  image: z.string().regex(/^[\w./-]+:\d+\.\d+\.\d+(?:@sha256:[0-9a-f]{64})?$/, "a whole version, never latest"),
  restart: z.enum(["no", "always", "on-failure", "unless-stopped"]),
  network_mode: z.literal("host"),
  environment: z.record(z.string().regex(/^\w+$/), z.string()),
  read_only: bool,
  cap_drop: z.tuple([z.literal("ALL")]),
  cap_add: z.array(capability),
};

/** A text for each language, English among them. */
const inLanguages = z
  .record(z.string().regex(/^[a-z]{2}_[A-Z]{2}$/), z.string().min(1))
  .refine((texts) => "en_US" in texts, "en_US is missing");

/**
 * CasaOS and ZimaOS. Source: IceWhaleTech/CasaOS-AppStore, docs/specs/compose-and-x-casaos.md, CONTRIBUTING.md and
 * .github/actions/validate-compose.
 */
export const casaos = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9_-]+$/),
    services: z.record(
      z.string(),
      z.strictObject({
        ...service,
        container_name: z.string(),
        volumes: z.array(
          z.strictObject({
            type: z.literal("bind"),
            source: z.string().startsWith("/DATA/AppData/$AppID/"),
            target: z.string().startsWith("/"),
          }),
        ),
        deploy: z.strictObject({
          resources: z.strictObject({ limits: z.strictObject({ memory: z.string().regex(/^\d+M$/) }) }),
        }),
      }),
    ),
    "x-casaos": z.strictObject({
      id: z.string().regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\.[a-z0-9]+(?:[._-][a-z0-9]+)*)+$/),
      main: z.string(),
      index: z.string().startsWith("/"),
      // With quotes: a number is refused.
      port_map: z.string().regex(/^\d+$/),
      scheme: z.enum(["http", "https"]),
      icon: url,
      title: inLanguages,
      tagline: inLanguages,
      description: inLanguages,
      screenshot_link: z.array(url),
      author: z.string(),
      developer: z.string(),
      category: z.enum([
        "Media",
        "Productivity",
        "Home",
        "Networking",
        "AI",
        "Finance",
        "Social",
        "Developer",
        "Others",
      ]),
      architectures: z.array(z.enum(["amd64", "arm64", "arm"])).min(1),
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      website: url,
      repo: url,
      support: url,
    }),
  })
  .refine((file) => file["x-casaos"].main in file.services, "main is no service");

/** A community store of Umbrel. Source: getumbrel/umbrel, umbreld/source/modules/apps/app-repository.ts. */
export const umbrelStore = z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9-]*$/), name: z.string().min(1) });

/** An app of it. Source: schema.ts beside that file, and the README of getumbrel/umbrel-apps. */
export const umbrelApp = z.strictObject({
  manifestVersion: z.union([z.literal(1), z.literal(1.1)]),
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: z.string().min(1).max(50),
  tagline: z.string().min(1).max(100).regex(/[^.]$/, "no full stop at its end"),
  icon: url,
  category: z.enum([
    "ai",
    "automation",
    "bitcoin",
    "crypto",
    "developer",
    "files",
    "finance",
    "gaming",
    "media",
    "networking",
    "social",
  ]),
  version: z.string().min(1),
  port: z.int().min(1_024).max(65_535),
  description: z.string().min(50),
  developer: z.string().min(1),
  website: url,
  submitter: z.string().min(1),
  submission: url,
  repo: url,
  support: url,
  // Of a store of one's own they are whole addresses.
  gallery: z.array(url).min(1),
  releaseNotes: z.string(),
  dependencies: z.array(z.string()),
  path: z.union([z.literal(""), z.string().startsWith("/")]),
  defaultUsername: z.string(),
  defaultPassword: z.string(),
});

/** What runs it. `app_proxy` is Umbrel's own service, which is told where the app answers. Source: legacy-compat there. */
export const umbrelCompose = z.strictObject({
  version: z.literal("3.7"),
  services: z
    .strictObject({
      app_proxy: z.strictObject({
        environment: z.strictObject({
          // Containers by their names, ID_SERVICE_1; the machine by the gateway of Umbrel's network. No other name is known.
          APP_HOST: z.union([z.literal("10.21.0.1"), z.string().regex(/^[a-z0-9-]+_\w+_1$/)]),
          APP_PORT: z.int(),
        }),
      }),
      whitestat: z.strictObject({
        ...service,
        stop_grace_period: z.string(),
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Umbrel's variable
        volumes: z.array(z.string().startsWith("${APP_DATA_DIR}/")),
      }),
    })
    .refine(
      ({ app_proxy: { environment }, whitestat }) =>
        (environment.APP_HOST === "10.21.0.1") === (whitestat.network_mode === "host") &&
        whitestat.environment.SERVER_PORT === `${environment.APP_PORT}`,
      "app_proxy asks where nobody answers",
    ),
});

const yesNo = z.enum(["true", "false"]);

/**
 * An Unraid template, as its elements' texts and its settings. Source: the "Docker template XML schema" of Unraid's forum (topic
 * 38619), the reference of fields at ca.unraid.net/submit/help, and unraid/webgui, dynamix.docker.manager/include.
 */
export const unraid = z.strictObject({
  Name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/),
  Repository: z.string().regex(/^[a-z0-9./_-]+:[\w.-]+$/),
  Registry: url,
  Network: z.enum(["host", "bridge", "none"]),
  Privileged: yesNo,
  Support: url,
  Project: url,
  // Square brackets and elements are taken for formatting, and dropped.
  Overview: z.string().regex(/^[^[\]<>]{50,}$/),
  Category: z.string().regex(/^(?:[A-Z]\w*:\w*(?: |$))+$/),
  WebUI: z.string().regex(/^https?:\/\/\[IP\]:\[PORT:\d+\]\/.*$/),
  TemplateURL: url,
  Icon: url.regex(/\.png$/),
  // What the page has settings for (volumes, ports, variables, the network) is not to be given here once more.
  ExtraParams: z.string().regex(/^(?:--(?!volume|env|publish|network|name)[\w-]+(?: [\w]+)?(?: |$))+$/),
  Config: z
    .array(
      z
        .strictObject({
          Name: z.string().min(1),
          Target: z.string().min(1),
          Default: z.string(),
          Mode: z.string(),
          Description: z.string().min(1),
          Type: z.enum(["Path", "Port", "Variable", "Label", "Device"]),
          Display: z.enum(["always", "always-hide", "advanced", "advanced-hide"]),
          Required: yesNo,
          Mask: yesNo,
          value: z.string(),
        })
        .refine(({ Type, Mode }) => (Type === "Path" ? /^r[ow](?:,slave|,shared)?$/.test(Mode) : true), "a path's Mode")
        .refine(({ Type, Target }) => Type !== "Path" || Target.startsWith("/"), "a path's Target")
        // Unraid hands its own on; one that is empty would undo that.
        .refine(({ Target }) => Target !== "TZ", "TZ is Unraid's own"),
    )
    .min(1),
});
