import { followLink, hrefFor } from "../state/url.ts";
import { alertsText } from "../texts/alerts.ts";
import type { AlertsReport } from "../wire.ts";
import { Channels } from "./channels.tsx";
import { History } from "./history.tsx";
import { Rules } from "./rules.tsx";

const BACK = { open: null };

/** What is told, where, and what was. */
export function AlertsPage({ report }: { report: AlertsReport }) {
  return (
    <article class="settings-page">
      <p>
        <a class="device-back" href={hrefFor(BACK)} onClick={(event) => followLink(event, BACK)}>
          <span aria-hidden="true">←</span> {alertsText.back}
        </a>
      </p>
      <h1>{alertsText.title}</h1>
      <History report={report} />
      <Channels report={report} />
      <Rules report={report} />
    </article>
  );
}
