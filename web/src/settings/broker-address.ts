/** The address of a broker in the parts that a form has. */
export interface BrokerAddress {
  /** With a port where it isn't the usual one. */
  readonly host: string;
  readonly tls: boolean;
  readonly user: string;
  /** Empty for none; stars stand for the one that the server knows. */
  readonly password: string;
}

export const NO_ADDRESS: BrokerAddress = { host: "", tls: false, user: "", password: "" };

export function partsOf(url: string | null): BrokerAddress {
  if (url === null || !URL.canParse(url)) return NO_ADDRESS;
  const { protocol, host, username, password } = new URL(url);
  return {
    host,
    tls: protocol === "mqtts:",
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

/** The address as the server reads it. A whole one in the field of the host is taken as it is. */
export function urlOfBroker({ host, tls, user, password }: BrokerAddress): string {
  const name = host.trim();
  if (/^mqtts?:\/\//i.test(name)) return name;
  const login =
    user === "" ? "" : `${encodeURIComponent(user)}${password === "" ? "" : `:${encodeURIComponent(password)}`}@`;
  return `${tls ? "mqtts" : "mqtt"}://${login}${name}`;
}
