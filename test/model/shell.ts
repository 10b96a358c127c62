import { readFileSync } from "node:fs";
import { clientOf, type Engine } from "../../src/engine/connect.ts";
import { world } from "./world.ts";

const textOf = (path: string) =>
  readFileSync(new URL(`../../src/${path}`, import.meta.url), "utf8");

/** Scripts that only look. */
const capacity = ["capacity.sh", textOf("proxy/capacity.sh")] as const;
const queue = ["queue.sh", textOf("proxy/queue.sh")] as const;

const decoded = (text: string) => Buffer.from(text, "base64").toString("utf8");
const slotOf = (path: string) => Number(/slot-(\d+)/.exec(path)?.[1]);
const fileOf = (folder: string, name: string) => `${folder.split("/").at(-1)}/${name}`;

type Arguments = readonly string[];

/** What each of the updater's scripts does to the world. */
const scripts = new Map<string, (argv: Arguments) => string>([
  [
    textOf("proxy/point.sh"),
    ([pointer = "", target = ""]) => {
      world().data.links.set(pointer.split("/").at(-1)!, target);
      return "";
    },
  ],
  [
    textOf("proxy/drain.sh"),
    () => {
      world().answer();
      return "0 3";
    },
  ],
  [
    textOf("instance/place-file.sh"),
    ([folder = "", file = "", content = ""]) => {
      world().data.files.set(fileOf(folder, file), decoded(content));
      return "";
    },
  ],
  [textOf("instance/keep-file.sh"), () => ""],
  [
    textOf("instance/prepare-slot.sh"),
    ([slot = ""]) => {
      world().data.heldBack.add(slotOf(slot));
      return "";
    },
  ],
  [
    textOf("instance/media.sh"),
    ([command = "", , number = "", from = ""]) => {
      const { mediaCopies, fetching } = world().data;
      if (command === "exists") return mediaCopies.has(number) ? "yes" : "";
      if (command === "take" || command === "begin_foreign") mediaCopies.add(number);
      if (command === "remove" && number === "-1" && fetching)
        throw new Error("rm: cannot remove: Directory not empty");
      if (command === "remove") mediaCopies.delete(number);
      // What is replaced is kept for the version that is left.
      if (command === "restore") mediaCopies.add(from);
      if (command === "remove_restored") mediaCopies.delete(from);
      return "";
    },
  ],
  [textOf("instance/own-slots.sh"), () => ""],
  ['chown "$1" "$2"', () => ""],
  ['chown "$1" "$2" && chmod "$3" "$2"', () => ""],
  [
    textOf("instance/clear-journal.sh"),
    ([, id = ""]) => {
      const { files } = world().data;
      if (files.get("control/journal.json")?.includes(`"${id}"`))
        files.delete("control/journal.json");
      return "";
    },
  ],
  [textOf("backup/clear-drafts.sh"), () => ""],
  [
    'find "$1" -mindepth 1 -delete',
    ([folder = ""]) => {
      world().data.heldBack.delete(slotOf(folder));
      return "";
    },
  ],
  ['find "$@" -mindepth 1 -print -quit', () => ""],
  [
    textOf("instance/hold-back.sh"),
    ([slot = ""]) => {
      world().data.heldBack.add(slotOf(slot));
      return "";
    },
  ],
  [
    'if [ -S "$1" ] && [ -S "$2" ]; then echo yes; fi',
    () => (world().ofRole("gate")?.state === "running" ? "yes" : ""),
  ],
  [
    'readlink "$1" || test ! -e "$1"',
    ([pointer = ""]) => world().data.links.get(pointer.split("/").at(-1)!) ?? "",
  ],
  [
    'cat "$1" 2>/dev/null || true',
    ([path = ""]) => world().data.files.get(path.split("/").slice(-2).join("/")) ?? "",
  ],
]);

/** Of an exec or an attached container: it ends with that container. */
export class ModelShell {
  readonly #container: string;
  readonly #restarts = world().restarts;
  #previous: Promise<unknown> = Promise.resolve();

  constructor(session: { readonly container: string }) {
    this.#container = session.container;
  }

  async run(script: string, ...argv: Arguments): Promise<string> {
    const known = scripts.get(script);
    if (!known) throw new Error(`the model does not know this script: ${script}`);
    const name = [/([\w-]+\.sh) /.exec(script)?.[1] ?? script, ...argv].join(" ").slice(0, 90);
    const reads = /^(readlink|cat|if) /.test(script);
    // One after the other, as in a shell.
    const result = this.#previous.then(
      async () =>
        await world().effect(name, reads ? "read" : "write", () => {
          if (this.#isBroken() || world().find(this.#container)?.state !== "running")
            throw new Error("the shell ended");
          return known(argv);
        }),
    );
    this.#previous = result.catch(() => undefined);
    return await result;
  }

  #isBroken(): boolean {
    return this.#restarts !== world().restarts;
  }

  /** Commands still queued are run first. */
  async close(): Promise<void> {
    await this.#previous;
    if (world().dead || this.#isBroken()) return;
    const container = world().find(this.#container);
    if (container?.attached) world().stop(container);
  }
}

export async function startShell(engine: Engine, id: string): Promise<ModelShell> {
  await clientOf(engine).getContainer(id).start();
  return new ModelShell({ container: id });
}

/** A program in a container; what it is decides what is asked of it. */
export async function openSession(engine: Engine, container: string) {
  void engine;
  return await world().effect(`exec in ${container}`, "read", () => {
    if (world().find(container)?.state !== "running") throw new Error(`${container} does not run`);
    return { container };
  });
}

export async function execute(
  engine: Engine,
  container: string,
  [program, ...argv]: readonly string[],
) {
  void engine;
  const script = [capacity, queue].find(([, text]) => argv.includes(text));
  const name = `${script ? script[0] : `${program} ${argv.join(" ")}`} in ${container}`;
  const kind = program === "pg_isready" || script ? "read" : "write";
  return await world().effect(name, kind, () => {
    const running = world().find(container)?.state === "running";
    if (running && program === "rm") {
      const number = Number(/\/replication\/g(-?\d+)$/.exec(argv.at(-1) ?? "")?.[1]);
      world().data.replicationFolders.delete(number);
    }
    // All who were held are sent on in one moment.
    const stdout = script === queue ? "0 0 0" : script === capacity ? "25600\n20000" : "";
    return { status: running ? 0 : 1, stdout, stderr: "" };
  });
}
