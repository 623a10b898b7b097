import { useRef } from "preact/hooks";
import { formatAgo, formatInstant } from "../../format.ts";
import { endOtherSessions, endSession } from "../../state/access-keys.ts";
import { accessText } from "../../texts/access.ts";
import type { Sessions as Known } from "../../wire.ts";
import { Confirm } from "./confirm.tsx";

type Session = Known["sessions"][number];

/** The browsers that are signed in, this one marked. */
export function Sessions({ sessions }: { sessions: readonly Session[] }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const others = sessions.filter(({ current }) => !current).length;
  const ended = (isDone: boolean) => {
    // Its line is gone, and the focus with it.
    if (isDone) heading.current?.focus();
    return isDone;
  };
  return (
    <div class="access-part">
      <h3 tabIndex={-1} ref={heading}>
        {accessText.sessions}
      </h3>
      <p class="settings-about">{sessions.length === 0 ? accessText.noSessions : accessText.sessionsAbout}</p>
      {sessions.length > 0 && (
        <ul class="settings-changes">
          {sessions.map((session) => (
            <li key={session.id}>
              <Line session={session} />
              {!session.current && (
                <Confirm
                  label={accessText.end}
                  name={accessText.endOf(session.name, session.address)}
                  what={accessText.endWhat(session.name)}
                  onDo={async () => ended(await endSession(session.id, session.name))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {others > 1 && (
        <div>
          <Confirm
            label={accessText.endOthers}
            what={accessText.endOthersWhat}
            onDo={async () => ended(await endOtherSessions())}
          />
        </div>
      )}
    </div>
  );
}

function Line({ session: { name, address, createdAt, usedAt, current } }: { session: Session }) {
  return (
    <span class="access-line">
      <bdi>{name}</bdi> {current && <strong class="access-mark">{accessText.thisSession}</strong>}
      <span class="settings-about">
        {accessText.session(address, formatInstant(createdAt))}
        {!current && (
          <>
            , <Used at={usedAt} />
          </>
        )}
      </span>
    </span>
  );
}

/** Apart, because it moves every second. */
export function Used({ at }: { at: number | null }) {
  return <>{at === null ? accessText.neverUsed : accessText.lastUsed(formatAgo(at))}</>;
}
