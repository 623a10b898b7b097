import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const NGINX = "/usr/sbin/nginx";
export const hasNginx = existsSync(NGINX);

interface Ports {
  readonly product: number;
  readonly proxy: number;
}

/** The first block of a language in the documentation of proxies, with ports of 127.0.0.1. */
export async function documented(language: string, ports: Ports): Promise<string> {
  const markdown = await readFile(new URL("../../docs/reverse-proxy.md", import.meta.url), "utf8");
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(markdown)?.[1];
  if (block === undefined) throw new Error(`docs/reverse-proxy.md has no block of ${language}`);
  return block
    .replaceAll("127.0.0.1:777", `127.0.0.1:${ports.product}`)
    .replaceAll("443 ssl", `127.0.0.1:${ports.proxy}`);
}

/** The documented server of nginx without its question for a name and a password. */
export const withoutPasswords = (text: string): string => text.replace(/\n\s*auth_basic[^\n]*/g, "");

/** Where nginx puts what is too large for memory: below a folder of the test's. */
export function nginxFolders(folder: string): string {
  const names = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return names.map((name) => `${name}_temp_path ${join(folder, name)};`).join(" ");
}

/**
 * Writes the server that docs/reverse-proxy.md has for nginx. @returns how nginx is run with it
 * @param folder for its files, made if it isn't there
 * @param change what is otherwise than in the documentation
 */
export async function nginxCommand(
  ports: Ports,
  folder: string,
  change: (text: string) => string,
): Promise<readonly [string, ...string[]]> {
  await mkdir(folder, { recursive: true });
  const server = change(await documented("nginx", ports));
  const head = `daemon off; pid ${join(folder, "nginx.pid")}; error_log stderr; events {}`;
  const path = join(folder, "nginx.conf");
  await writeFile(path, `${head}\nhttp { access_log off; ${nginxFolders(folder)}\n${server}\n}\n`);
  return [NGINX, "-c", path, "-e", "stderr"];
}
