import { describeStore } from "../testing/contract.ts";
import { sqliteHarness } from "../testing/harness.ts";

describeStore("the SQLite store", async () => sqliteHarness());
