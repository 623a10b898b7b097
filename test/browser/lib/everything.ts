import type { Page } from "@playwright/test";

/** Opens all that can be opened on the dashboard. */
export async function openEverything(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("textbox", { name: "Filter by Download" }).fill(">much");
  await page.getByText("Filter syntax").click();
  await page.locator(".chart-trend").getByText("Show as a table").click();
  await page.getByText("Traffic breakdown").click();
  await page.getByText("Recent events").click();
  await page.getByRole("button", { name: "Rename Living room TV" }).click();
}
