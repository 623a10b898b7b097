import { type Row, type Who, whoOf } from "./row.ts";

/** A row for tests: a device named by its key, with what is given. */
export function rowWith(
  fields: Partial<Omit<Row, "who">> & { readonly who?: Partial<Omit<Who, "id" | "foldedName" | "foldedAll">> } = {},
): Row {
  const { who: given, ...rest } = fields;
  const key = given?.key ?? "02:00:00:00:00:01";
  const who = whoOf({
    kind: "device",
    key,
    name: key,
    given: null,
    hostname: null,
    vendor: null,
    mac: key,
    type: "unknown",
    owner: null,
    isFolded: false,
    ...given,
  });
  const [download, upload] = [rest.download ?? 0, rest.upload ?? 0];
  return {
    id: who.id,
    who,
    addresses: [],
    download,
    upload,
    total: download + upload,
    share: 0,
    lastSeen: null,
    day: null,
    previous: null,
    reconstructed: false,
    implausible: false,
    ...rest,
  };
}
