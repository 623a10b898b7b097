import type { AccessState, AuditList, NewToken, NewViewLink, Sessions } from "../../shared/access-api.ts";

/** 2026-01-31 12:00 in Berlin, and a day. */
const [NOON, DAY] = [1_769_857_200_000, 86_400_000];

const ACCESS: AccessState = {
  mode: "password",
  signedIn: true,
  as: { kind: "person", name: "Firefox on Windows", expiresAt: NOON + 90 * DAY },
  owner: null,
  mayRead: true,
  mayWrite: true,
  mayManage: true,
  hasPassword: true,
};
const SESSIONS: Sessions = {
  sessions: [
    {
      id: "5f0c2e8a91b4",
      name: "Firefox on Windows",
      address: "192.168.1.20",
      createdAt: NOON - 3 * DAY,
      usedAt: NOON,
      expiresAt: NOON + 90 * DAY,
      current: true,
    },
  ],
};
const TOKENS: NewToken["tokens"] = [
  { id: "77b1c0ffee01", name: "Excel at work", scope: "read", createdAt: NOON - DAY, usedAt: null },
];
const LINKS: NewViewLink["links"] = [
  { id: "0a1b2c3d4e5f", name: "Ben's phone", owner: 1, createdAt: NOON, usedAt: null, expiresAt: NOON + 30 * DAY },
];
const AUDIT: AuditList = {
  entries: [
    { at: NOON, by: { kind: "person", name: "Firefox on Windows" }, what: "Made the token Excel at work (read)" },
  ],
};

/** What the OpenAPI document shows of `api/v1/access`. */
export const ACCESS_EXAMPLES = {
  Access: ACCESS,
  SignInInput: { password: "correct horse battery staple" },
  SignedIn: { signedIn: true },
  EmptyInput: {},
  PasswordInput: { password: "correct horse battery staple", current: "hunter2hunter2" },
  Sessions: SESSIONS,
  Tokens: { tokens: TOKENS },
  TokenInput: { name: "Excel at work", scope: "read" },
  NewToken: { token: "wst_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", tokens: TOKENS },
  ViewLinks: { links: LINKS },
  ViewLinkInput: { name: "Ben's phone", owner: 1, expiresAt: NOON + 30 * DAY },
  NewViewLink: { path: "view/wsv_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", links: LINKS },
  Audit: AUDIT,
} as const;
