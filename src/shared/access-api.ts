import * as z from "zod/mini";
import { AUTH_MODES, TOKEN_SCOPES } from "./access-words.ts";
import { instant, ownerColour, ownerId } from "./api.ts";

/** The shapes of `api/v1/access`: who may come in, and who changed what. */

const keyId = z.string().check(z.describe("Tells one from another; no secret"));
const keyName = z.string().check(z.minLength(1), z.maxLength(200));
const passwordText = z.string().check(z.maxLength(1_000));

export const accessSchema = z.object({
  mode: z
    .enum(AUTH_MODES)
    .check(
      z.describe(
        "AUTH: open: whoever asks reads and changes. read-only: everybody reads. password: nothing without it. proxy: a reverse proxy says who is there",
      ),
    ),
  signedIn: z
    .boolean()
    .check(z.describe("Whether somebody is: by the password, the proxy or a token. Nobody is while AUTH is open")),
  as: z
    .nullable(
      z.object({
        kind: z
          .enum(["person", "proxy", "token", "view"])
          .check(z.describe("By a session, by the proxy, by a token, or by a view link")),
        name: z.string().check(z.describe("Of the browser, the proxy's user, the token or the link. Untrusted input")),
        expiresAt: z.nullable(instant).check(z.describe("When that ends, if it isn't used until then; null: never")),
      }),
    )
    .check(z.describe("Who asks; null: nobody knows")),
  owner: z
    .nullable(z.object({ id: ownerId, name: z.nullable(z.string()), colour: z.nullable(ownerColour) }))
    .check(
      z.describe(
        "Whose figures alone a view link shows; null: everybody's. name is null when there is no such owner any more",
      ),
    ),
  mayRead: z.boolean(),
  mayWrite: z.boolean(),
  mayManage: z
    .boolean()
    .check(z.describe("Whether sessions, tokens, view links, the password and the audit list are shown")),
  hasPassword: z
    .nullable(z.boolean())
    .check(z.describe("Whether a password is set; null: not said to who may not manage")),
});
export type AccessState = z.infer<typeof accessSchema>;

export const signInInputSchema = z.strictObject({
  password: passwordText,
  name: z.optional(keyName).check(z.describe("What the session is called; by default the browser and its system")),
});

export const signedInSchema = z.object({
  signedIn: z.boolean().check(z.describe("GET access says as whom")),
});

/** Of requests that need no body: pages of other sites can't send JSON. */
export const emptyInputSchema = z.strictObject({});

export const passwordInputSchema = z.strictObject({
  password: passwordText.check(z.describe("The new one: 8 to 200 characters")),
  current: z.optional(passwordText).check(z.describe("The one until now, where there is one")),
});

export const sessionsSchema = z.object({
  sessions: z.array(
    z.object({
      id: keyId,
      name: z.string().check(z.describe("The browser and its system, as it says. Untrusted input")),
      address: z
        .string()
        .check(z.describe("Where it was used last: an IPv4 address, or the first 64 bits of an IPv6 one")),
      createdAt: instant,
      usedAt: instant,
      expiresAt: instant.check(z.describe("When it ends, unless it is used again")),
      current: z.boolean().check(z.describe("It is the one that asks")),
    }),
  ),
});
export type Sessions = z.infer<typeof sessionsSchema>;

export const tokensSchema = z.object({
  tokens: z.array(
    z.object({
      id: keyId,
      name: z.string(),
      scope: z.enum(TOKEN_SCOPES),
      createdAt: instant,
      usedAt: z.nullable(instant).check(z.describe("To the hour, over restarts; null: never")),
    }),
  ),
});
export type Tokens = z.infer<typeof tokensSchema>;

export const tokenInputSchema = z.strictObject({
  name: keyName,
  scope: z.enum(TOKEN_SCOPES).check(z.describe("read, or write: which reads as well")),
});

export const newTokenSchema = z.extend(tokensSchema, {
  token: z.string().check(z.describe("Shown this once: only its hash is kept")),
});
export type NewToken = z.infer<typeof newTokenSchema>;

export const viewLinksSchema = z.object({
  links: z.array(
    z.object({
      id: keyId,
      name: z.string(),
      owner: z.nullable(ownerId).check(z.describe("Whose devices it shows; null: everybody's")),
      createdAt: instant,
      usedAt: z.nullable(instant),
      expiresAt: z.nullable(instant).check(z.describe("Null: not before it is revoked")),
    }),
  ),
});
export type ViewLinks = z.infer<typeof viewLinksSchema>;

export const viewLinkInputSchema = z.strictObject({
  name: keyName,
  owner: z.nullable(ownerId),
  expiresAt: z.nullable(instant),
});

export const newViewLinkSchema = z.extend(viewLinksSchema, {
  path: z.string().check(z.describe("Below the dashboard's address, e.g. view/wsv_…. Shown this once")),
});
export type NewViewLink = z.infer<typeof newViewLinkSchema>;

export const auditSchema = z.object({
  entries: z
    .array(
      z.object({
        at: instant,
        by: z.object({
          kind: z
            .enum(["person", "token", "proxy", "anybody", "command"])
            .check(z.describe("anybody: AUTH is open, and name is the address. command: on the command line")),
          name: z.string().check(z.describe("Untrusted input")),
        }),
        what: z.string().check(z.describe("A sentence without its full stop. May hold names that devices chose")),
      }),
    )
    .check(z.describe("The latest first; 500 at most, of 400 days")),
});
export type AuditList = z.infer<typeof auditSchema>;
