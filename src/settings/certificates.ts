import { readFile } from "node:fs/promises";
import { nodeCrypto } from "../builtin.ts";
import { ValidationError } from "./validation-error.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM file, each as text.
 * @throws ValidationError when there is no such file, or nothing in it that is a certificate
 */
export async function readCertificates(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "latin1").catch((error: NodeJS.ErrnoException) => {
    throw new ValidationError(`names ${file}, which can't be read (${error.code})`);
  });
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new ValidationError(`names ${file}, which holds no certificate in PEM`);
  try {
    for (const each of found) new (nodeCrypto().X509Certificate)(each);
  } catch {
    throw new ValidationError(`names ${file}, which holds a damaged certificate`);
  }
  return found;
}
