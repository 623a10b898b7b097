import type { Socket } from "node:net";
import type { IncomingMessage, ServerResponse } from "../builtin.ts";
import { clientKey } from "./client-key.ts";

/** The open connections of a server, and what was asked on each. */
export interface Connections {
  /** A connection was opened. When there are too many, the client with the most of them loses one. */
  add(socket: Socket): void;
  /** Something was asked on a connection. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** Resolves when what was asked on a connection before is answered. */
  answered(socket: Socket): Promise<void>;
  /** Closes the connections on which nothing is asked, also those on which nothing ever was. */
  closeIdle(): void;
}

interface Connection {
  readonly client: string;
  readonly exchanges: Map<ServerResponse, IncomingMessage>;
}

/** @param most so many connections are open at a time */
export function createConnections(most: number): Connections {
  /** The oldest first. */
  const open = new Map<Socket, Connection>();

  /**
   * Makes room for a new connection. Who opened the most loses the oldest that is idle, else the oldest; with a limit for
   * all alone, one client would lock the others out.
   */
  function closeOne(newest: Socket): void {
    const groups = [...Map.groupBy(open, ([, { client }]) => client).values()];
    const greediest = groups.reduce((one, other) => (other.length > one.length ? other : one));
    const [idle] = greediest.find(([socket, { exchanges }]) => socket !== newest && exchanges.size === 0) ?? [];
    const [oldest = newest] = greediest[0] ?? [];
    (idle ?? oldest).destroy();
  }

  return {
    add(socket) {
      open.set(socket, { client: clientKey(socket.remoteAddress), exchanges: new Map() });
      socket.once("close", () => open.delete(socket));
      if (open.size > most) closeOne(socket);
    },
    begin(incoming, outgoing) {
      const exchanges = open.get(incoming.socket)?.exchanges;
      exchanges?.set(outgoing, incoming);
      outgoing.once("close", () => exchanges?.delete(outgoing));
    },
    async answered(socket) {
      const exchanges = [...(open.get(socket)?.exchanges ?? [])];
      // One whose body did not arrive is not waited for: its response may be waiting for the body.
      const due = exchanges.filter(([outgoing, incoming]) => incoming.complete || outgoing.headersSent);
      await Promise.all(due.map(([outgoing]) => new Promise((resolve) => outgoing.once("close", resolve))));
    },
    closeIdle() {
      for (const [socket, { exchanges }] of open) if (exchanges.size === 0) socket.destroy();
    },
  };
}

const acts = new WeakMap<Socket, Set<() => void>>();

/**
 * Does something when a connection is closed, by one listener for all that is under way on it. Returns the way to take it
 * back.
 */
export function onClosed(socket: Socket, act: () => void): () => void {
  const known = acts.get(socket) ?? actsOf(socket);
  known.add(act);
  return () => known.delete(act);
}

/** Apart, for a listener that is made beside `act` would keep that, and the response behind it, for as long as it listens. */
function actsOf(socket: Socket): Set<() => void> {
  const known = new Set<() => void>();
  acts.set(socket, known);
  socket.once("close", () => {
    for (const act of [...known]) act();
  });
  return known;
}
