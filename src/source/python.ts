import { parser } from "@lezer/python";

interface PythonClass {
  readonly name: string;
  readonly assignments: readonly Assignment[];
}

export interface Assignment {
  readonly name: string;
  /** "=", or the operator of an augmented assignment: "+=". */
  readonly operator: string;
  readonly value: Expression;
}

/** An expression, as far as its form says what it is. */
export type Expression = {
  /** As written, on one line, without comments, in one style of quotes and brackets. */
  readonly source: string;
} & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "collection"; readonly items: readonly Expression[] }
  | {
      readonly kind: "call";
      /** The last part of what is called: "AddField" of `migrations.AddField(…)`. */
      readonly name: string;
      readonly positional: readonly Expression[];
      readonly named: Readonly<Record<string, Expression>>;
    }
  | { readonly kind: "other" }
);

type Node = ReturnType<typeof parser.parse>["topNode"];

/** Reads a module. A syntax error costs no more than the statement it is in. */
export function readPython(text: string): PythonModule {
  const read = new PythonModule(text);
  read.readBlock(parser.parse(text).topNode);
  return read;
}

const blocks = new Set(["IfStatement", "TryStatement", "WithStatement"]);
const collections = new Set(["ArrayExpression", "TupleExpression", "SetExpression"]);
/** One token each, whatever is nested in them. */
const strings = new Set(["String", "FormatString"]);
const closing = new Set([")", "]", "}"]);
const punctuation = new Set(["(", ")", "[", "]", "{", "}", ",", "Comment"]);

/** What of a Python module can be told without running it. */
export class PythonModule {
  /** Of the module itself, those inside `if`, `try` and `with` included, in order. */
  readonly assignments: Assignment[] = [];
  readonly classes: PythonClass[] = [];
  /** Names of values that are altered in place: `NAME["key"] = …`, `NAME.append(…)`. */
  readonly altered: string[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  readBlock(block: Node): void {
    for (const statement of childrenOf(block)) this.#readStatement(statement);
  }

  #readStatement(node: Node): void {
    if (blocks.has(node.name)) {
      for (const body of node.getChildren("Body")) this.readBlock(body);
    } else if (node.name === "AssignStatement") {
      this.#readAssignment(childrenOf(node));
    } else if (node.name === "UpdateStatement") {
      const [target, operator, value] = childrenOf(node);
      if (target && operator && value) this.#assign(target, this.#slice(operator), value);
    } else if (node.name === "ExpressionStatement") {
      const method = node.firstChild?.getChild("MemberExpression");
      if (method) this.#alter(method);
    } else if (node.name === "ClassDefinition") {
      this.#readClass(node);
    }
  }

