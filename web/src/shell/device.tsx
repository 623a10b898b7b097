import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { detail, detailFailure } from "../state/device.ts";
import { devicePage, devicePageMissing } from "../state/device-part.ts";
import { comeBack, followLink, hrefFor } from "../state/url.ts";
import { deviceText } from "../texts/device.ts";
import { Notices } from "./notices.tsx";

/** The page of one device, or why there is none. */
export function Device() {
  return (
    <>
      <Notices />
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
  if (devicePageMissing.value) {
    return (
      <Missing heading={deviceText.unavailable} text={deviceText.outdated}>
        <button type="button" class="button" onClick={() => location.reload()}>
          {deviceText.reload}
        </button>
      </Missing>
    );
  }
  const Part = devicePage.value;
  if (detail.value === null || Part === null) return <p class="shell-reading">{deviceText.loading}</p>;
  return (
    <>
      <Part key={detail.value.device.key} detail={detail.value} />
      <Drawn />
    </>
  );
}

/** Tells that the page is there. */
function Drawn() {
  useEffect(comeBack, []);
  return null;
}

function Missing({ heading, text, children }: { heading: string; text: string; children: ComponentChildren }) {
  return (
    <section class="panel shell-missing">
      <h1>{heading}</h1>
      <p>{text}</p>
      <p>{children}</p>
    </section>
  );
}
