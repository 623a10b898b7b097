import { useEffect } from "preact/hooks";
import { refreshHousehold } from "../state/household.ts";
import { refreshNameSources } from "../state/name-sources.ts";
import { refreshSettings } from "../state/settings.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { alertsText } from "../texts/alerts.ts";
import { settingsText } from "../texts/settings.ts";
import { AccessSection } from "./access/access-section.tsx";
import { ChangesSection } from "./changes.tsx";
import { DevicesSection } from "./devices.tsx";
import { FiguresSection } from "./figures.tsx";
import { JumpList } from "./jump-list.tsx";
import { MqttSection } from "./mqtt.tsx";
import { NamesSection } from "./names.tsx";
import { NetworkSection } from "./network.tsx";
import { OwnersSection } from "./owners.tsx";
import { ProcessSection } from "./process.tsx";
import { ProposalsSection } from "./proposals.tsx";

const ALERTS = { open: "alerts" };
const BACK = { open: null };

/** What people change here, and below it what the process was started with. */
export function SettingsPage() {
  useEffect(() => {
    void refreshSettings();
    void refreshHousehold();
    void refreshNameSources();
  }, []);
  return (
    <article class="settings-page">
      <p class="settings-buttons">
        <a class="device-back" href={hrefFor(BACK)} onClick={(event) => followLink(event, BACK)}>
          <span aria-hidden="true">←</span> {settingsText.back}
        </a>
        <a class="device-back" href={hrefFor(ALERTS)} onClick={(event) => followLink(event, ALERTS, { top: true })}>
          {alertsText.link}
        </a>
      </p>
      <h1>{settingsText.title}</h1>
      <JumpList />
      <ProposalsSection />
      <OwnersSection />
      <DevicesSection />
      <NamesSection />
      <FiguresSection />
      <NetworkSection />
      <MqttSection />
      <ChangesSection />
      <AccessSection />
      <ProcessSection />
    </article>
  );
}
