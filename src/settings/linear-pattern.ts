/**
 * Regular expressions in bounded time. JavaScript's own engine tries every way to match: `([0-9a-f:]+)+x` takes an IPv6
 * address of 39 characters 2^38 steps, in which the process answers nothing, not even SIGTERM. Here each instruction of
 * the compiled pattern is tried once at each character at most, so a pattern has a price that is known before it is used
 * (docs/decisions/0014-ip-filter.md).
 *
 * It reads what JavaScript reads without flags but `i`: groups, alternatives, classes, repetitions, `^ $ \b \B`, look-ahead.
 * Back-references and look-behind are refused: the former can't be matched in bounded time, and no address needs either.
 */

/** Why a pattern that JavaScript understands can't be used: half a sentence. */
export class UnsupportedPattern extends Error {
  override readonly name = "UnsupportedPattern";
}

/** Whether a text begins with what the pattern describes. */
export type Matcher = (text: string) => boolean;

/** The longest address: eight groups of four digits, with colons between them. Longer texts are cut. */
const LONGEST = 45;
/** Deeper nesting would end in JavaScript's stack. */
const DEEPEST = 100;
/** A microsecond or two for each hundred on a small board; an address is looked at once and remembered. */
const MOST_STEPS = 200_000;

/**
 * Compiles a pattern that `new RegExp(source)` takes: whoever calls has tried that, and told what is wrong with it.
 * @throws UnsupportedPattern
 */
export function compileLinear(source: string, ignoreCase: boolean): Matcher {
  const node = parse(source, ignoreCase ? "i" : "");
  const looks = lookAheadsOf(node);
  const steps = size(node) * (LONGEST + 1) + looks.reduce((sum, look) => sum + size(look.node), 0) * (LONGEST + 1) ** 2;
  if (steps > MOST_STEPS) throw new UnsupportedPattern("is too expensive: shorten it, or repeat less in it");
  const program = compile(node);
  return (text) => {
    const subject = text.slice(0, LONGEST);
    const known = new Map<Program, (boolean | undefined)[]>();
    return run(program, subject, 0, known);
  };
}

type Node =
  | { readonly kind: "char"; readonly is: (char: string) => boolean }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "alternatives"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly least: number; readonly most: number }
  | { readonly kind: "edge"; readonly holds: (text: string, at: number) => boolean }
  | LookAhead;

interface LookAhead {
  readonly kind: "look";
  readonly node: Node;
  readonly wanted: boolean;
}

const EDGES: Readonly<Record<string, (text: string, at: number) => boolean>> = {
  "^": (_, at) => at === 0,
  $: (text, at) => at === text.length,
  "\\b": (text, at) => isWord(text[at - 1]) !== isWord(text[at]),
  "\\B": (text, at) => isWord(text[at - 1]) === isWord(text[at]),
};

function isWord(char: string | undefined): boolean {
  return char !== undefined && /\w/.test(char);
}

