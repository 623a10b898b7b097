import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { ApiFailure, getJson, postJson, SIGN_IN_NEEDED, urlOf, whenSignInIsNeeded } from "../api.ts";
import { accessText } from "../texts/access.ts";
import type { AccessState } from "../wire.ts";
import { sayFailed } from "./toast.ts";
import { isTyping, startTyped } from "./typed.ts";

/** Who looks at this page, and what he may; null until it is read. */
export const access = signal<AccessState | null>(null);
/** The server was asked: `access` stays null where it didn't answer. */
const isAsked = signal(false);

/** Nobody is signed in any more, and what was typed would be lost with the page: it stays, and says so. */
export const signedOut = signal(false);

/** Whether changes are offered. The server has the last word: while nothing is known, they are. */
export const mayWrite: ReadonlySignal<boolean> = computed(() => access.value?.mayWrite ?? true);

/** The owner whose figures alone a view link shows; null for who sees everybody's. */
export const onlyOwner: ReadonlySignal<AccessState["owner"]> = computed(() => access.value?.owner ?? null);

/** Whether more than one owner's figures may be asked for: not before that is known. */
export const seesAll: ReadonlySignal<boolean> = computed(
  () => isAsked.value && (access.value === null || (access.value.mayRead && access.value.owner === null)),
);

/** Whether somebody could sign in here who hasn't. */
export const canSignIn: ReadonlySignal<boolean> = computed(() => {
  const { mode = "open", signedIn = false } = access.value ?? {};
  return !signedIn && (mode === "password" || mode === "read-only");
});

/** Asks who looks at the page. @returns when that is known, or can't be */
export async function startAccess(): Promise<void> {
  startTyped();
  whenSignInIsNeeded(() => void leaveOrSay());
  await refreshAccess();
  isAsked.value = true;
}

/**
 * Asks again, for example because somebody may have signed in in another tab.
 * @returns whether the figures may be read; null where that can't be known
 */
export async function refreshAccess(): Promise<boolean | null> {
  let answer: AccessState;
  try {
    answer = await getJson<AccessState>("api/v1/access");
  } catch (error) {
    // What was known stays: the frame says that there is no connection. A proxy may let nobody even ask.
    return error instanceof ApiFailure && error.code === SIGN_IN_NEEDED ? false : null;
  }
  const before = access.peek();
  const seesOthers = before !== null && before.owner?.id !== answer.owner?.id;
  // Everything on the page is what another one may see.
  if (seesOthers && answer.mayRead && !isTyping()) location.reload();
  // What is edited must not vanish under somebody's hands.
  else if (before === null || !before.mayWrite || answer.mayWrite || !isTyping()) access.value = answer;
  return answer.mayRead;
}

/** A page that was led to the sign-in page and is back within this time would only be led there again. */
const LOOP_MS = 20_000;
const LED_KEY = "whitestat.led-to-sign-in";

/** The server gives its sign-in page in place of this one; where somebody is typing, he is told instead. */
async function leaveOrSay(): Promise<void> {
  if (signedOut.peek() || isLeaving) return;
  if (isTyping()) {
    signedOut.value = true;
    return;
  }
  isLeaving = true;
  // Where changes alone need a person, whoever reads goes on reading.
  const mayRead = await refreshAccess();
  isLeaving = false;
  if (mayRead !== false) return;
  if (isTyping() || wasLedJustNow()) signedOut.value = true;
  else location.reload();
}

let isLeaving = false;

/** Looks whether somebody has signed in meanwhile. @returns whether the page may go on */
export async function isBackIn(): Promise<boolean> {
  if (signedOut.peek() && (await refreshAccess()) === true) signedOut.value = false;
  return !signedOut.peek();
}

function wasLedJustNow(): boolean {
  try {
    const ago = Date.now() - Number(sessionStorage.getItem(LED_KEY));
    sessionStorage.setItem(LED_KEY, String(Date.now()));
    return ago >= 0 && ago < LOOP_MS;
  } catch {
    // Without storage nobody can tell, so it is left to a person.
    return true;
  }
}

/** The address of the sign-in page, which leads back to what is looked at. */
export function signInHref(path: string): string {
  const root = new URL(urlOf("")).pathname;
  return urlOf("signin", { next: path.startsWith(root) ? `/${path.slice(root.length)}` : null });
}

/** Ends the session, or leaves the view of a link, and shows what a stranger sees. */
export async function signOut(): Promise<void> {
  try {
    await postJson("api/v1/access/sign-out", {});
  } catch (error) {
    sayFailed(error, accessText.notSignedOut);
    return;
  }
  location.assign(urlOf(""));
}
