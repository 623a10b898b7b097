import { signInHref } from "../state/access.ts";
import { hrefFor } from "../state/url.ts";
import { accessText } from "../texts/access.ts";

/** Leads to the sign-in page, and from there back to what is looked at. */
export function SignInLink({ isPrimary = false }: { isPrimary?: boolean }) {
  return (
    <a class={isPrimary ? "button button-primary" : "button"} href={signInHref(hrefFor({}))}>
      {accessText.signIn}
    </a>
  );
}
