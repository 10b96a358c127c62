import { matchesGlob, resolve } from "node:path";
import { parse } from "nginx-conf";
import type { NginxParseTreeNode } from "nginx-conf/dist/src/parser.js";
import type { Bind } from "./gunicorn.ts";

/** A directive, and the file it stands in. */
interface Directive {
  readonly file: string;
  readonly name: string;
  readonly words: readonly string[];
  /** What stands between its braces. */
  readonly within: readonly Directive[];
}

/** A server of nginx that sends requests to an application. */
export interface Front {
  readonly file: string;
  /** As they are written: `443 ssl`. */
  readonly listens: readonly string[];
  readonly names: readonly string[];
  readonly tls: boolean;
  /** Where it asks an application. */
  readonly asks: readonly string[];
  /** Folders it serves files of, and where: the root of a server or place, an alias. */
  readonly folders: readonly {
    readonly at: string;
    readonly folder: string;
    readonly kind: "root" | "alias";
  }[];
}

/**
 * Servers that lead to one of these places.
 * @param dump what `nginx -T` prints
 * @param prefix relative paths are relative to it
 * @throws Error with nginx's own configuration as its subject, where it cannot be read
 */
export function frontsOf(dump: string, prefix: string, binds: readonly Bind[]): readonly Front[] {
  const all = readDump(dump, prefix);
  const http = all.filter(({ name }) => name === "http").flatMap(({ within }) => within);
  const upstreams = new Map(
    http
      .filter(({ name }) => name === "upstream")
      .map(({ words, within }) => [
        words[0] ?? "",
        namedIn(within, "server").map(([to = ""]) => to),
      ]),
  );
  return http
    .filter(({ name }) => name === "server")
    .filter((server) => {
      const targets = deep(server)
        .filter(({ name }) => name === "proxy_pass")
        .map(({ words }) => targetOf(words[0] ?? ""));
      const reached = targets.flatMap((target) => upstreams.get(target) ?? target);
      return reached.some((target) => binds.some((bind) => isSame(target, bind)));
    })
    .map(frontOf);
}

function frontOf(server: Directive): Front {
  const listens = namedIn(server.within, "listen").map((words) => words.join(" "));
  const ssl = namedIn(server.within, "ssl").some(([on]) => on === "on");
  return {
    file: server.file,
    listens: listens.length > 0 ? listens : ["80"],
    names: namedIn(server.within, "server_name").flat(),
    tls: ssl || listens.some((listen) => /\bssl\b/.test(listen)),
    folders: foldersOf(server, "/"),
    asks: deep(server).flatMap(({ name, words, within }) =>
      name === "location" && namedIn(within, "proxy_pass").length > 0 ? words.join(" ") : [],
    ),
  };
}

function foldersOf({ within }: Directive, at: string): Front["folders"] {
  return within.flatMap((directive) => {
    const { name, words } = directive;
    if (name === "root" || name === "alias") {
      return [{ at, folder: resolve("/", words[0] ?? ""), kind: name }];
    }
    return name === "location" ? foldersOf(directive, words.join(" ")) : foldersOf(directive, at);
  });
}

/** Words of the directives of a name, not of those within others. */
const namedIn = (directives: readonly Directive[], name: string) =>
  directives.filter((directive) => directive.name === name).map(({ words }) => words);

/** A directive and all within it. */
const deep = (directive: Directive): readonly Directive[] => [
  directive,
  ...directive.within.flatMap(deep),
];

/** `http://unix:/run/a.sock:/path` is `unix:/run/a.sock`, `http://127.0.0.1:8000/` is `127.0.0.1:8000`. */
function targetOf(passed: string): string {
  const [, socket] = /^https?:\/\/(unix:[^:]+)/.exec(passed) ?? [];
  return socket ?? passed.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
}

function isSame(target: string, bind: Bind): boolean {
  if (bind.kind === "socket") return target === `unix:${bind.path}`;
  const [, host = "", port = "80"] = /^(.*?)(?::(\d+))?$/.exec(target) ?? [];
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;
  const hosts =
    bind.host === "0.0.0.0" || bind.host === "::" || (local.test(host) && local.test(bind.host));
  return Number(port) === bind.port && (hosts || host === bind.host);
}

/** All of a configuration, with what it includes in its place. */
function readDump(dump: string, prefix: string): readonly Directive[] {
  const parts = dump.split(/^# configuration file (.+):$/m).slice(1);
  const texts = new Map<string, string>();
  for (let index = 0; index < parts.length; index += 2) {
    texts.set(parts[index] ?? "", parts[index + 1] ?? "");
  }
  const [first] = texts.keys();
  const read = (file: string): readonly Directive[] => {
    const root = parsed(file, texts.get(file) ?? "");
    return directivesOf(root, file, (pattern) => {
      const wanted = resolve(prefix, pattern);
      return [...texts.keys()]
        .filter((one) => one === wanted || matchesGlob(one, wanted))
        .flatMap(read);
    });
  };
  return first === undefined ? [] : read(first);
}

function parsed(file: string, text: string): NginxParseTreeNode {
  let tree: NginxParseTreeNode | undefined;
  parse(text, (error, root) => {
    if (error) throw new Error(`${file}: ${error.message}`);
    tree = root;
  });
  if (!tree) throw new Error(`${file}: unreadable`);
  return tree;
}

function directivesOf(
  node: NginxParseTreeNode,
  file: string,
  include: (pattern: string) => readonly Directive[],
): readonly Directive[] {
  return (node.children ?? []).flatMap((child) => {
    if (child.name === "include") return include(child.value);
    const within = directivesOf(child, file, include);
    return [{ file, name: child.name, words: wordsOf(child.value), within }];
  });
}

/** Words as nginx separates them, without their quotes. */
const wordsOf = (value: string): string[] =>
  (value.match(/"(?:\\.|[^"])*"|'(?:\\.|[^'])*'|\S+/g) ?? []).map((word) =>
    /^(["']).*\1$/s.test(word) ? word.slice(1, -1) : word,
  );
