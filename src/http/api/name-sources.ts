import { ValidationError } from "../../settings/validation-error.ts";
import type { NameSourcesInput } from "../../shared/names-api.ts";
import { HttpProblem } from "../errors.ts";
import type { LearntNames } from "../learnt-names.ts";

export const NAME_SOURCES_EXAMPLE =
  'Send for example {"pihole": {"on": true, "url": "http://192.168.1.2", "password": "an application password"}}';

/** The change in the body of a request. @throws HttpProblem `bad-name-source` */
export async function readNameSources(value: unknown): Promise<NameSourcesInput> {
  const { nameSourcesInputSchema } = await import("../../shared/names-api.ts");
  const { success, data, error } = nameSourcesInputSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "The body" : issue.path.join(".");
  const unknown =
    issue?.code === "unrecognized_keys" ? issue.keys.map((key) => `"${key.slice(0, 40)}"`).join(", ") : null;
  const message = unknown === null ? `${where} is not allowed.` : `${where} has a field ${unknown}, which is unknown.`;
  throw new HttpProblem("bad-name-source", message, NAME_SOURCES_EXAMPLE);
}

/** Changes where names are looked for. @throws HttpProblem `bad-name-source`, StoreError */
export async function changeNameSources(learnt: LearntNames, change: NameSourcesInput): Promise<void> {
  try {
    await learnt.change(change);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new HttpProblem("bad-name-source", `${error.message}.`, NAME_SOURCES_EXAMPLE);
  }
}
