import type { ComponentChildren } from "preact";

interface IconProps {
  readonly children: ComponentChildren;
  readonly size?: number;
  readonly strokeWidth?: number;
  /** What it means, where no words beside it say so. */
  readonly name?: string | null;
}

/** Small drawings, 24 by 24, in the colour of the text around. */
export function Icon({ children, size = 18, strokeWidth = 2, name = null }: IconProps) {
  return (
    <svg
      class="shell-icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={strokeWidth}
      stroke-linecap="round"
      stroke-linejoin="round"
      role={name === null ? undefined : "img"}
      aria-label={name ?? undefined}
      aria-hidden={name === null ? "true" : undefined}
    >
      {children}
    </svg>
  );
}

export const ChevronLeft = () => (
  <Icon>
    <path d="m15 5-7 7 7 7" />
  </Icon>
);
export const ChevronRight = () => (
  <Icon>
    <path d="m9 5 7 7-7 7" />
  </Icon>
);
export const Sliders = () => (
  <Icon>
    <path d="M4 7h9m6 0h1M4 17h1m6 0h9" />
    <circle cx="16" cy="7" r="2.5" />
    <circle cx="8" cy="17" r="2.5" />
  </Icon>
);
export const Gear = () => (
  <Icon>
    <circle cx="12" cy="12" r="3.2" />
    <path d="M12 3v3m0 12v3M3 12h3m12 0h3M5.6 5.6l2.2 2.2m8.4 8.4 2.2 2.2M5.6 18.4l2.2-2.2m8.4-8.4 2.2-2.2" />
  </Icon>
);
export const Download = () => (
  <Icon size={16}>
    <path d="M12 4v15m-6-6 6 6 6-6" />
  </Icon>
);
export const Upload = () => (
  <Icon size={16}>
    <path d="M12 20V5M6 11l6-6 6 6" />
  </Icon>
);
export const Both = () => (
  <Icon size={16}>
    <path d="M8 4v16m-4-4 4 4 4-4M16 20V4m-4 4 4-4 4 4" />
  </Icon>
);
export const Devices = () => (
  <Icon size={16}>
    <rect x="3" y="4" width="18" height="12" rx="2" />
    <path d="M8 20h8m-4-4v4" />
  </Icon>
);
export const Cross = () => (
  <Icon size={16}>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
);

/** Three bars, the tallest in the accent: how much, by whom. */
export function Logo() {
  return (
    <svg class="shell-logo" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="shell-logo-ground" width="32" height="32" rx="8" />
      <rect class="shell-logo-bar" x="7" y="17" width="5" height="8" rx="1.5" />
      <rect class="shell-logo-bar" x="13.5" y="7" width="5" height="18" rx="1.5" />
      <rect class="shell-logo-bar" x="20" y="12" width="5" height="13" rx="1.5" />
    </svg>
  );
}
