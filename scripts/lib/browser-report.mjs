/**
 * What of Playwright's JSON report is used.
 * @typedef {import("./test-report.mjs").Counts} Counts
 * @typedef {{ status: "skipped" | "expected" | "unexpected" | "flaky", annotations?: { type: string, description?: string }[] }} Test
 * @typedef {{ title: string, tests: Test[] }} Spec
 * @typedef {{ title: string, specs?: Spec[], suites?: Suite[] }} Suite
 * @typedef {{ suites?: Suite[], errors?: unknown[] }} BrowserReport
 */

/**
 * Counts the tests of a Playwright run. A run that left no report, or failed outside its tests, counts as one failure.
 * @param {string | null} text the JSON report; null when Playwright wrote none
 * @returns {Counts}
 */
export function readBrowserReport(text) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  if (text === null) return { ...counts, failed: 1 };
  const report = /** @type {BrowserReport} */ (JSON.parse(text));
  for (const suite of report.suites ?? []) addSuite(suite, counts);
  if ((report.errors?.length ?? 0) > 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * @param {Suite} suite
 * @param {Counts} counts
 */
function addSuite(suite, counts) {
  for (const spec of suite.specs ?? []) {
    for (const test of spec.tests) {
      if (test.status === "unexpected") counts.failed += 1;
      else if (test.status === "skipped") {
        counts.skipped += 1;
        counts.reasons.push(`${suite.title}: ${spec.title}${reasonOf(test)}`);
      } else counts.passed += 1;
    }
  }
  for (const inner of suite.suites ?? []) addSuite(inner, counts);
}

/** @param {Test} test */
function reasonOf({ annotations = [] }) {
  const reason = annotations.find(({ type }) => type === "skip")?.description;
  return reason ? ` (${reason})` : "";
}
