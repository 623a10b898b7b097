import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const IMAGE = "ghcr.io/avarghesein/whitestat";
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** Whatever tells a person or a system which image to take. */
const files = [
  ...["README.md", "compose.yaml", "compose.separate.yaml"],
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
  ...readdirSync("deploy/templates", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)),
];

test("every image that is named is the published one, of this version or its major version", () => {
  const tags = [`:${version}`, `:${version.split(".")[0]}`, ""];
  const named = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\bghcr\.io\/[\w./-]+(?::[\w.-]+)?/g)].map(([name]) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(8);
  for (const { file, name } of named) {
    expect({ file, allowed: tags.map((tag) => `${IMAGE}${tag}`) }).toEqual({
      file,
      allowed: expect.arrayContaining([name.replace(/[.:]$/, "")]),
    });
  }
});

test("every template is of this version", () => {
  for (const file of files.filter((name) => /(?:config|umbrel-app)\.ya?ml$|casaos/.test(name))) {
    expect({ file, text: readFileSync(file, "utf8") }).toMatchObject({
      text: expect.stringContaining(`version: "${version}"`),
    });
  }
});

test("the compose files need nothing that docker-compose 1.29 or podman-compose 1.3 lacks", () => {
  for (const file of ["compose.yaml", "compose.separate.yaml"]) {
    const text = readFileSync(file, "utf8");
    expect({ file, text }).not.toMatchObject({ text: expect.stringMatching(/^name:|profiles:|host-gateway/m) });
    // podman-compose hands "TZ: ${TZ:-UTC}" on as it stands.
    expect({ file, text }).not.toMatchObject({ text: expect.stringMatching(/^ *(\w+): \$\{\1\b/m) });
  }
});
