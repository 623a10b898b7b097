import { ProposalList } from "../shell/proposal-list.tsx";
import { proposals } from "../state/proposals.ts";
import { proposalText } from "../texts/proposals.ts";
import { Section } from "./section.tsx";

/** Devices that look like one. Nothing while there are none. */
export function ProposalsSection() {
  if (proposals.value.length === 0) return null;
  return (
    <Section title={proposalText.title}>
      <p class="settings-about">{proposalText.about}</p>
      <ProposalList proposals={proposals.value} />
    </Section>
  );
}
