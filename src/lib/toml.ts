import { ParseError, parseTOML, type AST } from "toml-eslint-parser";

export type Table = { [key: string]: unknown };

/** A key's place: names of tables and keys, and positions in lists. */
export type KeyPath = readonly (string | number)[];

/** A TOML text as values, and where each of its keys stands. */
export interface Document {
  readonly table: Table;
  /** The line of a key (or of its nearest table that is there), from 1; undefined for the file itself. */
  lineOf(path: KeyPath): number | undefined;
}

export interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  /** The line itself, any password of a URL masked, and a caret below the column. */
  readonly excerpt: string;
}

export function parseDocument(text: string): Document | SyntaxProblem {
  // Editors on Windows begin a file with a byte order mark, which TOML doesn't know.
  const content = text.replace(/^\uFEFF/, "");
  try {
    const reader = new Reader();
    for (const node of parseTOML(content, { tomlVersion: "1.0" }).body[0].body) reader.read(node);
    return reader;
  } catch (thrown) {
    if (!(thrown instanceof ParseError)) throw thrown;
    return syntaxProblem(content, earliest(content, thrown));
  }
}

/** The parser tells of what is unfinished at the end of a line once it is on the next one: look there again. */
function earliest(text: string, error: ParseError): ParseError {
  if (error.column > 0 || error.lineNumber === 1) return error;
  const above = text.split("\n").slice(0, error.lineNumber - 1);
  try {
    parseTOML(above.join("\n").replace(/\r$/, ""), { tomlVersion: "1.0" });
    return error;
  } catch (thrown) {
    return thrown as ParseError;
  }
}

class Reader implements Document {
  readonly table = emptyTable();
  readonly #lines = new Map<string, number>();

  read(node: AST.TOMLKeyValue | AST.TOMLTable): void {
    if (node.type === "TOMLKeyValue") return this.#readPair(node, this.table, []);
    const [table, path] = this.#descend(this.table, [], node.key, node.kind === "array");
    for (const pair of node.body) this.#readPair(pair, table, path);
  }

  lineOf(path: KeyPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  #readPair(node: AST.TOMLKeyValue, table: Table, path: KeyPath): void {
    const names = node.key.keys;
    const parents = { ...node.key, keys: names.slice(0, -1) };
    const [parent, parentPath] = this.#descend(table, path, parents, false);
    const last = names.at(-1)!;
    const here = this.#mark([...parentPath, nameOf(last)], last);
    parent[nameOf(last)] = this.#valueOf(node.value, here);
  }

  /** Follows a dotted key, making the tables on the way; the parser has refused contradictory ones. */
  #descend(table: Table, path: KeyPath, key: AST.TOMLKey, append: boolean): [Table, KeyPath] {
    for (const [index, part] of key.keys.entries()) {
      const name = nameOf(part);
      path = this.#mark([...path, name], part);
      let next = (table[name] ??= append && index === key.keys.length - 1 ? [] : emptyTable());
      if (Array.isArray(next)) {
        if (append && index === key.keys.length - 1) next.push(emptyTable());
        path = this.#mark([...path, next.length - 1], part);
        next = next.at(-1);
      }
      table = next as Table;
    }
    return [table, path];
  }

  #valueOf(node: AST.TOMLContentNode, path: KeyPath): unknown {
    if (node.type === "TOMLValue") return node.value;
    if (node.type === "TOMLArray") {
      return node.elements.map((element, index) =>
        this.#valueOf(element, this.#mark([...path, index], element)),
      );
    }
    const table = emptyTable();
    for (const pair of node.body) this.#readPair(pair, table, path);
    return table;
  }

  #mark(path: KeyPath, node: AST.TOMLNode): KeyPath {
    const name = JSON.stringify(path);
    if (!this.#lines.has(name)) this.#lines.set(name, node.loc.start.line);
    return path;
  }
}

/** Without a prototype, so that a key named `__proto__` is a key like any other. */
function emptyTable(): Table {
  return Object.create(null) as Table;
}

function nameOf(part: AST.TOMLBare | AST.TOMLQuoted): string {
  return part.type === "TOMLBare" ? part.name : part.value;
}

function syntaxProblem(text: string, error: ParseError): SyntaxProblem {
  const line = (text.split(/\r?\n/)[error.lineNumber - 1] ?? "").replaceAll("\t", " ");
  // An unclosed text can hold a proxy's password: mask it, keeping the caret's place.
  const masked = line.replace(/:\/\/\S*@/g, (secret) => `://${"*".repeat(secret.length - 4)}@`);
  return {
    line: error.lineNumber,
    column: error.column + 1,
    reason: error.message,
    excerpt: `${masked}\n${" ".repeat(error.column)}^`,
  };
}

/** What stands at a place of a table; undefined where nothing does. */
export function valueAt(table: Table, path: KeyPath): unknown {
  return path.reduce<unknown>((value, part) => (value as Table | undefined)?.[part], table);
}

/** A table of the file, or an empty one where something else was written. */
export function tableOf(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Table)
    : {};
}
