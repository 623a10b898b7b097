/**
 * How much of what passes a gateway each meter sees as the line gets faster: a client in a namespace downloads through it for
 * three seconds at each rate, and both meters stand on its LAN interface.
 *   node bench/meters.ts [MBIT ...]
 */

import { DEFAULT_SEGMENTS } from "../src/accounting/address.ts";
import { lanNetworks } from "../src/meters/kernel/lan.ts";
import { parseTable } from "../src/meters/kernel/listing.ts";
import { buildRules } from "../src/meters/kernel/rules.ts";
import { figuresOf } from "../src/meters/kernel/snapshot.ts";
import { kernelObstacle } from "../test/lab/available.ts";
import { createLab, type Lab } from "../test/lab/lab.ts";

const SECONDS = 3;
const rates = process.argv.slice(2).map(Number);
const obstacle = kernelObstacle();
const say = (line: string) => process.stdout.write(`${line}\n`);

if (obstacle !== null) {
  say(`Can't be measured here: ${obstacle}.`);
  process.exitCode = 1;
} else {
  const lab = await createLab({ full: true });
  try {
    await measure(lab);
  } finally {
    await lab.dispose();
  }
}

async function measure(lab: Lab): Promise<void> {
  await lab.darkstat.start();
  const index = Number(await lab.exec("gateway", ["cat", "/sys/class/net/br0/ifindex"]));
  const rules = buildRules(
    "whitestat",
    "bench",
    { generation: 1, startedAtMs: 0 },
    [{ name: "br0", index }],
    lanNetworks(DEFAULT_SEGMENTS, []),
  );
  await lab.exec("gateway", ["sh", "-c", 'printf "%s" "$1" | nft -f -', "sh", rules]);
  say("| Mbit/s | interface | kernel | darkstat | darkstat says it missed |");
  say("|---|---|---|---|---|");
  for (const mbit of rates.length > 0 ? rates : [20, 100, 300, 1000]) {
    await lab.exec("server", shape(mbit));
    const before = await look(lab);
    await lab.transfer("a", (mbit * 1_000_000 * SECONDS) / 8, "download");
    await settled(lab);
    const after = await look(lab);
    const [truth, kernel, darkstat, captured, dropped] = after.map(
      (value, place) => value - (before[place] ?? 0),
    ) as Five;
    const share = (part: number, of: number) => `${((100 * part) / Math.max(1, of)).toFixed(2)} %`;
    say(
      `| ${mbit} | ${truth.toLocaleString("en-GB")} B | ${share(kernel, truth)} | ${share(darkstat, truth)} | ${share(dropped, captured)} of the packets |`,
    );
  }
}

type Five = [truth: number, kernel: number, darkstat: number, captured: number, dropped: number];

/** What client a received, by its own interface and by each meter; and darkstat's packets. */
async function look(lab: Lab): Promise<Five> {
  const { ip } = lab.clients.a;
  const table = parseTable(await lab.exec("gateway", ["nft", "-j", "list", "table", "netdev", "whitestat"]));
  const [generation] = table === null || table === "older" ? [] : table.generations;
  const row = generation && figuresOf(generation, generation).hosts.find((host) => host.ip === ip);
  const counted = ip === null ? null : await lab.darkstat.counted(ip);
  const page = await (await fetch(`${lab.darkstat.url}/`, { headers: { connection: "close" } })).text();
  const number = (id: string) =>
    Number((new RegExp(`id="${id}">([\\d,]+)`).exec(page)?.[1] ?? "0").replaceAll(",", ""));
  return [(await lab.interfaceCounters("a")).in, row?.in ?? 0, counted?.in ?? 0, number("pc"), number("pd")];
}

/** darkstat reads on for a while from its buffer. */
async function settled(lab: Lab): Promise<void> {
  const bytes = async () => (await lab.darkstat.totals()).bytes;
  for (let before = -1, now = await bytes(); now !== before; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    [before, now] = [now, await bytes()];
  }
}

function shape(mbit: number): string[] {
  const burst = Math.max(16, Math.round(mbit / 2));
  return `tc qdisc replace dev eth0 root tbf rate ${mbit}mbit burst ${burst}kb latency 50ms`.split(" ");
}
