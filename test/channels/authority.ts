import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  /** Both in PEM. */
  readonly cert: string;
  readonly key: string;
  /** Where the certificate lies. */
  readonly file: string;
}

/** An authority of this test's own, made by openssl. */
export interface Authority {
  readonly file: string;
  /** A certificate for a name or address, e.g. `DNS:localhost`, that the authority has signed. @param days valid for so many from now on; negative: expired */
  issue(name: string, days?: number): Certificate;
  /** One that has signed itself. */
  selfSigned(name: string): Certificate;
  dispose(): void;
}

/** Why there can be none here, as the end of a sentence; null when there can. */
export function opensslObstacle(): string | null {
  return spawnSync("openssl", ["version"]).status === 0 ? null : "openssl is missing: apt-get install openssl";
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), "authority-"));
  // The product, started by root, becomes another user, and reads it as that.
  chmodSync(folder, 0o755);
  let made = 0;
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  };
  const read = (name: string): Certificate => ({
    cert: readFileSync(join(folder, `${name}.pem`), "utf8"),
    key: readFileSync(join(folder, `${name}.key`), "utf8"),
    file: join(folder, `${name}.pem`),
  });
  const sign = (name: string, subject: string, ...more: string[]) =>
    openssl(
      ...["req", "-x509", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.pem`],
      ...["-subj", `/CN=${subject}`, "-days", "2", ...more],
    );
  sign("authority", "Authority of a test");
  return {
    file: join(folder, "authority.pem"),
    issue(name, days = 2) {
      const one = `issued-${made++}`;
      openssl("req", ...KEY, "-keyout", `${one}.key`, "-out", `${one}.csr`, "-subj", `/CN=${one}`);
      writeFileSync(join(folder, `${one}.ext`), `subjectAltName=${name}\n`);
      openssl(
        ...["x509", "-req", "-in", `${one}.csr`, "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"],
        ...["-days", String(days), "-extfile", `${one}.ext`, "-out", `${one}.pem`],
      );
      return read(one);
    },
    selfSigned(name) {
      const one = `own-${made++}`;
      sign(one, one, "-addext", `subjectAltName=${name}`);
      return read(one);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
