import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire between a program and PostgreSQL that can be cut at a chosen message. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** At the next message of the program that contains a text: cut before the server has it, or after, unanswered. */
  cutAt(text: string, when: "before" | "after"): void;
}

export async function startProxy(to: number): Promise<Proxy> {
  let due: { text: string; when: "before" | "after" } | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((program) => {
    const database = connect(to, "127.0.0.1");
    for (const socket of [program, database]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    let isCut = false;
    program.on("data", (data) => {
      const cut = due !== null && data.includes(due.text) ? due : null;
      if (cut !== null) {
        due = null;
        isCut = true;
      }
      if (cut?.when !== "before") database.write(data);
      if (cut?.when === "before") database.destroy();
      if (cut?.when === "before") program.destroy();
    });
    database.on("data", (data) => {
      // The server has answered: only the program doesn't learn it.
      if (isCut) program.destroy();
      else program.write(data);
    });
    program.on("end", () => database.end());
    database.on("end", () => program.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cutAt(text, when) {
      due = { text, when };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