const ATOM = /\\(?:0[0-7]{0,2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|[\s\S]/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;

function parse(source: string, flags: string): Node {
  let at = 0;
  let depth = 0;

  function alternatives(): Node {
    const nodes = [sequence()];
    while (source[at] === "|") {
      at += 1;
      nodes.push(sequence());
    }
    return nodes.length === 1 ? (nodes[0] as Node) : { kind: "alternatives", nodes };
  }

  function sequence(): Node {
    const nodes: Node[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") nodes.push(repeated(atom()));
    return { kind: "sequence", nodes };
  }

  function repeated(node: Node): Node {
    QUANTIFIER.lastIndex = at;
    const [whole, sign, least, comma, most] = QUANTIFIER.exec(source) ?? [];
    if (whole === undefined) return node;
    at += whole.length;
    if (sign !== undefined)
      return { kind: "repeat", node, least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Infinity };
    const from = Number(least);
    return { kind: "repeat", node, least: from, most: comma === "" ? from : most === "" ? Infinity : Number(most) };
  }

  function atom(): Node {
    if (source[at] === "(") return group();
    ATOM.lastIndex = at;
    const text = ATOM.exec(source)?.[0] ?? "";
    at += text.length;
    const holds = EDGES[text];
    if (holds) return { kind: "edge", holds };
    if (/^\\(?:[1-9]|k)/.test(text))
      throw new UnsupportedPattern(`holds the back-reference ${text}, which can't be used here`);
    // What one character stands for, JavaScript itself decides.
    const single = new RegExp(`^(?:${/^[{}\]]$/.test(text) ? `\\${text}` : text})$`, flags);
    return { kind: "char", is: (char) => single.test(char) };
  }

  function group(): Node {
    const [opening, sort = ""] = /^\((\?(?:[:=!]|<[=!]?|-?\w*))?/.exec(source.slice(at)) ?? [""];
    if (!["", "?:", "?=", "?!", "?<"].includes(sort)) {
      throw new UnsupportedPattern(`holds (${sort}, which can't be used here`);
    }
    at += sort === "?<" ? source.slice(at).indexOf(">") + 1 : opening.length;
    depth += 1;
    if (depth > DEEPEST) throw new UnsupportedPattern(`is nested more than ${DEEPEST} groups deep`);
    const node = alternatives();
    depth -= 1;
    at += 1;
    return sort === "?=" || sort === "?!" ? { kind: "look", node, wanted: sort === "?=" } : node;
  }

  return alternatives();
}

/** How many instructions a node compiles to; those of its look-aheads not counted. */
function size(node: Node): number {
  switch (node.kind) {
    case "sequence":
      return sum(node.nodes);
    case "alternatives":
      return sum(node.nodes) + 2 * (node.nodes.length - 1);
    case "repeat": {
      const copies = node.most === Infinity ? node.least + 1 : node.most;
      return copies * (size(node.node) + 2);
    }
    default:
      return 1;
  }
}

function sum(nodes: readonly Node[]): number {
  return nodes.reduce((total, node) => total + size(node), 0);
}

/** Each as often as it is compiled. */
function lookAheadsOf(node: Node): LookAhead[] {
  switch (node.kind) {
    case "sequence":
    case "alternatives":
      return node.nodes.flatMap(lookAheadsOf);
    case "repeat":
      return lookAheadsOf(node.node);
    case "look":
      return [node, ...lookAheadsOf(node.node)];
    default:
      return [];
  }
}

type Instruction =
  | { readonly is: (char: string) => boolean }
  | { readonly holds: (text: string, at: number) => boolean }
  | { readonly look: Program; readonly wanted: boolean }
  | { readonly goto: readonly number[] };

/** Ends where its last instruction leads: one place behind it. */
type Program = readonly Instruction[];

function compile(node: Node): Program {
  const program: Instruction[] = [];
  const looks = new Map<Node, Program>();

  function emit(part: Node): void {
    switch (part.kind) {
      case "char":
        program.push({ is: part.is });
        break;
      case "edge":
        program.push({ holds: part.holds });
        break;
      case "look": {
        const look = looks.get(part) ?? compile(part.node);
        looks.set(part, look);
        program.push({ look, wanted: part.wanted });
        break;
      }
      case "sequence":
        for (const each of part.nodes) emit(each);
        break;
      case "alternatives":
        emitAlternatives(part.nodes);
        break;
      case "repeat":
        for (let count = 0; count < part.least; count += 1) emit(part.node);
        if (part.most === Infinity) emitLoop(part.node);
        else for (let count = part.least; count < part.most; count += 1) emitOptional(part.node);
        break;
    }
  }

  function emitAlternatives(nodes: readonly Node[]): void {
    const ends: number[] = [];
    for (const [index, each] of nodes.entries()) {
      const isLast = index === nodes.length - 1;
      const fork = program.length;
      if (!isLast) program.push({ goto: [] });
      emit(each);
      if (isLast) continue;
      ends.push(program.length);
      program.push({ goto: [] });
      program[fork] = { goto: [fork + 1, program.length] };
    }
    for (const end of ends) program[end] = { goto: [program.length] };
  }

  function emitLoop(body: Node): void {
    const fork = program.length;
    program.push({ goto: [] });
    emit(body);
    program.push({ goto: [fork] });
    program[fork] = { goto: [fork + 1, program.length] };
  }

  function emitOptional(body: Node): void {
    const fork = program.length;
    program.push({ goto: [] });
    emit(body);
    program[fork] = { goto: [fork + 1, program.length] };
  }

  emit(node);
  return program;
}

/** @param known what the look-aheads were found to say at each place of this text */
function run(program: Program, text: string, from: number, known: Map<Program, (boolean | undefined)[]>): boolean {
  const width = text.length + 1;
  const tried = new Uint8Array((program.length + 1) * width);
  const open: [instruction: number, at: number][] = [[0, from]];
  const add = (instruction: number, at: number) => {
    const place = instruction * width + at;
    if (tried[place] === 1) return;
    tried[place] = 1;
    open.push([instruction, at]);
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [index, at] = next;
    const instruction = program[index];
    if (instruction === undefined) return true;
    if ("goto" in instruction) for (const target of instruction.goto) add(target, at);
    else if ("is" in instruction) {
      if (at < text.length && instruction.is(text[at] as string)) add(index + 1, at + 1);
    } else if ("holds" in instruction) {
      if (instruction.holds(text, at)) add(index + 1, at);
    } else {
      const said = known.get(instruction.look) ?? [];
      known.set(instruction.look, said);
      said[at] ??= run(instruction.look, text, at, known);
      if (said[at] === instruction.wanted) add(index + 1, at);
    }
  }
  return false;
}
