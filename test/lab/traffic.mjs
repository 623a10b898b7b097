/**
 * The two ends of a transfer, run inside namespaces.
 *   node traffic.mjs serve                              prints "ready" and answers on every address
 *   node traffic.mjs download|upload HOST BYTES         returns when the last byte was acknowledged
 */
import { connect, createServer } from "node:net";

const PORT = 5001;
const CHUNK = Buffer.alloc(64 * 1024, "whitestat ");
const [, , role = "", host = "", bytes = "0"] = process.argv;

if (role === "serve") serve();
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
  server.listen(PORT, "0.0.0.0", () => process.stdout.write("ready\n"));
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
