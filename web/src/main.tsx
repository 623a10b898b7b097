import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/overview.css";
import "./styles/devices.css";
import "./styles/devices-cells.css";
import "./styles/devices-narrow.css";
import "./styles/charts.css";
import "./styles/chart-top.css";
import "./styles/chart-heat.css";
import "./styles/device.css";
import "./styles/plan.css";
import "./styles/settings.css";
import "./styles/access.css";
import "./styles/alerts.css";
import "./styles/about.css";
import "./styles/bill.css";
import "./styles/print.css";
import { urlOf } from "./api.ts";
import { App } from "./app.tsx";
import { seesAll, startAccess } from "./state/access.ts";
import { startAlerts } from "./state/alerts.ts";
import { startBill } from "./state/bill.ts";
import { startDevice } from "./state/device.ts";
import { startFilters } from "./state/filters.ts";
import { startLive } from "./state/live.ts";
import { startParts } from "./state/parts.ts";
import { startPeople } from "./state/people.ts";
import { startPlan } from "./state/plan.ts";
import { startPreferences } from "./state/preferences.ts";
import { startClock } from "./state/today.ts";
import { startColours } from "./state/top-devices.ts";
import { startUnusual } from "./state/unusual.ts";
import { startUrl } from "./state/url.ts";
import { startUsage } from "./state/usage.ts";

startPreferences(document.documentElement);
startClock();
startUrl();
const known = startAccess();
// A view link may show one owner's figures alone: all else is asked for when it is known that it may be.
const plan = known.then(() => (seesAll.peek() ? startPlan() : undefined));
// Only the plan tells which days a cycle's are.
if (/[?&]range=(?:last-)?cycle(?:&|$)/.test(location.search)) await plan;
// Asked for before anything is drawn, so that the answer is on its way meanwhile.
startUsage();
startFilters();
startColours();
startDevice();
startParts();
startLive();
startAlerts();
startBill();
void known.then(() => {
  if (!seesAll.peek()) return;
  startPeople();
  startUnusual();
});

// Browsers have it by HTTPS and on localhost only. Without it, the page needs the server to open; all else is the same.
if (import.meta.env.PROD) navigator.serviceWorker?.register(urlOf("service-worker.js")).catch(() => {});

const root = document.getElementById("app");
if (root) render(<App />, root);
