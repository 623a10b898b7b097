import { useEffect } from "preact/hooks";
import { settingsPart } from "../state/parts.ts";
import { comeBack } from "../state/url.ts";
import { settingsText } from "../texts/settings.ts";
import { Outdated } from "./missing.tsx";
import { Notices } from "./notices.tsx";

/** The settings page, or why there is none. */
export function Settings() {
  return (
    <>
      <Notices />
      <Page />
    </>
  );
}

function Page() {
  const part = settingsPart.code.value;
  if (settingsPart.isMissing.value) return <Outdated heading={settingsText.unavailable} />;
  if (part === null) return <p class="shell-reading">{settingsText.loading}</p>;
  return (
    <>
      <part.SettingsPage />
      <Drawn />
    </>
  );
}

/** Tells that the page is there. */
function Drawn() {
  useEffect(comeBack, []);
  return null;
}
