/**
 * Node's own modules that cost memory which most lives of the product can do without. They are not imported: an `import`
 * reads every export of a module, and some are getters that load more of Node (docs/decisions/0011-no-framework.md).
 */
type Http = typeof import("node:http");
type Https = typeof import("node:https");
type Tls = typeof import("node:tls");
type Crypto = typeof import("node:crypto");
type Util = typeof import("node:util");
type Zlib = typeof import("node:zlib");

export type ClientRequest = InstanceType<Http["ClientRequest"]>;
export type IncomingMessage = InstanceType<Http["IncomingMessage"]>;
export type Server = InstanceType<Http["Server"]>;
export type ServerResponse = InstanceType<Http["ServerResponse"]>;

/** An import of it would load undici, a client of 12 MB that nobody here uses. */
export function nodeHttp(): Http {
  return process.getBuiltinModule("node:http");
}

/** The same over TLS, which costs 4 MB: to be asked for only where an address begins with https. */
export function nodeHttps(): Https {
  return process.getBuiltinModule("node:https");
}

/** What `nodeHttps` loads anyway. */
export function nodeTls(): Tls {
  return process.getBuiltinModule("node:tls");
}

/** 2.5 MB: to be asked for only by what is rarely done. */
export function nodeCrypto(): Crypto {
  return process.getBuiltinModule("node:crypto");
}

/** To be asked for with the first response that is compressed. */
export function nodeZlib(): Zlib {
  return process.getBuiltinModule("node:zlib");
}

/** An import of it would load workers and more, nearly 1 MB. */
export function nodeUtil(): Util {
  return process.getBuiltinModule("node:util");
}
