import { setTimeout as delay } from "node:timers/promises";
import { TABLE } from "../../src/meters/kernel/rules.ts";
import { eventually } from "../lib/commands.ts";
import type { WhiteStat } from "../lib/whitestat.ts";
import { notesOf, startOnGateway, startOnRebooted } from "./kernel-product.ts";
import type { Lab } from "./lab.ts";
import { type Comparing, type Load, runLoad } from "./rates.ts";

/** What a fault works on. */
export interface Stage {
  readonly lab: Lab;
  /** Of the product's store. */
  readonly folder: string;
  readonly mbit: number;
  readonly seconds: number;
  readonly comparing: Comparing;
  product: WhiteStat;
}

/** A household whose line is busy, and something that goes wrong: every byte is there, once, or may lack where it says so. */
export interface Fault {
  readonly name: string;
  readonly happen: (stage: Stage) => Promise<void>;
  /** Note that must tell of it. */
  readonly note?: string;
}

const HOME = { a: "192.168.77.11", b: "192.168.77.12" } as const;

export const FAULTS: readonly Fault[] = [
  {
    name: "kill -9 of ours while clients download",
    async happen(stage) {
      const loaded = load(stage);
      await delay(halfOf(stage));
      await stage.product.kill();
      await loaded;
      stage.product = await startOnGateway(stage.lab, stage.folder);
    },
  },
  {
    name: "a client is renumbered while clients upload",
    async happen(stage) {
      const loaded = load(stage, { protocol: "UDP", direction: "upload" });
      await delay(halfOf(stage));
      await stage.lab.renumber("a", "192.168.77.44");
      await loaded;
      await load(stage);
      await stage.lab.renumber("a", HOME.a);
    },
  },
  {
    name: "an address is taken by another client within one poll",
    async happen(stage) {
      const { lab, product, mbit, seconds } = stage;
      const bytes = (mbit * 125_000 * seconds) / 3;
      product.signal("SIGSTOP");
      await load(stage);
      await lab.renumber("b", HOME.a);
      await Promise.all([lab.transfer("b", bytes, "download"), lab.transfer("c", bytes, "upload")]);
      product.signal("SIGCONT");
      await stage.comparing.end(product);
      await lab.renumber("a", HOME.a);
      await lab.renumber("b", HOME.b);
    },
  },
  {
    name: "nft flush ruleset while clients download",
    note: "not-counted",
    async happen(stage) {
      const loaded = load(stage, {}, 2);
      const over = await stage.comparing.mayLose(stage.product);
      await stage.lab.exec("gateway", ["nft", "flush", "ruleset"]);
      await eventually(async () => {
        const tables = await stage.lab.exec("gateway", ["nft", "list", "tables"]);
        if (!tables.includes(TABLE)) throw new Error("the table isn't made anew");
      });
      await over();
      await loaded;
      await load(stage);
    },
  },
  {
    name: "the interface goes and comes back",
    note: "not-counted",
    async happen(stage) {
      await load(stage);
      await stage.lab.renewBridge();
      await eventually(async () => {
        if (!(await notesOf(stage.product)).includes("not-counted")) throw new Error("no note tells of it");
      });
      await load(stage);
    },
  },
  {
    name: "the gateway is rebooted in good order",
    async happen(stage) {
      await load(stage);
      await stage.product.stop();
      await stage.comparing.interfacesGo();
      await stage.lab.rebootGateway();
      stage.product = await startOnRebooted(stage.lab, stage.folder);
      await load(stage);
    },
  },
  {
    name: "the gateway's power fails while clients upload",
    async happen(stage) {
      const loaded = load(stage, { protocol: "UDP", direction: "upload" }, 2);
      const over = await stage.comparing.mayLose(stage.product);
      await stage.product.kill();
      await loaded;
      await over();
      await stage.comparing.interfacesGo();
      await stage.lab.rebootGateway();
      stage.product = await startOnRebooted(stage.lab, stage.folder);
      await load(stage);
    },
  },
];

/** @param times how many times as long as other loads */
function load({ lab, mbit, seconds }: Stage, more: Partial<Load> = {}, times = 1): Promise<number> {
  return runLoad(lab, { mbit, family: "IPv4", protocol: "TCP", direction: "download", ...more }, times * seconds);
}

function halfOf({ seconds }: Stage): number {
  return seconds * 500;
}
