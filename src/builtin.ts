type Http = typeof import("node:http");
type Https = typeof import("node:https");

export type ClientRequest = InstanceType<Http["ClientRequest"]>;
export type IncomingMessage = InstanceType<Http["IncomingMessage"]>;
export type Server = InstanceType<Http["Server"]>;
export type ServerResponse = InstanceType<Http["ServerResponse"]>;

/**
 * Node's own http. Not by an `import` of its values: that reads every one of its exports, and a few of them load undici, a
 * client of 12 MB that nobody here uses (docs/decisions/0011-no-framework.md).
 */
export function nodeHttp(): Http {
  return process.getBuiltinModule("node:http");
}

/** The same over TLS, which costs 4 MB: to be asked for only where an address begins with https. */
export function nodeHttps(): Https {
  return process.getBuiltinModule("node:https");
}
