import { useEffect } from "preact/hooks";
import { detail, detailFailure } from "../state/device.ts";
import { devicePart } from "../state/parts.ts";
import { comeBack, followLink, hrefFor } from "../state/url.ts";
import { deviceText } from "../texts/device.ts";
import { Missing, Outdated } from "./missing.tsx";
import { Notices } from "./notices.tsx";
import { TrafficBar } from "./traffic.tsx";

/** The page of one device, or why there is none. */
export function Device() {
  return (
    <>
      <Notices />
      <TrafficBar />
      <Page />
    </>
  );
}

function Page() {
  const failure = detailFailure.value;
  if (failure !== null && (detail.value === null || failure.code !== "unreachable")) {
    const back = { device: null };
    // The hint is for programs.
    const isUnknown = failure.code === "unknown-device";
    return (
      <Missing
        heading={isUnknown ? deviceText.unknown : deviceText.unavailable}
        text={isUnknown ? failure.message : `${failure.message} ${failure.hint ?? ""}`}
      >
        <a class="button" href={hrefFor(back)} onClick={(event) => followLink(event, back)}>
          {deviceText.allDevices}
        </a>
      </Missing>
    );
  }
  if (devicePart.isMissing.value) return <Outdated heading={deviceText.unavailable} />;
  const part = devicePart.code.value;
  if (detail.value === null || part === null) return <p class="shell-reading">{deviceText.loading}</p>;
  return (
    <>
      <part.DevicePage key={detail.value.device.key} detail={detail.value} />
      <Drawn />
    </>
  );
}

/** Tells that the page is there. */
function Drawn() {
  useEffect(comeBack, []);
  return null;
}
