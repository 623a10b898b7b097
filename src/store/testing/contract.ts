import { describe } from "vitest";
import { describeBalances } from "./contract/balances.ts";
import { describeBooks } from "./contract/books.ts";
import { describeDays } from "./contract/days.ts";
import { describeDevices } from "./contract/devices.ts";
import { describeDurability } from "./contract/durability.ts";
import { describeHousehold } from "./contract/household.ts";
import { describeImport } from "./contract/import.ts";
import { describeImportedNames } from "./contract/import-names.ts";
import { describeOwnership } from "./contract/ownership.ts";
import { describePruning } from "./contract/pruning.ts";
import { describeRemotes } from "./contract/remotes.ts";
import { describeRemovals } from "./contract/removals.ts";
import { describeRouters } from "./contract/routers.ts";
import { describeSources } from "./contract/sources.ts";
import { describeSums } from "./contract/sums.ts";
import { describeTraffic } from "./contract/traffic.ts";
import type { StoreHarness } from "./harness.ts";

/** What every engine must do. `create` makes an empty place. */
export function describeStore(name: string, create: () => Promise<StoreHarness>): void {
  describe(name, () => {
    describe("books", () => describeBooks(create));
    describe("durability", () => describeDurability(create));
    describe("device days and hours", () => describeDays(create));
    describe("internet hosts", () => describeRemotes(create));
    describe("balances", () => describeBalances(create));
    describe("several sources", () => describeSources(create));
    describe("devices", () => describeDevices(create));
    describe("who an address is", () => describeOwnership(create));
    describe("routers", () => describeRouters(create));
    describe("pruning", () => describePruning(create));
    describe("removed figures", () => describeRemovals(create));
    describe("a household's rows", () => describeHousehold(create));
    describe("an import", () => describeImport(create));
    describe("an import's names and routers", () => describeImportedNames(create));
    describe("internet and LAN traffic", () => describeTraffic(create));
    describe("sums", () => describeSums(create));
  });
}
