import { formatCount, formatDay } from "../format.ts";
import { change, household } from "../state/household.ts";
import { householdText } from "../texts/household.ts";
import type { Household } from "../wire.ts";

type Router = Household["routers"][number];

/** What is taken for a router, why, and the word against it. */
export function Routers() {
  const routers = household.value?.routers;
  if (routers === undefined) return null;
  return (
    <>
      <h3>{householdText.routers}</h3>
      <p class="settings-about">{routers.length === 0 ? householdText.noRouters : householdText.routersAbout}</p>
      {routers.length > 0 && (
        <ul class="settings-changes">
          {routers.map((router) => (
            <li key={router.mac}>
              <span class="settings-router">
                <code>{router.mac}</code> <bdi>{router.name ?? router.vendor ?? ""}</bdi>
              </span>
              <span>
                {router.router ? householdText.isRouter : householdText.isNone}{" "}
                <span class="settings-about">({becauseOf(router)})</span>
              </span>
              <span class="settings-buttons">
                <Say router={router} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function becauseOf({ said, setting, nextHop, found }: Router): string {
  const { because } = householdText;
  if (said !== null) return because.said;
  if (setting !== null) return because.setting;
  if (nextHop) return because.nextHop;
  if (found === null) return "";
  const since = formatDay(found.since);
  return found.networks > 0 ? because.found(formatCount(found.networks), since) : because.found0(since);
}

function Say({ router: { mac, router, said } }: { router: Router }) {
  const say = (word: boolean | null) => void change({ do: "router", mac, router: word });
  const text = router ? householdText.noRouter : householdText.aRouter;
  return (
    <>
      <button type="button" class="button" aria-label={`${text}: ${mac}`} onClick={() => say(!router)}>
        {text}
      </button>
      {said !== null && (
        <button type="button" class="button" aria-label={`${householdText.asFound}: ${mac}`} onClick={() => say(null)}>
          {householdText.asFound}
        </button>
      )}
    </>
  );
}
