import { relative } from "node:path";

/**
 * `reasons` has one line for each group of skipped tests.
 * @typedef {{ passed: number, failed: number, skipped: number, reasons: string[] }} Counts
 *
 * What of Vitest's JSON report is used.
 * @typedef {{ status: string, title: string, ancestorTitles: string[] }} Assertion
 * @typedef {{ name: string, status: string, message?: string, assertionResults: Assertion[] }} TestFile
 * @typedef {{ success: boolean, testResults: TestFile[] }} VitestReport
 */

/**
 * Counts the tests of a Vitest run. A file that could not even be loaded has no tests, and counts as one failure; so
 * does a run that failed for a reason outside its tests (an unhandled rejection), or left no report.
 * @param {string | null} text the JSON report; null when Vitest wrote none
 * @param {string} root the clone, left out of the file names
 * @returns {Counts}
 */
export function readVitestReport(text, root) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  if (text === null) return { ...counts, failed: 1 };
  const report = /** @type {VitestReport} */ (JSON.parse(text));
  for (const file of report.testResults) {
    const failedBefore = counts.failed;
    /** @type {Map<string, number>} */
    const skippedIn = new Map();
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") counts.failed += 1;
      else {
        counts.skipped += 1;
        const group = test.ancestorTitles.find(Boolean) ?? test.title;
        skippedIn.set(group, (skippedIn.get(group) ?? 0) + 1);
      }
    }
    if (file.status === "failed" && counts.failed === failedBefore) counts.failed += 1;
    for (const [group, count] of skippedIn) counts.reasons.push(`${relative(root, file.name)}: ${group} (${count})`);
  }
  if (!report.success && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** @param {Counts} counts */
export const summaryLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
