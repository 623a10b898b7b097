import { formatBytes, formatTime } from "../format.ts";
import { displayName } from "../names.ts";
import { today } from "../state/today.ts";
import { unusual } from "../state/unusual.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { unusualText } from "../texts/unusual.ts";
import type { UnusualReport } from "../wire.ts";

/** What devices used today far beyond their usual; nothing at all where nothing is. */
export function Unusual() {
  const report = unusual.value;
  if (report === null || report.today !== today.value || report.unusual.length === 0) return null;
  return (
    <section class="shell-notices" aria-label={unusualText.title}>
      {report.unusual.map((one) => (
        <Sentence key={`${one.device.key} ${one.direction}`} one={one} />
      ))}
    </section>
  );
}

function Sentence({ one }: { one: UnusualReport["unusual"][number] }) {
  const { device, direction, bytes, usual, from, to, hosts } = one;
  const page = { device: device.key };
  const when =
    to === null ? unusualText.since(formatTime(from)) : unusualText.between(formatTime(from), formatTime(to));
  return (
    <div class="shell-notice shell-notice-warn">
      <p>
        <a href={hrefFor(page)} onClick={(event) => followLink(event, page, { top: true })}>
          <bdi>{displayName(device)}</bdi>
        </a>{" "}
        {unusualText.what[direction](formatBytes(bytes), when)} {unusualText.usually(formatBytes(usual))}
        {hosts.length > 0 && (
          <small class="unusual-hosts">
            {unusualText.grew}{" "}
            {hosts.map((host, index) => (
              <span key={host.ip}>
                {index > 0 && ", "}
                <bdi>{host.hostname ?? host.ip}</bdi> {unusualText.host(formatBytes(host.bytes))}
              </span>
            ))}
          </small>
        )}
      </p>
    </div>
  );
}
