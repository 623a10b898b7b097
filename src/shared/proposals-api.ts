import * as z from "zod/mini";
import { deviceSchema } from "./api.ts";
import { stepSchema } from "./household-api.ts";
import { NAME_KINDS } from "./name-kinds.ts";

/** The shape of `api/v1/proposals`: devices that are probably one. */

export const proposalSchema = z.object({
  devices: z
    .array(deviceSchema)
    .check(z.describe("Two to ten devices, the one that was active first before the others")),
  name: z.string().check(z.describe("What all of them call themselves")),
  kinds: z.array(z.enum(NAME_KINDS)).check(z.describe("How that was learnt")),
  evidence: z.array(z.string()).check(z.describe("What speaks for it, in sentences")),
  steps: z
    .object({ merge: z.array(stepSchema), notSame: z.array(stepSchema) })
    .check(z.describe("What to send to household/changes: merge makes them one, notSame says that they never are")),
});
export type Proposal = z.infer<typeof proposalSchema>;

export const proposalsSchema = z.object({ proposals: z.array(proposalSchema) });
export type Proposals = z.infer<typeof proposalsSchema>;
