import { signal } from "@preact/signals";
import { getJson, postJson, putJson } from "../api.ts";
import { accessText } from "../texts/access.ts";
import type {
  AccessState,
  AuditList,
  NewToken,
  NewViewLink,
  Sessions,
  TokenScope,
  Tokens,
  ViewLinks,
} from "../wire.ts";
import { access } from "./access.ts";
import { reasonOf, sayDone, sayFailed } from "./toast.ts";

/** Who is signed in, and what else lets somebody in; null until it is read. */
export const sessions = signal<Sessions["sessions"] | null>(null);
export const tokens = signal<Tokens["tokens"] | null>(null);
export const links = signal<ViewLinks["links"] | null>(null);
/** Who changed what, the latest first; null until it is read. */
export const audit = signal<AuditList["entries"] | null>(null);
/** Why they can't be shown. */
export const keysFailure = signal<string | null>(null);

const PATH = "api/v1/access";

/** Reads all of it. */
export async function refreshKeys(): Promise<void> {
  try {
    const [one, two, three, four] = await Promise.all([
      getJson<Sessions>(`${PATH}/sessions`),
      getJson<Tokens>(`${PATH}/tokens`),
      getJson<ViewLinks>(`${PATH}/links`),
      getJson<AuditList>(`${PATH}/audit`),
    ]);
    sessions.value = one.sessions;
    tokens.value = two.tokens;
    links.value = three.links;
    audit.value = four.entries;
    keysFailure.value = null;
  } catch (error) {
    keysFailure.value = reasonOf(error, accessText.unavailable);
  }
}

/** Whatever is done here stands in the list of changes. */
async function refreshAudit(): Promise<void> {
  try {
    audit.value = (await getJson<AuditList>(`${PATH}/audit`)).entries;
  } catch {
    // What is seen stays: the frame says that there is no connection.
  }
}

/**
 * Sets the household's password; every other session ends.
 * @param current the one until now; null where there is none
 * @returns why it wasn't set; null where it was
 */
export async function setPassword(password: string, current: string | null): Promise<string | null> {
  try {
    const body = current === null ? { password } : { password, current };
    access.value = await putJson<AccessState>(`${PATH}/password`, body);
  } catch (error) {
    return reasonOf(error, accessText.notSaved);
  }
  sayDone(current === null ? accessText.passwordSet : accessText.passwordChanged);
  void refreshKeys();
  return null;
}

/** @returns whether it ended */
export function endSession(id: string, name: string): Promise<boolean> {
  return act(async () => {
    sessions.value = (await postJson<Sessions>(`${PATH}/sessions/${encodeURIComponent(id)}/end`, {})).sessions;
  }, accessText.sessionEnded(name));
}

/** Ends every session but this one. @returns whether they ended */
export function endOtherSessions(): Promise<boolean> {
  return act(async () => {
    sessions.value = (await postJson<Sessions>(`${PATH}/sessions/end-others`, {})).sessions;
  }, accessText.othersEnded);
}

/** What was made, which is shown this once; or why it wasn't. */
export type Made = { readonly secret: string } | { readonly refused: string };

export async function makeToken(name: string, scope: TokenScope): Promise<Made> {
  try {
    const answer = await postJson<NewToken>(`${PATH}/tokens`, { name, scope });
    tokens.value = answer.tokens;
    void refreshAudit();
    return { secret: answer.token };
  } catch (error) {
    return { refused: reasonOf(error, accessText.notSaved) };
  }
}

/** @returns whether it was revoked */
export function revokeToken(id: string, name: string): Promise<boolean> {
  return act(async () => {
    tokens.value = (await postJson<Tokens>(`${PATH}/tokens/${encodeURIComponent(id)}/revoke`, {})).tokens;
  }, accessText.tokenRevoked(name));
}

/**
 * @param owner whose figures alone it shows; null for everybody's
 * @param expiresAt ms UTC; null for never
 */
export async function makeLink(name: string, owner: number | null, expiresAt: number | null): Promise<Made> {
  try {
    const answer = await postJson<NewViewLink>(`${PATH}/links`, { name, owner, expiresAt });
    links.value = answer.links;
    void refreshAudit();
    return { secret: answer.path };
  } catch (error) {
    return { refused: reasonOf(error, accessText.notSaved) };
  }
}

/** @returns whether it was revoked */
export function revokeLink(id: string, name: string): Promise<boolean> {
  return act(async () => {
    links.value = (await postJson<ViewLinks>(`${PATH}/links/${encodeURIComponent(id)}/revoke`, {})).links;
  }, accessText.linkRevoked(name));
}

async function act(work: () => Promise<void>, done: string): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    sayFailed(error, accessText.notSaved);
    // It may be gone already.
    void refreshKeys();
    return false;
  }
  sayDone(done);
  void refreshAudit();
  return true;
}
