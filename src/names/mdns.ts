import type { Socket } from "node:dgram";
import type { FoundName } from "./found-name.ts";
import { hostsInPacket, reverseQuestion } from "./mdns-packet.ts";

export interface MdnsListener {
  /** Asks everybody on the LAN what the hosts at some addresses are called. Never rejects. */
  ask(ips: readonly string[]): Promise<void>;
  stop(): void;
}

export interface MdnsOptions {
  /** Told of each packet with names in it. */
  readonly onNames: (names: readonly FoundName[]) => void;
  /** Told once when listening ends by itself. */
  readonly onError: (error: Error) => void;
  /** Addresses of this machine's own interfaces: the group is joined on each. */
  readonly addresses: readonly string[];
}

const GROUP = "224.0.0.251";
const PORT = 5353;
const IPS_PER_QUESTION = 16;
/** What is heard in a minute at most: a flood costs no more. */
const MOST_PACKETS = 600;
const WINDOW_MS = 60_000;

/**
 * Hears what hosts of the LAN say of themselves by multicast DNS, beside whatever else listens to it on this machine.
 * @throws the system's error when the port can't be opened
 */
export async function listenToMdns({ onNames, onError, addresses }: MdnsOptions): Promise<MdnsListener> {
  const { createSocket } = await import("node:dgram");
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  await opened(socket);
  socket.setMulticastTTL(255);
  let isJoined = false;
  for (const address of addresses) {
    // An interface may be gone by now, or have no multicast.
    try {
      socket.addMembership(GROUP, address);
      isJoined = true;
    } catch {}
  }
  if (!isJoined) {
    socket.close();
    throw new Error("no network interface of this machine has multicast");
  }
  let heard = 0;
  const window = setInterval(() => {
    heard = 0;
  }, WINDOW_MS);
  window.unref();
  const stop = () => {
    clearInterval(window);
    socket.close();
  };
  socket.on("message", (packet, { address }) => {
    heard += 1;
    if (heard > MOST_PACKETS) return;
    // A host names itself alone.
    const names = hostsInPacket(packet).filter(({ ip }) => ip === address);
    if (names.length > 0) onNames(names);
  });
  socket.on("error", (error) => {
    stop();
    onError(error);
  });
  return {
    async ask(ips) {
      for (let from = 0; from < ips.length; from += IPS_PER_QUESTION) {
        const question = reverseQuestion(ips.slice(from, from + IPS_PER_QUESTION));
        for (const address of addresses) await sendBy(socket, address, question);
      }
    },
    stop,
  };
}

function opened(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(PORT, () => {
      socket.removeAllListeners("error");
      resolve();
    });
  });
}

/** What can't be sent by an interface that is gone is not sent. */
function sendBy(socket: Socket, address: string, packet: Buffer): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.setMulticastInterface(address);
      socket.send(packet, PORT, GROUP, () => resolve());
    } catch {
      resolve();
    }
  });
}
