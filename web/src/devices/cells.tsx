import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { DEVICE_TYPES } from "../../../src/shared/household-words.ts";
import { formatAgo, formatBytes, formatChange, formatDay, formatInstant, formatShare, formatTime } from "../format.ts";
import { TypeIcon } from "../shell/type-icon.tsx";
import { onlyOwner } from "../state/access.ts";
import { groupIn } from "../state/groups.ts";
import { colourOf } from "../state/top-devices.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { tableText } from "../texts/devices.ts";
import type { Column, View } from "./columns.ts";
import { Rename } from "./rename.tsx";
import { ROLES } from "./roles.ts";
import { besidesName, type Row } from "./row.ts";
import { explains } from "./tip.tsx";

/** The group of what was measured elsewhere. */
const IMPORTED = "import";

/** Ids of the explanations within the page, for `aria-describedby`. */
const WHY_IDS = { reconstructed: "devices-why-reconstructed", implausible: "devices-why-implausible" } as const;

/** The explanations of the marks, for screen readers. Once per page. */
export function Explanations() {
  return (
    <>
      <p id={WHY_IDS.reconstructed} hidden>
        {tableText.estimatedWhy}
      </p>
      <p id={WHY_IDS.implausible} hidden>
        {tableText.implausibleWhy}
      </p>
    </>
  );
}

/** One line of the table; a card on a phone. What it holds is drawn again only when its own figures change. */
export function TableRow({ row, columns, view, index }: RowProps) {
  const cells = useMemo(
    () => columns.map((column) => <Cell key={column.id} row={row} column={column} view={view} />),
    [row, columns, view],
  );
  return (
    <tr {...ROLES.row} class={`devices-row devices-row-${row.who.kind}`} aria-rowindex={index}>
      {cells}
    </tr>
  );
}

interface RowProps {
  readonly row: Row;
  readonly columns: readonly Column[];
  readonly view: View;
  readonly index: number | undefined;
}

function Cell({ row, column, view }: { row: Row; column: Column; view: View }) {
  const role = column.id === "name" ? ROLES.rowHeader : ROLES.cell;
  const Tag = column.id === "name" ? "th" : "td";
  return (
    <Tag
      {...role}
      scope={column.id === "name" ? "row" : undefined}
      class={`devices-cell devices-${column.id}`}
      data-label={column.label}
    >
      {content(row, column, view)}
    </Tag>
  );
}

function content(row: Row, column: Column, view: View) {
  switch (column.id) {
    case "name":
      return <Name row={row} />;
    case "addresses":
      return <Addresses addresses={row.addresses} />;
    case "mac":
      return row.who.mac === null ? <None /> : <span class="devices-code">{row.who.mac}</span>;
    case "download":
    case "upload":
      return <Amount row={row} bytes={row[column.id]} />;
    case "total":
      return (
        <>
          <Marks row={row} />
          <Amount row={row} bytes={row.total} />
        </>
      );
    case "share":
      return <Share share={row.share} />;
    case "change":
      return <Change row={row} />;
    case "seen":
      return row.lastSeen === null ? (
        <None text={tableText.never} />
      ) : (
        <Seen at={row.lastSeen} view={view} isExact={column.isExact === true} />
      );
    case "day":
      return row.day === null ? <None /> : <time dateTime={row.day}>{formatDay(row.day)}</time>;
  }
}

/** Nothing to show. */
function None({ text = tableText.none }: { text?: string }) {
  return (
    <span class="devices-none">
      <span aria-hidden="true">–</span>
      <span class="visually-hidden">{text}</span>
    </span>
  );
}

function Name({ row }: { row: Row }) {
  const { who } = row;
  const more = besidesName(who);
  const open = { device: who.key };
  if (who.kind === "group") return <GroupName row={row} />;
  return (
    <>
      {who.kind === "host" ? (
        <bdi class="devices-text">{who.name}</bdi>
      ) : (
        <Rename place={row.id} device={{ key: who.key, name: who.given, hostname: who.hostname, vendor: who.vendor }}>
          <Dot deviceKey={who.key} />
          {who.type !== null && who.type !== "unknown" && <TypeIcon type={who.type} size={16} named />}
          {onlyOwner.value === null ? (
            <a class="devices-link" href={hrefFor(open)} onClick={(event) => followLink(event, open, { top: true })}>
              <bdi class="devices-text">{who.name}</bdi>
            </a>
          ) : (
            <bdi class="devices-text">{who.name}</bdi>
          )}
        </Rename>
      )}
      {more.length > 0 && (
        <span class="devices-more">
          {more.map((text) => (
            <bdi key={text}>{text}</bdi>
          ))}
        </span>
      )}
    </>
  );
}

