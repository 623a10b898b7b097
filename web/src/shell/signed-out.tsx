import { signedOut, signInHref } from "../state/access.ts";
import { accessText } from "../texts/access.ts";

/** Says that nobody is signed in any more, while the page stays for what was typed on it. */
export function SignedOut() {
  return (
    // Always there: a region that comes with its text is not read aloud.
    <div aria-live="assertive" class="shell-out">
      {signedOut.value && (
        <div class="shell-notice shell-notice-warn">
          <p>
            <strong>{accessText.signedOut}</strong> {accessText.signedOutKept}
          </p>
          <a class="button" href={signInHref("")} target="_blank" rel="noreferrer">
            {accessText.signInElsewhere}
          </a>
        </div>
      )}
    </div>
  );
}
