/**
 * The nftables table of the kernel's meter, as texts for `nft -f`. Nothing here touches a table of others.
 *
 * A frame is counted for its sender and for its receiver, by MAC and address, where it comes in and where it goes out:
 * what an interface forwards on behalf of others passes it once. Priorities: before whatever may drop or divert a frame that
 * comes in (flow tables among them), and after whatever may drop one that goes out.
 *
 * Whether both ends of a frame lie on the LAN decides in which of two families of sets it is counted: never in both.
 *
 * A *generation* is a set of counters that begin at zero. The table holds one that counts, and at most one that stands still.
 */
import type { LanNetworks } from "./lan.ts";

export const TABLE = "whitestat";

/** The table of a meter: one of several has its name in it. */
export function tableOf(name: string | null): string {
  return name === null ? TABLE : `${TABLE}-${name}`;
}

/** Addresses that a set has room for. */
export const SET_SIZE = 32_768;
/**
 * No element is ever let go while its generation lasts: the time-out is there because the kernel then says of each
 * element how long ago it was updated.
 */
export const TIMEOUT_SECONDS = 365 * 86_400;
/** Another one when a table of before can't be read any more. */
export const RULES_VERSION = 2;

const FAMILIES = [
  { family: "4", type: "ipv4_addr", protocol: "ip", lan: "lan4", networks: "ipv4" },
  { family: "6", type: "ipv6_addr", protocol: "ip6", lan: "lan6", networks: "ipv6" },
] as const;
const HOOKS = [
  { hook: "in", chain: "incoming", within: "lan_incoming", type: "ingress", priority: -500 },
  { hook: "out", chain: "outgoing", within: "lan_outgoing", type: "egress", priority: 500 },
] as const;
/** What the sets of either family begin with: those of the LAN, and those of the internet. */
const KINDS = ["", "lan_"] as const;

/** An interface that is counted on: its number changes when it goes and comes back. */
export interface Device {
  readonly name: string;
  readonly index: number;
}

/** A generation: its number within the run, and when it began, by the machine's uptime in milliseconds. */
export interface Beginning {
  readonly generation: number;
  readonly startedAtMs: number;
}

/**
 * Makes the table, in place of one that may be there. Sets of intervals by `typeof`: nft 1.0.6, Debian 12's, crashes over those by
 * `type` that a newer one made, as the image's, and with it every `nft list` on that machine.
 * @param run a name that no other run has
 */
export function buildRules(
  table: string,
  run: string,
  beginning: Beginning,
  devices: readonly Device[],
  lan: LanNetworks,
): string {
  return [
    ...destroy(table),
    `add table netdev ${table}`,
    `add counter netdev ${table} run.${RULES_VERSION}.${run}`,
    ...FAMILIES.map(
      ({ lan: set, protocol }) => `add set netdev ${table} ${set} { typeof ${protocol} saddr; flags interval; }`,
    ),
    ...networks(table, lan),
    ...HOOKS.map(({ within }) => `add chain netdev ${table} ${within}`),
    ...hooks(table, devices),
    ...counters(table, beginning),
    ...counting(table, beginning.generation),
    "",
  ].join("\n");
}

/** Takes other networks for the LAN from now on. @param before the fingerprint that the table's marker has */
export function changeLanRules(table: string, before: string | null, lan: LanNetworks): string {
  return [
    ...(before === null ? [] : [`delete counter netdev ${table} lan.${before}`]),
    ...FAMILIES.map(({ lan: set }) => `flush set netdev ${table} ${set}`),
    ...networks(table, lan),
    "",
  ].join("\n");
}

function networks(table: string, lan: LanNetworks): string[] {
  return [
    `add counter netdev ${table} lan.${lan.fingerprint}`,
    ...FAMILIES.map(({ lan: set, networks: of }) => `add element netdev ${table} ${set} { ${lan[of].join(", ")} }`),
  ];
}

/**
 * Hooks the chains to the interfaces anew. The counters stay.
 * @param hooked what the markers say of the interfaces before
 */
export function rehookRules(
  table: string,
  beginning: Beginning,
  hooked: readonly Device[],
  devices: readonly Device[],
): string {
  const chains = HOOKS.flatMap(({ chain }) => [
    `add chain netdev ${table} ${chain}`,
    `flush chain netdev ${table} ${chain}`,
    `delete chain netdev ${table} ${chain}`,
  ]);
  const within = HOOKS.map((hook) => `flush chain netdev ${table} ${hook.within}`);
  const markers = hooked.map((device) => `delete counter netdev ${table} ${markerOf(device)}`);
  return [
    ...chains,
    ...within,
    ...markers,
    ...hooks(table, devices),
    ...counting(table, beginning.generation),
    "",
  ].join("\n");
}

/** Goes on in a new generation: the one before stands still from then on. One transaction: each frame is counted in one. */
export function nextGenerationRules(table: string, beginning: Beginning): string {
  const flush = HOOKS.flatMap(({ chain, within }) => [
    `flush chain netdev ${table} ${chain}`,
    `flush chain netdev ${table} ${within}`,
  ]);
  return [...counters(table, beginning), ...flush, ...counting(table, beginning.generation), ""].join("\n");
}

