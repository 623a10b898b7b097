import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatAgo } from "../format.ts";
import { access, canSignIn, mayWrite, signOut } from "../state/access.ts";
import { editedPlan, shownSubject } from "../state/plan.ts";
import { type Theme, theme } from "../state/preferences.ts";
import { followLink, hrefFor, openView } from "../state/url.ts";
import { accessText } from "../texts/access.ts";
import { alertsText } from "../texts/alerts.ts";
import { frameText } from "../texts/frame.ts";
import { Gear, Logo, Sliders } from "./icons.tsx";
import { liveness } from "./liveness.ts";
import { MeterChoice } from "./meters.tsx";
import { SignInLink } from "./sign-in-link.tsx";
import { TrafficChoices } from "./traffic.tsx";
import { UnitsChoice } from "./units-choice.tsx";

/** Product, whether figures are live, and how this reader wants to see them. */
export function Header() {
  const home = { device: null, open: null };
  return (
    <header class="shell-header">
      <a class="shell-brand" href={hrefFor(home)} onClick={(event) => followLink(event, home, { top: true })}>
        <Logo />
        <span>WhiteStat</span>
      </a>
      <Live />
      {mayWrite.value ? <SettingsLink /> : canSignIn.value && <SignInLink />}
      <Display />
    </header>
  );
}

function SettingsLink() {
  const changes = { open: "settings" };
  return (
    <a
      class="button shell-to-settings"
      href={hrefFor(changes)}
      aria-current={openView.value === "settings" ? "page" : undefined}
      onClick={(event) => followLink(event, changes, { top: true })}
    >
      <Gear />
      <span>{frameText.settings}</span>
    </a>
  );
}

function Live() {
  const { state, readAt } = liveness.value;
  return (
    <p class={`shell-live shell-live-${state}`}>
      <span class="shell-dot" aria-hidden="true" />
      {state === "waiting" && frameText.connecting}
      {state === "lost" && frameText.notConnected}
      {(state === "live" || state === "late") && (
        <>
          <span class="shell-live-word">
            {state === "live" ? frameText.live : readAt === null ? frameText.noReading : frameText.delayed}
          </span>
          {readAt !== null && <span class="shell-live-ago">{formatAgo(readAt, "narrow")}</span>}
        </>
      )}
    </p>
  );
}

const ALERTS = { open: "alerts" };
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

/** Theme and units, kept in this browser; and which part of the figures is looked at, kept in the address. */
function Display() {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const open = menu.current;
      if (!open?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        open.open = false;
        open.querySelector("summary")?.focus();
      } else if (event.target instanceof Node && !open.contains(event.target)) open.open = false;
    };
    const kinds = ["keydown", "pointerdown", "focusin"] as const;
    for (const kind of kinds) document.addEventListener(kind, close);
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, close);
    };
  }, []);
  return (
    <details class="shell-menu" ref={menu}>
      <summary class="button">
        <Sliders />
        <span>{frameText.display}</span>
      </summary>
      <div class="shell-menu-body panel">
        <fieldset>
          <legend>{frameText.theme}</legend>
          <div class="segmented">
            {THEMES.map((value) => (
              <label key={value}>
                <input
                  class="visually-hidden"
                  type="radio"
                  name="theme"
                  checked={theme.value === value}
                  onChange={() => {
                    theme.value = value;
                  }}
                />
                {frameText.themes[value]}
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{frameText.units}</legend>
          <UnitsChoice />
        </fieldset>
        <TrafficChoices />
        <MeterChoice />
        {mayWrite.value && <Changes menu={menu} />}
        <Who />
      </div>
    </details>
  );
}

/** What is changed elsewhere, and found here. */
function Changes({ menu }: { menu: RefObject<HTMLDetailsElement | null> }) {
  return (
    <>
      <button
        type="button"
        class="button"
        onClick={() => {
          // Where the dialog gives the focus back to.
          menu.current?.querySelector("summary")?.focus();
          if (menu.current) menu.current.open = false;
          editedPlan.value = shownSubject.peek();
        }}
      >
        {frameText.dataPlan}
      </button>
      <a
        class="button"
        href={hrefFor(ALERTS)}
        onClick={(event) => {
          if (menu.current) menu.current.open = false;
          followLink(event, ALERTS, { top: true });
        }}
      >
        {alertsText.link}
      </a>
    </>
  );
}

/** Who looks, and the way out. */
function Who() {
  const { as, mode } = access.value ?? { as: null, mode: "open" };
  if (as === null) return null;
  const isView = as.kind === "view";
  return (
    <div class="shell-who">
      <p>
        {isView ? accessText.viewing : accessText.signedInAs} <bdi>{as.name}</bdi>
      </p>
      {(isView || mode !== "proxy") && (
        <button type="button" class="button" onClick={() => void signOut()}>
          {isView ? accessText.leave : accessText.signOut}
        </button>
      )}
    </div>
  );
}
