/** Server and form agree: longer names are cut. */
const MAX_KEY_NAME = 60;

interface KeyNameProps {
  readonly label: string;
  readonly example: string;
  readonly name: string;
  /** The id of what is wrong. */
  readonly problem: string | undefined;
  readonly onName: (name: string) => void;
}

/** What a token or a link is called by those who made it. */
export function KeyName({ label, example, name, problem, onName }: KeyNameProps) {
  return (
    <label class="plan-field">
      <span>{label}</span>
      <input
        type="text"
        required
        pattern=".*\S.*"
        maxLength={MAX_KEY_NAME}
        autocomplete="off"
        dir="auto"
        placeholder={example}
        value={name}
        aria-describedby={problem}
        onInput={(event) => onName(event.currentTarget.value)}
      />
    </label>
  );
}