  #readClass(node: Node): void {
    const name = node.getChild("VariableName");
    const body = node.getChild("Body");
    if (!name || !body) return;
    const inner = new PythonModule(this.#text);
    inner.readBlock(body);
    this.classes.push({ name: this.#slice(name), assignments: inner.assignments });
  }

  /** `A = B = value`, `A, B = value`: what stands before the last operator is assigned to. */
  #readAssignment(children: readonly Node[]): void {
    const sides: Node[][] = [[]];
    for (const child of children) {
      if (child.name === "AssignOp") sides.push([]);
      else if (child.name !== "TypeDef") sides.at(-1)!.push(child);
    }
    const [first, ...others] = sides.pop()!;
    if (!first) return;
    for (const side of sides) {
      for (const target of side) this.#assign(target, "=", first, others.at(-1));
    }
  }

  #assign(target: Node, operator: string, value: Node, last = value): void {
    if (target.name === "VariableName") {
      const whole = last === value ? this.#expression(value) : this.#bareTuple(value, last);
      this.assignments.push({ name: this.#slice(target), operator, value: whole });
    } else if (target.name === "MemberExpression") {
      this.#alter(target);
    } else if (collections.has(target.name)) {
      for (const part of childrenOf(target)) this.#assign(part, operator, value, last);
    }
  }

  #alter(member: Node): void {
    let base: Node | null = member;
    while (base?.name === "MemberExpression") base = base.firstChild;
    if (base?.name === "VariableName") this.altered.push(this.#slice(base));
  }

  #expression(node: Node): Expression {
    const source = this.#oneLine(node, node);
    if (node.name === "String") return { source, kind: "text", text: contentOf(this.#slice(node)) };
    if (node.name === "ContinuedString") {
      const parts = childrenOf(node).map((part) => contentOf(this.#slice(part)));
      return { source, kind: "text", text: parts.join("") };
    }
    if (node.name === "ParenthesizedExpression") {
      const [inner] = partsOf(node);
      return inner ? { ...this.#expression(inner), source } : { source, kind: "other" };
    }
    if (collections.has(node.name)) return { source, kind: "collection", items: this.#items(node) };
    if (node.name === "CallExpression") return { source, ...this.#call(node) };
    return { source, kind: "other" };
  }

  /** A list's elements; one that is unpacked into it (`*others`) keeps its star. */
  #items(node: Node): Expression[] {
    return partsOf(node)
      .filter(({ name }) => name !== "*")
      .map((part) => {
        const starred = part.prevSibling?.name === "*";
        return starred
          ? { source: `*${this.#oneLine(part, part)}`, kind: "other" }
          : this.#expression(part);
      });
  }

  #call(node: Node): Omit<Extract<Expression, { kind: "call" }>, "source"> {
    const called = node.firstChild;
    const last = called?.name === "MemberExpression" ? called.lastChild : called;
    const positional: Expression[] = [];
    const named: Record<string, Expression> = {};
    const list = node.getChild("ArgList");
    const parts = list ? partsOf(list) : [];
    for (const [index, part] of parts.entries()) {
      if (part.name === "AssignOp" || parts[index + 1]?.name === "AssignOp") continue;
      const name = parts[index - 1]?.name === "AssignOp" ? parts[index - 2] : undefined;
      if (name) named[this.#slice(name)] = this.#expression(part);
      else if (!part.name.startsWith("*")) positional.push(this.#expression(part));
    }
    return { kind: "call", name: last ? this.#slice(last) : "", positional, named };
  }

  #bareTuple(first: Node, last: Node): Expression {
    const items: Expression[] = [];
    for (let node: Node | null = first; node; node = node.nextSibling) {
      if (!punctuation.has(node.name)) items.push(this.#expression(node));
    }
    return { source: this.#oneLine(first, last), kind: "collection", items };
  }

  #slice({ from, to }: Node): string {
    return this.#text.slice(from, to);
  }

  /** So that a file that was only laid out anew does not look like one that says something else. */
  #oneLine(first: Node, last: Node): string {
    const leaves = [...leavesBetween(first, last)].filter(({ name }) => name !== "Comment");
    let line = "";
    let end = first.from;
    for (const [index, leaf] of leaves.entries()) {
      const gap = this.#text.slice(end, leaf.from);
      end = leaf.to;
      const next = leaves[index + 1];
      const trailing = leaf.name === "," && next !== undefined && closing.has(next.name);
      // The comma of `(1,)` is what makes it a tuple.
      if (trailing && leaf.parent?.name !== "TupleExpression") continue;
      const tight = line === "" || /[([{]$/.test(line) || closing.has(leaf.name);
      // The grammar has no node for a few words, such as the second of `not in`.
      const words = gap.replace(/#.*|\\|\s+/g, " ").trim();
      const space = gap === "" || tight ? "" : " ";
      line += `${space}${words && `${words} `}${tidyText(this.#slice(leaf))}`;
    }
    return line;
  }
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

/** Children without brackets, commas and comments. */
function partsOf(node: Node): Node[] {
  return childrenOf(node).filter(({ name }) => !punctuation.has(name));
}

/** The tokens of neighbours. */
function* leavesBetween(first: Node, last: Node): Generator<Node> {
  for (let node: Node | null = first; node; node = node.nextSibling) {
    if (node.firstChild && !strings.has(node.name))
      yield* leavesBetween(node.firstChild, node.lastChild!);
    else yield node;
    if (node.to >= last.to) return;
  }
}

const literal = /^([a-zA-Z]*)('''|"""|'|")([^]*)\2$/;

function contentOf(text: string): string {
  return literal.exec(text)?.[3] ?? "";
}

function tidyText(token: string): string {
  const [, prefix = "", , content] = literal.exec(token) ?? [];
  if (content === undefined) return token.replace(/\s+/g, " ");
  return /['"\\\n]/.test(content) ? token.replace(/\r?\n/g, "\\n") : `${prefix}'${content}'`;
}
