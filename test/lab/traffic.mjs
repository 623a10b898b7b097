/**
 * The two ends of a transfer, run inside namespaces.
 *   node traffic.mjs serve                              prints "ready" and answers on every address
 *   node traffic.mjs download|upload HOST BYTES         returns when the last byte was acknowledged
 *   node traffic.mjs udp-download|udp-upload HOST BYTES [MBIT [SIZE]]
 *                                                       datagrams that nobody acknowledges, at a rate and of a size; returns
 *                                                       when they are sent, or when none came for a while
 */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const PORT = 5001;
const CHUNK = Buffer.alloc(64 * 1024, "whitestat ");
const [, , role = "", host = "", bytes = "0", mbit = "100", size = "1200"] = process.argv;
/** They are sent in turns of so many, for each turn of the event loop costs as much as some of them. */
const AT_A_TIME = 4;
/** So many times as long as its rate would have it. */
const LONGEST = 3;
/** Loopback and veth lose nothing on the way, only in full buffers. */
const SILENCE_MS = 1000;

if (role === "serve") serve();
else if (role === "udp-upload") await sendDatagrams(host, PORT, Number(bytes), Number(mbit), Number(size));
else if (role === "udp-download") awaitDatagrams();
else transfer(role, host, Number(bytes));

/** A request is one line, `download 1000` or `upload 1000`; the answer is that many bytes, or one byte when all came. */
function serve() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let request = "";
    let awaited = -1;
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      let body = data;
      if (awaited < 0) {
        request += data.toString("latin1");
        const end = request.indexOf("\n");
        if (end < 0) return;
        const [direction, count = "0"] = request.slice(0, end).split(" ");
        if (direction === "download") return send(socket, Number(count));
        awaited = Number(count);
        body = Buffer.from(request.slice(end + 1), "latin1");
      }
      awaited -= body.length;
      if (awaited === 0) socket.end("k");
    });
  });
  // A request is text, `download 1000 100 1200`; whatever else comes was an upload, and is forgotten.
  for (const type of /** @type {const} */ (["udp4", "udp6"])) {
    const socket = createSocket({ type, ipv6Only: type === "udp6" });
    socket.on("error", () => socket.close());
    socket.on("message", (message, from) => {
      const [request, count, rate, length] = message.subarray(0, 40).toString("latin1").split(" ");
      if (request !== "download") return;
      void sendDatagrams(from.address, from.port, Number(count), Number(rate), Number(length), socket);
    });
    socket.bind(PORT);
  }
  server.listen(PORT, () => process.stdout.write("ready\n"));
}

/**
 * @param {string} address
 * @param {number} port
 * @param {number} count
 * @param {number} rate in Mbit/s
 * @param {number} length of a datagram
 */
async function sendDatagrams(
  address,
  port,
  count,
  rate,
  length,
  socket = createSocket(address.includes(":") ? "udp6" : "udp4"),
) {
  const began = performance.now();
  const datagram = Buffer.alloc(length, "whitestat ");
  for (let sent = 0; sent < count; sent += AT_A_TIME * length) {
    const due = (sent * 8) / (rate * 1000);
    const took = performance.now() - began;
    if (due > took + 1) await delay(1);
    // A machine that has no time for the rate sends less.
    if (took > (count * 8 * LONGEST) / (rate * 1000)) break;
    const left = Math.min(AT_A_TIME, Math.ceil((count - sent) / length));
    const turn = Array.from(
      { length: left },
      () => new Promise((resolve) => socket.send(datagram, port, address, resolve)),
    );
    await Promise.all(turn);
  }
  if (role !== "serve") socket.close();
}

function awaitDatagrams() {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const silence = setTimeout(() => socket.close(), 2 * SILENCE_MS);
  socket.on("message", () => silence.refresh());
  socket.send(`download ${bytes} ${mbit} ${size}`, PORT, host);
}

/**
 * @param {string} direction
 * @param {string} address
 * @param {number} count
 */
function transfer(direction, address, count) {
  const expected = direction === "download" ? count : 1;
  let received = 0;
  const socket = connect(PORT, address, () => {
    socket.write(`${direction} ${count}\n`);
    if (direction === "upload") send(socket, count, false);
  });
  socket.on("data", (data) => {
    received += data.length;
  });
  socket.on("error", (error) => {
    process.stderr.write(`${direction} of ${count} bytes from ${address}: ${error.message}\n`);
    process.exit(1);
  });
  socket.on("close", () => process.exit(received === expected ? 0 : 2));
}

/**
 * @param {import("node:net").Socket} socket
 * @param {number} count
 * @param {boolean} [end]
 */
function send(socket, count, end = true) {
  let left = count;
  const pump = () => {
    while (left > 0) {
      const part = CHUNK.subarray(0, Math.min(left, CHUNK.length));
      left -= part.length;
      if (!socket.write(part)) {
        socket.once("drain", pump);
        return;
      }
    }
    if (end) socket.end();
  };
  pump();
}
