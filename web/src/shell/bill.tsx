import { useEffect } from "preact/hooks";
import { billCheck, billFailure } from "../state/bill.ts";
import { billPart } from "../state/parts.ts";
import { comeBack } from "../state/url.ts";
import { planText } from "../texts/plan.ts";
import { Outdated } from "./missing.tsx";
import { Notices } from "./notices.tsx";

/** The bill check, or why there is none. */
export function Bill() {
  return (
    <>
      <Notices />
      <Page />
    </>
  );
}

function Page() {
  const part = billPart.code.value;
  if (billPart.isMissing.value) return <Outdated heading={planText.billUnavailable} />;
  if (part === null || (billCheck.value === null && billFailure.value === null))
    return <p class="shell-reading">{planText.loading}</p>;
  return (
    <>
      <part.BillPage />
      <Drawn />
    </>
  );
}

/** Tells that the page is there. */
function Drawn() {
  useEffect(comeBack, []);
  return null;
}
