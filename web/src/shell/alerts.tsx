import { useEffect } from "preact/hooks";
import { alerts } from "../state/alerts.ts";
import { alertsPart } from "../state/parts.ts";
import { comeBack } from "../state/url.ts";
import { alertsText } from "../texts/alerts.ts";
import { Outdated } from "./missing.tsx";
import { Notices } from "./notices.tsx";

/** The page of alerts, or why there is none. */
export function Alerts() {
  return (
    <>
      <Notices />
      <Page />
    </>
  );
}

function Page() {
  const part = alertsPart.code.value;
  if (alertsPart.isMissing.value) return <Outdated heading={alertsText.unavailable} />;
  if (part === null || alerts.value === null) return <p class="shell-reading">{alertsText.loading}</p>;
  return (
    <>
      <part.AlertsPage report={alerts.value} />
      <Drawn />
    </>
  );
}

/** Tells that the page is there. */
function Drawn() {
  useEffect(comeBack, []);
  return null;
}