/** Lets go of a generation that stands still. */
export function dropGenerationRules(table: string, { generation, startedAtMs }: Beginning): string {
  const sets = KINDS.flatMap((kind) =>
    HOOKS.flatMap(({ hook }) =>
      FAMILIES.flatMap(({ family }) => [
        `delete set netdev ${table} ${kind}sent${family}_${hook}_${generation}`,
        `delete set netdev ${table} ${kind}received${family}_${hook}_${generation}`,
      ]),
    ),
  );
  const left = HOOKS.flatMap(({ hook }) => [
    `delete counter netdev ${table} unlisted_${hook}_${generation}`,
    `delete counter netdev ${table} foreign_${hook}_${generation}`,
  ]);
  return [...sets, ...left, `delete counter netdev ${table} generation.${generation}.${startedAtMs}`, ""].join("\n");
}

/** Removes the table, whether it is there or not. */
export function destroyRules(table: string): string {
  return [...destroy(table), ""].join("\n");
}

/** Makes, and takes away at once, what the meter needs: whether that works tells whether it would. */
export function probeRules(devices: readonly string[]): string {
  const table = `${TABLE}_probe`;
  const names = (devices.length === 0 ? ["lo"] : devices).map((name) => `"${name}"`).join(", ");
  return [
    `add table netdev ${table}`,
    ...HOOKS.map(
      ({ chain, type, priority }) =>
        `add chain netdev ${table} ${chain} { type filter hook ${type} devices = { ${names} } priority ${priority}; policy accept; }`,
    ),
    `add set netdev ${table} sent { type ether_addr . ipv6_addr; flags dynamic, timeout; timeout 1h; size 2; counter; }`,
    `add set netdev ${table} lan { typeof ip6 saddr; flags interval; elements = { fc00::/7, fe80::/10 }; }`,
    `add chain netdev ${table} within`,
    `add rule netdev ${table} outgoing meta protocol ip6 ip6 saddr @lan goto within`,
    `add rule netdev ${table} outgoing meta protocol ip6 update @sent { ether saddr . ip6 saddr } accept`,
    `delete table netdev ${table}`,
    "",
  ].join("\n");
}

/** `destroy table` is younger than what Debian 12 has. */
function destroy(table: string): string[] {
  return [`add table netdev ${table}`, `delete table netdev ${table}`];
}

function hooks(table: string, devices: readonly Device[]): string[] {
  const names = devices.map(({ name }) => `"${name}"`).join(", ");
  const chains = HOOKS.map(
    ({ chain, type, priority }) =>
      `add chain netdev ${table} ${chain} { type filter hook ${type} devices = { ${names} } priority ${priority}; policy accept; }`,
  );
  return [...devices.map((device) => `add counter netdev ${table} ${markerOf(device)}`), ...chains];
}

/** The sets are listed in the order in which they are made, and `readTable` counts on it: senders first. */
function counters(table: string, { generation, startedAtMs }: Beginning): string[] {
  const set = (name: string, type: string) =>
    `add set netdev ${table} ${name} { type ether_addr . ${type}; flags dynamic, timeout; timeout ${TIMEOUT_SECONDS}s; size ${SET_SIZE}; counter; }`;
  const sets = (side: "sent" | "received") =>
    KINDS.flatMap((kind) =>
      HOOKS.flatMap(({ hook }) =>
        FAMILIES.map(({ family, type }) => set(`${kind}${side}${family}_${hook}_${generation}`, type)),
      ),
    );
  const left = HOOKS.flatMap(({ hook }) => [
    `add counter netdev ${table} unlisted_${hook}_${generation}`,
    `add counter netdev ${table} foreign_${hook}_${generation}`,
  ]);
  return [
    `add counter netdev ${table} generation.${generation}.${startedAtMs}`,
    ...left,
    ...sets("sent"),
    ...sets("received"),
  ];
}

/**
 * A rule ends where a set has no room, and the next one goes on: so `unlisted` has what the sets could not take. A VLAN's tag
 * is off when a frame comes to the hook. What stays on the LAN goes to a chain of its own, and doesn't come back: what the
 * LAN's sets have no room for must not be taken for the internet's. `foreign` is what carries no address that we read: PPPoE, tags within tags.
 */
function counting(table: string, generation: number): string[] {
  return HOOKS.flatMap(({ hook, chain, within }) => {
    const rule = (text: string, to: string = chain) => `add rule netdev ${table} ${to} ${text}`;
    const counted = (kind: string, to: string) =>
      FAMILIES.map(({ family, protocol }) => {
        const update = (side: string, field: string) =>
          `update @${kind}${side}${family}_${hook}_${generation} { ether ${field} . ${protocol} ${field} }`;
        return rule(`meta protocol ${protocol} ${update("sent", "saddr")} ${update("received", "daddr")} accept`, to);
      });
    const local = FAMILIES.map(({ protocol, lan }) =>
      rule(`meta protocol ${protocol} ${protocol} daddr @${lan} ${protocol} saddr @${lan} goto ${within}`),
    );
    return [
      ...counted("lan_", within),
      rule(`counter name unlisted_${hook}_${generation} accept`, within),
      ...local,
      ...counted("", chain),
      rule(`meta protocol { ip, ip6 } counter name unlisted_${hook}_${generation} accept`),
      rule(`meta protocol != arp counter name foreign_${hook}_${generation}`),
    ];
  });
}

/** An interface's name may hold what a counter's can't. */
function markerOf({ name, index }: Device): string {
  return `on.${Buffer.from(name).toString("hex")}.${index}`;
}
