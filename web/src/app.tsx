import { useEffect } from "preact/hooks";
import { PlanDialog } from "./plan/plan-dialog.tsx";
import { Alerts } from "./shell/alerts.tsx";
import { Bill } from "./shell/bill.tsx";
import { Device } from "./shell/device.tsx";
import { Footer } from "./shell/footer.tsx";
import { Header } from "./shell/header.tsx";
import { listenToKeys } from "./shell/keys.ts";
import { NotForReaders, NotInView } from "./shell/not-for-you.tsx";
import { Overview } from "./shell/overview.tsx";
import { Settings } from "./shell/settings.tsx";
import { SignedOut } from "./shell/signed-out.tsx";
import { Title } from "./shell/title.tsx";
import { ToastLine } from "./shell/toast.tsx";
import { WhatIf } from "./shell/what-if.tsx";
import { mayWrite, onlyOwner } from "./state/access.ts";
import { openDevice, openView } from "./state/url.ts";
import { frameText } from "./texts/frame.ts";

/** The whole page: the overview of a range, one device, the settings, the alerts, or what a plan is compared with. */
export function App() {
  useEffect(() => listenToKeys(document), []);
  return (
    <>
      <Title />
      <a class="shell-skip" href="#main">
        {frameText.skip}
      </a>
      <Header />
      <SignedOut />
      <main id="main" class="shell-main" tabIndex={-1}>
        <View />
      </main>
      <Footer />
      <PlanDialog />
      <ToastLine />
    </>
  );
}

/** Views in which people change things. */
const FOR_WRITERS: ReadonlySet<string | null> = new Set(["settings", "alerts"]);

function View() {
  if (onlyOwner.value !== null && (openView.value !== null || openDevice.value !== null)) return <NotInView />;
  if (!mayWrite.value && FOR_WRITERS.has(openView.value)) return <NotForReaders />;
  if (openView.value === "settings") return <Settings />;
  if (openView.value === "alerts") return <Alerts />;
  if (openView.value === "bill") return <Bill />;
  if (openView.value === "what-if") return <WhatIf />;
  return openDevice.value === null ? <Overview /> : <Device />;
}
