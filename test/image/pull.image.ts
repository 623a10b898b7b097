import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { eventually, type Running, start } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";

const missing = ["podman", "docker-registry"].find((program) => !findProgram(program, process.env));
const obstacle =
  process.getuid?.() !== 0 ? "only root may fill podman's stores here" : missing ? `apt-get install ${missing}` : null;

const PULL = "scripts/release/pull-image.sh";
const USER = "somebody";
const PASSWORD = "secret";
const BCRYPT = "$2y$04$MBrkwwTxZydo/f4.biQI3uMMIvK4mtc0TMIL14HhR9WIAmRpJ0LrO";
const PLATFORMS = [{ architecture: "amd64" }, { architecture: "arm64" }, { architecture: "arm", variant: "v7" }];
const OCI = "application/vnd.oci.image";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What the release does between building and testing, against a registry that asks for a password. */
describe.skipIf(obstacle)(`the release's image in a registry${obstacle ? ` (${obstacle})` : ""}`, () => {
  let folder: string;
  let registry: Running;
  let host: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "whitestat-registry-"));
    host = `127.0.0.1:${await freePort()}`;
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const config = {
      version: "0.1",
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, "blobs") } },
      http: { addr: host },
      auth: { htpasswd: { realm: "test", path: file("htpasswd", `${USER}:${BCRYPT}\n`) } },
    };
    // JSON is YAML.
    registry = start("docker-registry", ["serve", file("config.yml", JSON.stringify(config))]);
    await eventually(async () => expect((await fetch(`http://${host}/v2/`)).status).toBe(401));
    env = {
      ...process.env,
      WHITESTAT_IMAGES: join(folder, "images"),
      REGISTRY_AUTH_FILE: join(folder, "auth.json"),
      CONTAINERS_REGISTRIES_CONF: file("registries.conf", `[[registry]]\nlocation = "${host}"\ninsecure = true\n`),
    };
  });
  afterAll(async () => {
    await registry?.end("SIGTERM");
    if (!folder) return;
    // podman leaves it mounted.
    spawnSync("umount", [join(folder, "images/store/overlay")]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(method: string, path: string, body?: Uint8Array | string, type = "application/octet-stream") {
    const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
    const headers = { authorization, "content-type": type };
    const answer = await fetch(new URL(path, `http://${host}`), { method, headers, ...(body && { body }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async function pushBlob(content: Uint8Array | string, mediaType: string): Promise<Descriptor> {
    const place = (await ask("POST", "/v2/somebody/whitestat/blobs/uploads/")).headers.get("location") ?? "";
    const digest = digestOf(content);
    await ask("PUT", `${place}&digest=${digest}`, content);
    return { mediaType, digest, size: Buffer.byteLength(content) };
  }

  async function pushManifest(kind: "manifest" | "index", manifest: object): Promise<Descriptor> {
    const mediaType = `${OCI}.${kind}.v1+json`;
    const text = JSON.stringify({ schemaVersion: 2, mediaType, ...manifest });
    const digest = digestOf(text);
    await ask("PUT", `/v2/somebody/whitestat/manifests/${digest}`, text, mediaType);
    return { mediaType, digest, size: text.length };
  }

  /** As buildx pushes it: for each processor an image, and what says how that was built, for a platform that is none. */
  async function push(): Promise<string> {
    const layer = Buffer.alloc(1024);
    const [layerOf, diff] = [await pushBlob(gzipSync(layer), `${OCI}.layer.v1.tar+gzip`), digestOf(layer)];
    const manifests: (Descriptor & { platform: object; annotations?: object })[] = [];
    for (const platform of PLATFORMS) {
      const rootfs = { type: "layers", diff_ids: [diff] };
      const config = await pushBlob(
        JSON.stringify({ os: "linux", ...platform, config: { Cmd: ["/nothing"] }, rootfs }),
        `${OCI}.config.v1+json`,
      );
      const image = await pushManifest("manifest", { config, layers: [layerOf] });
      manifests.push({ ...image, platform: { os: "linux", ...platform } });
      const statement = await pushBlob(JSON.stringify({ subject: image.digest }), "application/vnd.in-toto+json");
      const proof = await pushManifest("manifest", {
        config: await pushBlob("{}", `${OCI}.config.v1+json`),
        layers: [statement],
      });
      manifests.push({
        ...proof,
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": image.digest,
        },
      });
    }
    return (await pushManifest("index", { manifests })).digest;
  }

  const podman = (...args: string[]) => {
    const images = String(env.WHITESTAT_IMAGES);
    const store = ["--root", join(images, "store"), "--runroot", join(images, "run"), "--storage-driver", "overlay"];
    return spawnSync("podman", [...store, ...args], { encoding: "utf8", env });
  };

  test("is pulled by its digest, each processor's under its own name", async () => {
    const image = `${host}/somebody/whitestat@${await push()}`;
    const pull = () => spawnSync("sh", [PULL, image], { encoding: "utf8", env });
    // As in the workflow, by a podman that keeps its images elsewhere.
    const login = ["login", "--username", USER, "--password-stdin", host];
    expect(spawnSync("podman", login, { encoding: "utf8", env, input: PASSWORD })).toMatchObject({ status: 0 });
    expect(pull()).toMatchObject({ status: 0, stdout: expect.stringContaining("localhost/whitestat") });
    const found = ["amd64", "arm64", "armhf", "latest"].map((tag) =>
      podman("image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", `localhost/whitestat:${tag}`).stdout.trim(),
    );
    expect(found).toEqual(["linux/amd64", "linux/arm64", "linux/arm", "linux/amd64"]);
  });

  test("that the registry does not have stops the release with the registry's reason", async () => {
    const absent = `${host}/somebody/whitestat@sha256:${"0".repeat(64)}`;
    const { status, stderr } = spawnSync("sh", [PULL, absent], { encoding: "utf8", env });
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringContaining("manifest unknown") });
  });
});

function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
