import { useEffect } from "preact/hooks";
import { whatIfPart } from "../state/parts.ts";
import { comeBack } from "../state/url.ts";
import { planText } from "../texts/plan.ts";
import { Outdated } from "./missing.tsx";
import { Notices } from "./notices.tsx";

/** The past under another plan, or why it can't be shown. */
export function WhatIf() {
  return (
    <>
      <Notices />
      <Page />
    </>
  );
}

function Page() {
  const part = whatIfPart.code.value;
  if (whatIfPart.isMissing.value) return <Outdated heading={planText.whatIfUnavailable} />;
  if (part === null) return <p class="shell-reading">{planText.loading}</p>;
  return (
    <>
      <part.WhatIfPage />
      <Drawn />
    </>
  );
}

/** Tells that the page is there. */
function Drawn() {
  useEffect(comeBack, []);
  return null;
}
