import { useLayoutEffect, useRef } from "preact/hooks";
import { ProposalList } from "../shell/proposal-list.tsx";
import { keepFocus } from "../shell/use-opened.ts";
import { proposals } from "../state/proposals.ts";
import { sectionId } from "../state/sections.ts";
import { householdText } from "../texts/household.ts";
import { proposalText } from "../texts/proposals.ts";
import { Section } from "./section.tsx";

/** Devices that look like one. Nothing while there are none. */
export function ProposalsSection() {
  const { length } = proposals.value;
  const count = useRef(length);
  useLayoutEffect(() => {
    // The last that was decided took the section with it: the next one is at hand.
    if (length === 0 && count.current > 0) keepFocus(() => document.getElementById(sectionId(householdText.owners)));
    count.current = length;
  });
  if (length === 0) return null;
  return (
    <Section title={proposalText.title}>
      <p class="settings-about">{proposalText.about}</p>
      <ProposalList proposals={proposals.value} />
    </Section>
  );
}
