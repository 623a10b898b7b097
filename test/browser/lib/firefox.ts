import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's Firefox. Playwright starts it, but asks it for a command that the ESR does not know: hence what is below. */
export const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** A Firefox with one page, as far as the tests of the keyboard need it. */
export interface Firefox {
  open(url: string): Promise<void>;
  press(key: keyof typeof KEYS): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true in the page. */
  waitFor(expression: string): Promise<void>;
  close(): Promise<void>;
}

/** As WebDriver names them. */
const KEYS = {
  Tab: "\uE004",
  Enter: "\uE007",
  Escape: "\uE00C",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
} as const;

const PATIENCE_MS = 60_000;

/** Starts Firefox and speaks WebDriver BiDi with it. */
export async function startFirefox(): Promise<Firefox> {
  const profile = mkdtempSync(join(tmpdir(), "whitestat-firefox-"));
  const child = spawn(FIREFOX, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.once("exit", () => reject(new Error(`Firefox ended: ${said}`)));
    child.stderr.on("data", (text: Buffer) => {
      said += text;
      const url = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const socket = new WebSocket(`${address}/session`);
  await once(socket, "open");

  let last = 0;
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  socket.addEventListener("message", (event) => {
    const answer = JSON.parse(String(event.data)) as {
      id?: number;
      result?: unknown;
      error?: string;
      message?: string;
    };
    const asked = waiting.get(answer.id ?? -1);
    waiting.delete(answer.id ?? -1);
    if (answer.error === undefined) asked?.resolve(answer.result);
    else asked?.reject(new Error(`${answer.error}: ${answer.message}`));
  });
  function send<T>(method: string, params: object): Promise<T> {
    last += 1;
    socket.send(JSON.stringify({ id: last, method, params }));
    return new Promise<T>((resolve, reject) => {
      waiting.set(last, { resolve: (result) => resolve(result as T), reject });
    });
  }

  await send("session.new", { capabilities: {} });
  const { context } = await send<{ context: string }>("browsingContext.create", { type: "tab" });

  const firefox: Firefox = {
    async open(url) {
      await send("browsingContext.navigate", { context, url, wait: "complete" });
    },
    async press(key) {
      const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] }));
      await send("input.performActions", { context, actions: [{ type: "key", id: "keyboard", actions }] });
    },
    async evaluate<T>(expression: string) {
      const { result } = await send<{ result: { value: string } }>("script.evaluate", {
        expression: `JSON.stringify(${expression} ?? null)`,
        target: { context },
        awaitPromise: true,
      });
      return JSON.parse(result.value) as T;
    },
    async waitFor(expression) {
      for (const giveUp = Date.now() + PATIENCE_MS; Date.now() < giveUp; ) {
        if (await firefox.evaluate<boolean>(`Boolean(${expression})`)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`never true in Firefox: ${expression}`);
    },
    async close() {
      const ended = once(child, "exit");
      await send("browser.close", {}).catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
  return firefox;
}
