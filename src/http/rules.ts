import type { Need } from "./who.ts";

/** What a route needs, and what the audit list says of it. */
export interface Rule {
  readonly need: Need;
  /** Of a change, as a sentence without its full stop; `:key` stands for what stands there in the path. */
  readonly did?: string;
  /** Programs read it that can send no header: a token may stand in the address (`?token=`). */
  readonly feed?: true;
}

/**
 * What each route needs. A route that isn't here answers nobody (but while AUTH is open), and a test fails. `view` needs a
 * handler that looks at `onlyOwner`; a test looks for figures of others in what it answers.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  "GET /healthz": { need: "public" },
  "GET /signin": { need: "public" },
  "POST /signin": { need: "public" },
  "GET /view/:key": { need: "public" },

  // Of the plain page, which has figures in it. The dashboard's files, wherever they are, need no more than "shell".
  "GET /": { need: "read" },
  "GET /history": { need: "read" },

  "GET /json": { need: "read", feed: true },
  "GET /json/history": { need: "read", feed: true },
  "GET /table": { need: "read", feed: true },
  "GET /table/history": { need: "read", feed: true },
  "GET /json/lansegments": { need: "read" },
  "POST /json/hostname": { need: "write", did: "Named a device" },
  "GET /metrics": { need: "read" },

  "GET /api/v1/access": { need: "public" },
  "POST /api/v1/access/sign-in": { need: "public" },
  "POST /api/v1/access/sign-out": { need: "public" },
  "PUT /api/v1/access/password": { need: "manage", did: "Set the password" },
  "GET /api/v1/access/sessions": { need: "manage" },
  "POST /api/v1/access/sessions/end-others": { need: "manage", did: "Ended all other sessions" },
  "POST /api/v1/access/sessions/:key/end": { need: "manage", did: "Ended a session" },
  "GET /api/v1/access/tokens": { need: "manage" },
  "POST /api/v1/access/tokens": { need: "manage", did: "Made a token" },
  "POST /api/v1/access/tokens/:key/revoke": { need: "manage", did: "Revoked a token" },
  "GET /api/v1/access/links": { need: "manage" },
  "POST /api/v1/access/links": { need: "manage", did: "Made a view link" },
  "POST /api/v1/access/links/:key/revoke": { need: "manage", did: "Revoked a view link" },
  "GET /api/v1/access/audit": { need: "manage" },

  "GET /api/v1/openapi.json": { need: "read" },
  "GET /api/v1/usage": { need: "view", feed: true },
  "GET /api/v1/usage/changes": { need: "view" },
  "GET /api/v1/usage/csv": { need: "view", feed: true },
  "GET /api/v1/days": { need: "view", feed: true },
  "GET /api/v1/status": { need: "view" },
  "GET /api/v1/events": { need: "view" },
  "GET /api/v1/devices/:key": { need: "read" },
  "PUT /api/v1/devices/:key/name": { need: "write", did: "Named the device :key" },
  "GET /api/v1/devices/:key/removal": { need: "read" },
  "GET /api/v1/household": { need: "read" },
  "POST /api/v1/household/changes": { need: "write", did: "Changed owners, devices or figures" },
  "POST /api/v1/household/changes/:key/undo": { need: "write", did: "Took a change back" },
  "PUT /api/v1/ipv6": { need: "write", did: "Included or excluded IPv6" },
  "GET /api/v1/plan": { need: "read" },
  "PUT /api/v1/plan": { need: "write", did: "Changed the data plan" },
  "GET /api/v1/plans": { need: "read" },
  "GET /api/v1/plan/check": { need: "read" },
  "POST /api/v1/plan/what-if": { need: "read" },
  "GET /api/v1/mqtt": { need: "read" },
  "PUT /api/v1/mqtt": { need: "write", did: "Changed what is told to the MQTT broker" },
  "PUT /api/v1/mqtt/test": { need: "write", did: "Tried an MQTT broker" },
  "GET /api/v1/settings": { need: "read" },
  "GET /api/v1/alerts": { need: "read" },
  "GET /api/v1/alerts/atom": { need: "read", feed: true },
  "GET /api/v1/alerts/ics": { need: "read", feed: true },
  "PUT /api/v1/alerts": { need: "write", did: "Changed the alerts" },
  "PUT /api/v1/alerts/snooze": { need: "write", did: "Snoozed alerts" },
  "POST /api/v1/alerts/test": { need: "write", did: "Sent a test of an alert channel" },
  "GET /api/v1/unusual": { need: "read" },
  "GET /api/v1/proposals": { need: "read" },
  "GET /api/v1/name-sources": { need: "read" },
  "PUT /api/v1/name-sources": { need: "write", did: "Changed where names are looked for" },
};

/** @returns undefined for a route without a rule */
export function ruleOf(method: string, path: string): Rule | undefined {
  const name = `${method} ${path}`;
  return Object.hasOwn(RULES, name) ? RULES[name] : undefined;
}
