/** IPv6 hosts make new addresses every day: the ones that a person knows must not be lost among them. */
export function ipv4First<Row extends { readonly ip: string }>(rows: readonly Row[]): Row[] {
  const isIpv6 = ({ ip }: Row) => ip.includes(":");
  return [...rows.filter((row) => !isIpv6(row)), ...rows.filter(isIpv6)];
}