/** What a group leads to: an owner's devices, or all that a meter counted. */
function opensOf({ by, key }: { readonly by: string; readonly key: string }) {
  if (by === "owner") return { by: null, owner: key };
  // What was imported has no meter to be looked at alone.
  return by === "source" && key !== IMPORTED ? { by: null, source: key } : null;
}

/** The name of a group leads to what is in it. */
function GroupName({ row: { who } }: { row: Row }) {
  const group = groupIn(who.key);
  const name = <bdi class="devices-text">{who.name}</bdi>;
  const open = group === null ? null : opensOf(group);
  const type = DEVICE_TYPES.find((known) => group?.by === "type" && known === group.key);
  return (
    <span class="devices-named">
      <Dot deviceKey={who.key} />
      {type !== undefined && <TypeIcon type={type} size={16} />}
      {open !== null ? (
        <a class="devices-link" href={hrefFor(open)} onClick={(event) => followLink(event, open, { top: true })}>
          {name}
        </a>
      ) : (
        name
      )}
    </span>
  );
}

/** The colour that the device has in the charts. */
function Dot({ deviceKey }: { deviceKey: string }) {
  const colour = useComputed(() => colourOf(deviceKey)).value;
  return <span class={`devices-dot devices-dot-${colour || "other"}`} aria-hidden="true" />;
}

function Addresses({ addresses }: { addresses: readonly string[] }) {
  const [first, ...others] = addresses;
  if (first === undefined) return <None />;
  const count = tableText.moreAddresses(others.length);
  return (
    <>
      <span class="devices-code">{first}</span>
      {others.length > 0 && (
        <button
          type="button"
          class="devices-mark devices-others"
          aria-label={`${count}: ${others.join(", ")}`}
          {...explains(others.join("\n"), { focus: true })}
        >
          +{others.length}
        </button>
      )}
    </>
  );
}

function Amount({ row, bytes }: { row: Row; bytes: number }) {
  const why = whyOf(row);
  if (why === null) return <span class="devices-amount">{formatBytes(bytes)}</span>;
  return (
    <span class={`devices-amount devices-doubt devices-doubt-${why.kind}`} {...explains(why.text)}>
      {formatBytes(bytes)}
    </span>
  );
}

function whyOf(row: Row): { kind: keyof typeof WHY_IDS; sign: string; name: string; text: string } | null {
  if (row.implausible) {
    return { kind: "implausible", sign: "!", name: tableText.implausible, text: tableText.implausibleWhy };
  }
  if (row.reconstructed) {
    return { kind: "reconstructed", sign: "≈", name: tableText.estimated, text: tableText.estimatedWhy };
  }
  return null;
}

/** The sign before figures in doubt; it says why when it is pointed at, tapped or has the focus. */
function Marks({ row }: { row: Row }) {
  const why = whyOf(row);
  if (why === null) return null;
  return (
    <button
      type="button"
      class={`devices-mark devices-mark-${why.kind}`}
      aria-label={why.name}
      aria-describedby={WHY_IDS[why.kind]}
      {...explains(why.text, { focus: true })}
    >
      {why.sign}
    </button>
  );
}

/** How its total stands to the one of the range before, and that one. */
function Change({ row: { total, previous } }: { row: Row }) {
  if (previous === null) return <None />;
  const before = previous.download + previous.upload;
  const change = formatChange(total, before);
  const was = tableText.before(formatBytes(before));
  // From nothing there is no percentage.
  if (change === null) return <span class="devices-amount">{was}</span>;
  return (
    <>
      <span class="devices-amount">{change}</span>
      <span class="devices-before">{was}</span>
    </>
  );
}

function Share({ share }: { share: number }) {
  return (
    <>
      <span class="devices-share-text">{formatShare(share)}</span>
      <svg class="devices-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="devices-bar-all" width="100" height="4" />
        <rect class="devices-bar-part" width={Math.min(share, 1) * 100} height="4" />
      </svg>
    </>
  );
}

/** By device how long ago, or when; by day the time of that day. A component of its own, for it follows the ticking clock. */
function Seen({ at, view, isExact }: { at: number; view: View; isExact: boolean }) {
  const text = useComputed(() => {
    if (view === "day") return formatTime(at);
    return isExact ? formatInstant(at) : formatAgo(at, "narrow");
  });
  return (
    <time class="devices-when" dateTime={new Date(at).toISOString()} title={formatInstant(at)}>
      {text}
    </time>
  );
}
