import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { daysInText } from "../../../src/shared/days-in-text.ts";
import { formatDay } from "../format.ts";
import { displayName } from "../names.ts";
import { decide } from "../state/proposals.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { proposalText } from "../texts/proposals.ts";
import type { ApiDevice, Proposal } from "../wire.ts";

/** Devices that look like one, with what speaks for it: a person decides, and can take it back. */
export function ProposalList({ proposals }: { proposals: readonly Proposal[] }) {
  const list = useRef<HTMLUListElement>(null);
  const count = useRef(proposals.length);
  useLayoutEffect(() => {
    // The one that was decided went with the focus: the next is at hand.
    const isLost = (document.activeElement ?? document.body) === document.body;
    if (proposals.length < count.current && isLost) list.current?.querySelector("button")?.focus();
    count.current = proposals.length;
  });
  return (
    <ul class="proposals" ref={list}>
      {proposals.map((proposal) => (
        <OneProposal key={proposal.devices.map(({ key }) => key).join(" ")} proposal={proposal} />
      ))}
    </ul>
  );
}

function OneProposal({ proposal }: { proposal: Proposal }) {
  const [isSaving, setSaving] = useState(false);
  const { name, devices, evidence } = proposal;
  const choose = async (isSame: boolean) => {
    setSaving(true);
    await decide(proposal, isSame);
    setSaving(false);
  };
  return (
    <li class="proposal" aria-busy={isSaving}>
      <h3>
        <bdi>{proposalText.heading(name, devices.length)}</bdi>
      </h3>
      <ul class="proposal-devices">
        {devices.map((device) => (
          <li key={device.key}>
            <DeviceLink device={device} /> <code>{device.key}</code>{" "}
            <span class="settings-about">
              {proposalText.days(formatDay(device.firstDay), formatDay(device.lastDay))}
            </span>
          </li>
        ))}
      </ul>
      <ul class="proposal-evidence">
        {evidence.map((text) => (
          <li key={text}>
            <bdi>{daysInText(text, (day) => formatDay(day))}</bdi>
          </li>
        ))}
      </ul>
      <p class="settings-buttons">
        <button
          type="button"
          class="button button-primary"
          disabled={isSaving}
          aria-label={proposalText.mergeOf(name)}
          onClick={() => void choose(true)}
        >
          {proposalText.merge}
        </button>
        <button
          type="button"
          class="button"
          disabled={isSaving}
          aria-label={proposalText.notSameOf(name)}
          onClick={() => void choose(false)}
        >
          {proposalText.notSame}
        </button>
      </p>
    </li>
  );
}

function DeviceLink({ device }: { device: ApiDevice }) {
  const open = { open: null, device: device.key };
  return (
    <a href={hrefFor(open)} onClick={(event) => followLink(event, open, { top: true })}>
      <bdi>{displayName(device)}</bdi>
    </a>
  );
}
