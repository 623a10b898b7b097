import { randomBytes, scryptSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect } from "./test.ts";

/** Cheap to check: the tests sign in often. */
const COST = { N: 2 ** 10, r: 8, p: 1 } as const;

/** Sets the household's password before the product starts, for a scenario's `prepare`. */
export function withPassword(password: string): (dir: string) => void {
  return (dir) => {
    const salt = randomBytes(16);
    const hash = scryptSync(password, salt, 32, COST);
    const kept = { algorithm: "scrypt", ...COST, salt: salt.toString("base64"), hash: hash.toString("base64") };
    writeFileSync(join(dir, "PASSWORD.json"), JSON.stringify({ password: kept }), { mode: 0o600 });
  };
}

/** Signs in on the page that a stranger gets, wherever that is. */
export async function signIn(page: Pick<Page, "getByLabel" | "getByRole">, password: string): Promise<void> {
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Sends a change as the browser of this page, with its cookies. */
export async function sendAs<Answer>(page: Page, url: string, body: object): Promise<Answer> {
  const response = await page.request.post(url, { data: body });
  expect(response.status(), await response.text()).toBe(200);
  return (await response.json()) as Answer;
}
