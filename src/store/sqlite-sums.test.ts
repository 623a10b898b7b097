import { describeSums } from "./contract-sums.ts";
import { sqliteHarness } from "./sqlite-harness.ts";

describeSums("SQLite", async () => sqliteHarness());
