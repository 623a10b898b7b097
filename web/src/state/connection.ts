import { signal } from "@preact/signals";
import { now } from "./today.ts";

export interface Connection {
  /** `lost` from the moment that it broke until it is there again. */
  readonly state: "connecting" | "open" | "lost";
  readonly since: number;
  /** Something that was asked for did not come: it is no mere blink of the stream. */
  readonly isCertain: boolean;
}

/** Whether news arrives from the server. */
export const connection = signal<Connection>({ state: "connecting", since: 0, isCertain: false });

export function opened(): void {
  if (connection.peek().state !== "open") connection.value = { state: "open", since: now.peek(), isCertain: false };
}

/** The stream broke, or (`isCertain`) a request could not reach the server. */
export function lost(isCertain: boolean): void {
  const known = connection.peek();
  if (known.state !== "lost") connection.value = { state: "lost", since: now.peek(), isCertain };
  else if (isCertain && !known.isCertain) connection.value = { ...known, isCertain };
}
