/**
 * Hears multicast DNS as the product does: `node mdns-listener.ts OWN-ADDRESS ADDRESS…` asks what the hosts at the addresses
 * are called at each SIGUSR2, and says `heard ADDRESS NAME`.
 */
import { listenToMdns } from "../../src/names/mdns.ts";

const [own = "", ...addresses] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const listener = await listenToMdns({
  addresses: [own],
  onNames: (names) => {
    for (const { ip, name } of names) say(`heard ${ip} ${name}`);
  },
  onError: (error) => say(`failed ${error.message}`),
});
say("listens");
process.on("SIGUSR2", () => void listener.ask(addresses));
