import { useEffect } from "preact/hooks";
import { canSignIn } from "../state/access.ts";
import { comeBack, followLink, hrefFor } from "../state/url.ts";
import { accessText } from "../texts/access.ts";
import { Missing } from "./missing.tsx";
import { SignInLink } from "./sign-in-link.tsx";

const FIGURES = { open: null, device: null };

/** In the place of the settings, for who may only read. */
export function NotForReaders() {
  useEffect(comeBack, []);
  if (!canSignIn.value) return <NotInView />;
  return (
    <Missing heading={accessText.notForYou} text={accessText.notForYouText}>
      <SignInLink isPrimary /> <ToFigures />
    </Missing>
  );
}

/** In the place of what a view link doesn't show. */
export function NotInView() {
  useEffect(comeBack, []);
  return (
    <Missing heading={accessText.notInView} text={accessText.notInViewText}>
      <ToFigures />
    </Missing>
  );
}

function ToFigures() {
  return (
    <a class="button" href={hrefFor(FIGURES)} onClick={(event) => followLink(event, FIGURES)}>
      {accessText.toFigures}
    </a>
  );
}
