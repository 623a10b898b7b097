/** Who may read and who may change, the setting AUTH: see docs/access.md. */
export const AUTH_MODES = ["open", "read-only", "password", "proxy"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** What a token may do. */
export const TOKEN_SCOPES = ["read", "write"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];
