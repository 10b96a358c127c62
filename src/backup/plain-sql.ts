import { Readable } from "node:stream";

const name = String.raw`("(?:[^"]|"")+"|[^\s"';]+)`;

/**
 * Statements in the SQL of pg_dump that mean nothing in a site's database, or that its role may not run, by how they begin;
 * `pg_restore` leaves the same ones out of an archive where it is told to.
 */
const elsewhere = {
  /** Everything belongs to the application's role. */
  owner: new RegExp(String.raw`^ALTER .* OWNER TO ${name};\s*$`),
  rights: /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\s/,
  /** With `pg_dump --create`: the site's database is there, and has a name of its own. */
  database: /^((CREATE|ALTER|DROP|COMMENT ON) DATABASE\s|ALTER ROLE .* IN DATABASE\s|\\connect\s)/,
  /** Nobody but a superuser may say what PostgreSQL's own are about; pg_dump of 10 and older tries. */
  extension: /^COMMENT ON EXTENSION\s/,
  replication: /^(CREATE|ALTER|DROP|COMMENT ON) (PUBLICATION|SUBSCRIPTION)\s/,
  /** Places and settings of a server that is another one, perhaps newer or older. */
  server: /^SET (default_tablespace|transaction_timeout|default_with_oids) = /,
} as const;

/** A word, or what opens a text, a quoted name, a comment or a function's body. */
const token =
  /[a-z_\x80-\xff][\w$\x80-\xff]*'?|'|"|--|\/\*|\$(?:[a-z_\x80-\xff][\w\x80-\xff]*)?\$|[^\s]/gi;

/** What a line of SQL is: one to keep, the first of a statement to leave out (with its kind), or a later one of it. */
type Verdict = "kept" | "left out" | keyof typeof elsewhere;

/** Reads SQL line by line, and knows where a statement begins: a text or a function may hold lines that look like one. */
class Statements {
  /** What may end the text, name, comment or body that is open, and how many comments are in each other. */
  #open: RegExp | undefined;
  #depth = 0;
  #begun = false;
  #leftOut = false;
  #backslashes = false;
  /** Rows come, up to a line with a backslash and a dot. */
  inRows = false;
  /** The end was there. */
  ended = false;

  /** @param line with the end it has */
  read(line: string): Verdict {
    if (this.inRows) {
      this.inRows = !/^\\\.\r?\n?$/.test(line);
      return "kept";
    }
    const begins = !this.#begun && this.#open === undefined;
    const kind = begins ? kindOf(line) : undefined;
    // A command of psql's is over at the end of its line.
    if (begins && line.startsWith("\\")) return kind ?? "kept";
    this.#leftOut ||= kind !== undefined;
    const leftOut = this.#leftOut;
    this.#scan(line);
    if (!this.#begun && this.#open === undefined) this.#leftOut = false;
    if (begins) {
      this.ended ||= line.trimEnd() === end;
      this.#backslashes ||= line.startsWith("SET standard_conforming_strings = off;");
      this.inRows = /^COPY .* FROM stdin;\s*$/.test(line);
    }
    return kind ?? (leftOut ? "left out" : "kept");
  }

  #scan(line: string): void {
    let at = 0;
    for (;;) {
      const wanted = this.#open ?? token;
      wanted.lastIndex = at;
      const found = wanted.exec(line)?.[0];
      if (found === undefined || (!this.#open && found === "--")) return;
      at = wanted.lastIndex;
      if (!this.#open) this.#begin(found);
      else if (found === "/*") this.#depth++;
      // What a backslash takes its meaning from ends nothing.
      else if (!found.startsWith("\\") && --this.#depth === 0) this.#open = undefined;
    }
  }

  #begin(found: string): void {
    this.#depth = 1;
    if (found === "/*") this.#open = /\/\*|\*\//g;
    else this.#begun = found !== ";";
    // A doubled one ends a text and begins another, which comes to the same.
    if (found === '"') this.#open = /"/g;
    if (found.endsWith("'")) {
      this.#open = this.#backslashes || /^e'$/i.test(found) ? /\\.|'/gs : /'/g;
    }
    if (/^\$.*\$$/.test(found)) this.#open = new RegExp(RegExp.escape(found), "g");
  }
}

function kindOf(line: string): keyof typeof elsewhere | undefined {
  for (const [kind, pattern] of Object.entries(elsewhere)) {
    if (pattern.test(line)) return kind as keyof typeof elsewhere;
  }
  return undefined;
}

/** What pg_dump, and pg_restore too, writes at the end: what psql is given breaks off without a word otherwise. */
const end = "-- PostgreSQL database dump complete";

/** What was left out that somebody may miss. */
export interface LeftOut {
  /** Roles that had rights where the dump was made. */
  readonly roles: Set<string>;
  /** Settings of the database there: `work_mem TO '64MB'`. */
  readonly settings: Set<string>;
}

/**
 * The SQL of pg_dump, to the byte, without the statements that have no place in a site's database.
 * @param leftOut is told what somebody may miss
 * @param breaksOff what its reader gets in the place of an end where it has none
 */
export function sqlForSite(sql: Readable, leftOut: LeftOut, breaksOff: () => unknown): Readable {
  return Readable.from(filtered(sql, leftOut, breaksOff), { objectMode: false });
}

async function* filtered(
  sql: Readable,
  leftOut: LeftOut,
  breaksOff: () => unknown,
): AsyncGenerator<Buffer> {
  const statements = new Statements();
  const isKept = (line: Buffer) => {
    if (statements.inRows && line.length > String.raw`\.`.length + 2) return true;
    // A letter a byte, whatever it is encoded in.
    const verdict = statements.read(line.toString("latin1"));
    if (verdict === "rights" || verdict === "database") note(line.toString("utf8"), leftOut);
    return verdict === "kept";
  };
  let begun: Buffer[] = [];
  for await (const chunk of sql as AsyncIterable<Buffer>) {
    const kept: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end + 1)]);
      if (isKept(line)) kept.push(line);
      begun = [];
      from = end + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
    if (kept.length > 0) yield Buffer.concat(kept);
  }
  const last = Buffer.concat(begun);
  if (last.length > 0 && isKept(last)) yield last;
  if (!statements.ended) throw breaksOff();
}

const grantee = new RegExp(
  String.raw`^(?:GRANT|ALTER DEFAULT PRIVILEGES) .*\sTO ${name}(?: WITH GRANT OPTION)?;\s*$`,
);
const databaseSetting = /^ALTER (?:DATABASE|ROLE) .+ SET (.+);\s*$/;

function note(line: string, { roles, settings }: LeftOut): void {
  const role = grantee.exec(line)?.[1];
  if (role !== undefined && role !== "PUBLIC") roles.add(role);
  const setting = databaseSetting.exec(line)?.[1];
  if (setting !== undefined) settings.add(setting);
}
