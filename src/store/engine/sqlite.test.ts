import { describeStore } from "./contract.ts";
import { sqliteHarness } from "./sqlite-harness.ts";

describeStore("the SQLite store", async () => sqliteHarness());
