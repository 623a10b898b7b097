import type { ComponentChildren } from "preact";
import { householdText } from "../texts/household.ts";
import type { DeviceType } from "../wire.ts";
import { Icon } from "./icons.tsx";

/** What each type of device looks like, drawn in 24 by 24. */
const DRAWINGS: Readonly<Record<DeviceType, ComponentChildren>> = {
  phone: (
    <>
      <rect x="7" y="2.5" width="10" height="19" rx="2" />
      <path d="M11 18.5h2" />
    </>
  ),
  tablet: (
    <>
      <rect x="4.5" y="3" width="15" height="18" rx="2" />
      <path d="M11 18h2" />
    </>
  ),
  laptop: (
    <>
      <rect x="5" y="5" width="14" height="10" rx="1.5" />
      <path d="M2.5 19h19" />
    </>
  ),
  computer: (
    <>
      <rect x="3" y="4" width="18" height="12" rx="1.5" />
      <path d="M12 16v4m-4 0h8" />
    </>
  ),
  tv: (
    <>
      <rect x="2.5" y="6" width="19" height="12" rx="1.5" />
      <path d="M8 21h8M9 2.5l3 3.5 3-3.5" />
    </>
  ),
  speaker: (
    <>
      <rect x="6" y="2.5" width="12" height="19" rx="2" />
      <circle cx="12" cy="14.5" r="3.2" />
      <path d="M12 7h.01" />
    </>
  ),
  console: (
    <>
      <rect x="2.5" y="7" width="19" height="10.5" rx="5" />
      <path d="M8 10.2v4M6 12.2h4M15.2 11h.01M17.8 13.4h.01" />
    </>
  ),
  camera: (
    <>
      <rect x="3" y="6.5" width="12.5" height="11" rx="2" />
      <path d="m15.5 10.5 5.5-3v9l-5.5-3" />
    </>
  ),
  printer: (
    <>
      <path d="M7 8V3.5h10V8" />
      <rect x="3" y="8" width="18" height="8.5" rx="1.5" />
      <path d="M7 14h10v6.5H7z" />
    </>
  ),
  watch: (
    <>
      <rect x="6.5" y="7" width="11" height="10" rx="3" />
      <path d="M9 7l.7-4h4.6l.7 4M9 17l.7 4h4.6l.7-4M12 10v2.2l1.5 1" />
    </>
  ),
  "smart-home": (
    <>
      <path d="M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5" />
      <path d="M12 16.5v.01M9.7 14a3.4 3.4 0 0 1 4.6 0" />
    </>
  ),
  storage: (
    <>
      <rect x="4" y="3" width="16" height="8" rx="1.5" />
      <rect x="4" y="13" width="16" height="8" rx="1.5" />
      <path d="M16 7h.01M16 17h.01M8 7h3M8 17h3" />
    </>
  ),
  server: (
    <>
      <rect x="6" y="2.5" width="12" height="19" rx="1.5" />
      <path d="M9.5 6.5h5M9.5 10h5M12 17h.01" />
    </>
  ),
  network: (
    <>
      <rect x="3" y="13" width="18" height="7.5" rx="2" />
      <path d="M7 17h.01M11 17h.01M12 13V9.5M8.6 7.6a4.8 4.8 0 0 1 6.8 0M6 5a8.5 8.5 0 0 1 12 0" />
    </>
  ),
  other: (
    <>
      <rect x="4" y="4" width="16" height="16" rx="3" />
      <path d="M8.5 12h.01M12 12h.01M15.5 12h.01" />
    </>
  ),
  unknown: (
    <>
      <rect x="4" y="4" width="16" height="16" rx="3" />
      <path d="M9.6 9.6A2.5 2.5 0 1 1 12 13v1M12 16.7v.01" />
    </>
  ),
};

/** A device's type, small and in the colour of the text around. @param named whether its name is not said beside it */
export function TypeIcon({ type, named = false, size = 18 }: { type: DeviceType; named?: boolean; size?: number }) {
  return (
    <Icon size={size} strokeWidth={1.8} name={named ? householdText.types[type] : null}>
      {DRAWINGS[type]}
    </Icon>
  );
}
