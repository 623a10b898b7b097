import { useEffect } from "preact/hooks";
import { PlanDialog } from "./plan/plan-dialog.tsx";
import { Alerts } from "./shell/alerts.tsx";
import { Bill } from "./shell/bill.tsx";
import { Device } from "./shell/device.tsx";
import { Footer } from "./shell/footer.tsx";
import { Header } from "./shell/header.tsx";
import { listenToKeys } from "./shell/keys.ts";
import { Overview } from "./shell/overview.tsx";
import { Settings } from "./shell/settings.tsx";
import { Title } from "./shell/title.tsx";
import { ToastLine } from "./shell/toast.tsx";
import { WhatIf } from "./shell/what-if.tsx";
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
      <main id="main" class="shell-main" tabIndex={-1}>
        <View />
      </main>
      <Footer />
      <PlanDialog />
      <ToastLine />
    </>
  );
}

function View() {
  if (openView.value === "settings") return <Settings />;
  if (openView.value === "alerts") return <Alerts />;
  if (openView.value === "bill") return <Bill />;
  if (openView.value === "what-if") return <WhatIf />;
  return openDevice.value === null ? <Overview /> : <Device />;
}
