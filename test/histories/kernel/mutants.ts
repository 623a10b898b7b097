/** A rule of the kernel's meter, or of how its readings are accounted, and the code that breaks it. */
export interface KernelMutant {
  readonly rule: string;
  /** Below src. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const KERNEL_MUTANTS: readonly KernelMutant[] = [
  {
    rule: "an address that changed hands is charged to each MAC by what that one's counters grew by",
    file: "accounting/settle.ts",
    from: "    if (host.holders === undefined) {\n",
    to: "    if (host.holders === undefined || true) {\n",
  },
  {
    rule: "the counters of a MAC at an address start where they stood",
    file: "accounting/settle.ts",
    from: 'const stood = relation === "same-run" ? books?.holders?.[key] : undefined;',
    to: "const stood = undefined;",
  },
  {
    rule: "in a new run the counters of a MAC at an address start at zero",
    file: "accounting/settle.ts",
    from: 'const stood = relation === "same-run" ? books?.holders?.[key] : undefined;',
    to: "const stood = books?.holders?.[key];",
  },
  {
    rule: "what the one MAC of an address had is its own once a second one shows it",
    file: "accounting/holders.ts",
    from: "  return first === undefined ? [] : [{ mac: first.mac, ...pick(baseline) }];",
    to: "  return [];",
  },
  {
    rule: "of two MACs the one that the address showed before had what it had",
    file: "accounting/holders.ts",
    from: "canBe.find(({ mac }) => mac === baseline.mac) ?? canBe[0];",
    to: "canBe[0];",
  },
  {
    rule: "the books keep what each MAC of an address had",
    file: "accounting/holders.ts",
    from: "  return several.length === 0 ? {} :",
    to: "  return several.length >= 0 ? {} :",
  },
  {
    rule: "a frame to everybody is of whoever holds the address",
    file: "meters/kernel/snapshot.ts",
    from: "    Number(isGroupMac(a.mac)) - Number(isGroupMac(b.mac)) ||\n",
    to: "    Number(isGroupMac(b.mac)) - Number(isGroupMac(a.mac)) ||\n",
  },
  {
    rule: "both sides of a reading add up to the same, whatever passes while it is listed",
    file: "meters/kernel/snapshot.ts",
    from: "const received = balanced(first.received, later(first.received, second.received), sumOf(sent.values()).bytes);",
    to: "const received = later(first.received, second.received);",
  },
  {
    rule: "what the second listing lacks of a set is in the first",
    file: "meters/kernel/snapshot.ts",
    from: "    const had = first.get(key)?.bytes ?? 0;\n",
    to: "    const had = 0;\n",
  },
  {
    rule: "a frame that goes out is counted without its Ethernet header",
    file: "meters/kernel/listing.ts",
    from: 'hook === "out" ? ETHERNET_HEADER * packets : 0',
    to: "0",
  },
  {
    rule: "an element that is listed twice counts once",
    file: "meters/kernel/listing.ts",
    from: "new Map(listed.map(({ elem }) => [keyOf(...elem.val.concat), elem])).values();",
    to: "listed.map(({ elem }) => elem);",
  },
  {
    rule: "an address that is seen on both hooks has the sum of both",
    file: "meters/kernel/listing.ts",
    from: "bytes: more.bytes + (known?.bytes ?? 0),",
    to: "bytes: more.bytes,",
  },
  {
    rule: "a generation that stands still is handed out to its last byte",
    file: "meters/kernel/meter.ts",
    from: "return figuresOf(known, known).totals.bytes > standing.counted ? known : current;",
    to: "return current;",
  },
  {
    rule: "a generation is followed only when the books are of it",
    file: "meters/kernel/meter.ts",
    from: "if (isFull && isRead && table.generations.length === 1) {",
    to: "if (isFull && table.generations.length === 1) {",
  },
  {
    rule: "no third generation begins while the first is not saved",
    file: "meters/kernel/meter.ts",
    from: "if (isFull && isRead && table.generations.length === 1) {",
    to: "if (isFull && isRead) {",
  },
  {
    rule: "a generation is dropped once books of the next one are saved, and not before",
    file: "meters/kernel/meter.ts",
    from: "if (current === undefined || epochOf(table, current) !== epoch) return;",
    to: "if (current === undefined) return;",
  },
  {
    rule: "a generation that follows is no restart",
    file: "accounting/notes.ts",
    from: "      if (reading.continues === books.epoch) return [];\n",
    to: "",
  },
  {
    rule: "a generation that began long before what the books have of the one before it is waited for by nobody",
    file: "accounting/relation.ts",
    from: "ranBefore(books, reading) && reading.continues !== books.epoch",
    to: "ranBefore(books, reading)",
  },
  {
    rule: "nor does it speak against the clock",
    file: "accounting/clocks.ts",
    from: "  if (reading.continues !== undefined && reading.continues === books.epoch) return null;\n",
    to: "",
  },
  {
    rule: "generations are runs of their own",
    file: "meters/kernel/meter.ts",
    from: "function epochOf({ run }: Table, { generation }: Generation): string {\n",
    to: "function epochOf({ run }: Table, _: Generation): string {\n  const generation = 1;\n",
  },
  {
    rule: "a flushed ruleset is told of",
    file: "meters/kernel/meter.ts",
    from: "const isFlushed = table === null && readAt !== null;",
    to: "const isFlushed = false;",
  },
  {
    rule: "a table that is made anew under way continues the one before",
    file: "meters/kernel/meter.ts",
    from: "replaced = readAt === null ? undefined : (standing?.epoch ?? undefined);",
    to: "replaced = undefined;",
  },
  {
    rule: "each table that is made is another run",
    file: "meters/kernel/meter.ts",
    from: "buildRules(tableName, options.newRun(), beginning,",
    to: 'buildRules(tableName, "same", beginning,',
  },
  {
    rule: "an interface that came back is hooked to",
    file: "meters/kernel/meter.ts",
    from: "    if (isHookedTo(table, wanted)) return { table, notes: [] };\n",
    to: "    if (isHookedTo(table, wanted) || table.isHooked) return { table, notes: [] };\n",
  },
  {
    rule: "counters stay when an interface comes back",
    file: "meters/kernel/meter.ts",
    from: "await apply(rehookRules(tableName, current, table.devices, wanted), signal);",
    to: "await apply(buildRules(tableName, options.newRun(), current, wanted, lan), signal);",
  },
  {
    rule: "several meters have a table each",
    file: "meters/kernel/meter.ts",
    from: "    tableName = TABLE,\n",
    to: "    tableName: _,\n",
  },
  {
    rule: "what stays on the LAN is counted apart from what the internet sends and gets",
    file: "meters/kernel/rules.ts",
    from: "      ...local,\n",
    to: "",
  },
  {
    rule: "what both ends of which lie on the LAN stays there, not what one end of lies there",
    file: "meters/kernel/lan.ts",
    from: "const all = [...segments,",
    to: 'const all = [parsePrefix("0.0.0.0/0") as Prefix, ...segments,',
  },
  {
    rule: "the LAN's rules go on in a new generation, too",
    file: "meters/kernel/rules.ts",
    from: '      ...counted("lan_", within),\n',
    to: '      ...counted("", within),\n',
  },
  {
    rule: "an address's two kinds of traffic have baselines of their own",
    file: "accounting/types.ts",
    from: "return traffic === undefined ? ip :",
    to: "return traffic !== undefined ? ip :",
  },
  {
    rule: "a charge says which traffic it is of",
    file: "accounting/settle.ts",
    from: "return traffic === undefined ? { ip } : { ip, traffic };",
    to: 'return traffic === undefined ? { ip } : { ip, traffic: "internet" };',
  },
  {
    rule: "an interface that was made anew is not compared with its counters of before",
    file: "accounting/carried.ts",
    from: " || before.life !== carried.life) return NOTHING;",
    to: ") return NOTHING;",
  },
  {
    rule: "of a run that continues another all is compared",
    file: "accounting/carried.ts",
    from: "const bytes = after.bytes - (isSameRun ? before.counted : 0);",
    to: "const bytes = after.bytes - before.counted;",
  },
  {
    rule: "the share seen goes on over a generation",
    file: "accounting/carried.ts",
    from: "(books.epoch === epoch || books.epoch === continues)",
    to: "books.epoch === epoch",
  },
  {
    rule: "the next comparison starts where the interface's counters stand",
    file: "accounting/carried.ts",
    from: "  const { life, bytes } = carried;\n",
    to: "  const { life } = carried;\n  const bytes = 0;\n",
  },
];
