import type { AuthMode, TokenScope } from "../shared/access-words.ts";

/** Who asks, as far as it is known. */
export type Who =
  /** AUTH is open, so nobody is asked; or nobody is known, and AUTH says what he may. */
  | { readonly kind: "anybody" }
  | { readonly kind: "person"; readonly id: string; readonly name: string; readonly expiresAt: number }
  | { readonly kind: "proxy"; readonly name: string }
  | { readonly kind: "token"; readonly id: string; readonly name: string; readonly scope: TokenScope }
  | {
      readonly kind: "view";
      readonly id: string;
      readonly name: string;
      /** Whose figures alone he sees; null: everybody's. */
      readonly owner: number | null;
      readonly expiresAt: number | null;
    };

export const ANYBODY: Who = { kind: "anybody" };

/**
 * What a route needs. `public`: nothing. `shell`: to see anything at all. `view`: the same, where the handler gives who sees
 * one owner alone nothing of the others (`onlyOwner`). `read`: to see everything. `write`: to change what is measured and
 * shown. `manage`: to decide who may come in, which no token may.
 */
export type Need = "public" | "shell" | "view" | "read" | "write" | "manage";

/** Whether somebody may do what a route needs. */
export function may(who: Who, need: Need, mode: AuthMode): boolean {
  if (need === "public" || mode === "open") return true;
  switch (who.kind) {
    case "anybody":
      return mode === "read-only" && need !== "write" && need !== "manage";
    case "person":
    case "proxy":
      return true;
    case "token":
      return need === "write" ? who.scope === "write" : need !== "manage";
    case "view":
      return need === "shell" || need === "view" || (need === "read" && who.owner === null);
  }
}

/** Whose figures alone somebody sees; null: everybody's. */
export function onlyOwner(who: Who): number | null {
  return who.kind === "view" ? who.owner : null;
}
