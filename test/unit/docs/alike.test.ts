import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { layers } from "../../../oxlint.config.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { UpdaterError } from "../../../src/errors.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import { initSteps } from "../../../src/operations/init.ts";
import { restoreSteps } from "../../../src/operations/restore.ts";
import { rollbackSteps } from "../../../src/operations/rollback.ts";
import { swapSteps } from "../../../src/operations/swap.ts";
import { rehearsalSteps } from "../../../src/rehearsal/rehearse.ts";
import { Guardrails } from "../../../src/runner/guardrails.ts";
import { inOrder } from "../../../src/runner/step.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";
import { documents, firstColumn, readDocument, root, section, sessions } from "./documents.ts";

test("what is generated is up to date: pages of commands, json.md, tables and layers of architecture.md", async () => {
  const { all } = await execa(process.execPath, ["scripts/write-docs.ts", "--check"], {
    cwd: root,
    all: true,
    reject: false,
  });
  expect(all).toBe("");
});

test("developing.md says of every room what it is for, in the order of the layers", () => {
  const rooms = firstColumn(section("docs/developing.md", "## The rooms of `src`"));
  expect(rooms.slice(0, layers.flat().length)).toEqual(layers.flat());
});

test.each(Object.keys(catalogueOf("en").cli.help.details))(
  "the page of %s has an example",
  (command) => {
    const page = readDocument(`docs/commands/${command}.md`);
    expect(sessions(page).some((line) => line.includes(`updater ${command}`))).toBe(true);
  },
);

test("the page of swap has every guardrail, in the order in which they are asked", () => {
  let known: readonly string[] = [];
  try {
    void new Guardrails(["?"], { event: () => undefined });
  } catch (error) {
    known = (error as UpdaterError<"unknownGuardrail">).parameters.known;
  }
  expect(firstColumn(section("docs/commands/swap.md", "## Guardrails"))).toEqual(known);
});

/** A site that has all that brings steps of its own, but for hooks, which docs/hooks.md tells of. */
const everything = `
[source]
repository = "."
[local]
folder = "local_biomaid"
[site]
host_names = ["a.example.org"]
[jobs]
enabled = true
[backup.snapshots]
repository = "."
password_file = "instance_settings.py"
[rollback]
snapshot_media = true
[messages]
swap_banner = "Soon"
[messages.mail]
groups = ["everyone"]
[messages.whats_new]
enabled = true
[rehearse]
sanitize = "instance_settings.py"
`;

describe("the page of a command tells its steps in their order:", () => {
  const versions = { release: { tag: "0.8.1" }, serving: { tag: "0.8.0" } };
  test.each([
    ["init", () => initSteps({ dump: { kind: "archive" }, media: {} })],
    ["swap", (instance) => inOrder(swapSteps({ instance, ...versions }))],
    ["rollback", (instance) => inOrder(rollbackSteps({ instance }))],
    ["restore", (instance) => inOrder(restoreSteps({ instance }, { fixture: true, media: true }))],
    ["rehearse", (instance) => rehearsalSteps({ instance, keep: false, serving: {} })],
  ] as [string, (instance: Instance) => readonly { readonly name: string }[]][])(
    "%s",
    async (command, stepsOf) => {
      const folder = mkdtempSync(join(tmpdir(), "updater-docs-"));
      try {
        writeFileSync(join(folder, "instance_settings.py"), "", { mode: 0o600 });
        writeFileSync(join(folder, "updater.toml"), everything);
        const configuration = await loadConfiguration(join(folder, "updater.toml"));
        const names = stepsOf({ configuration } as Instance).map(({ name }) => name);
        const told = firstColumn(section(`docs/commands/${command}.md`, "## Step by step"));
        expect(told).toEqual(names);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

test("examples show steps in the words the program has for them", () => {
  const unknown = documents.flatMap((path) => {
    const steps = Object.values(
      catalogueOf(/^LISEZMOI|^docs\/fr\//.test(path) ? "fr" : "en").steps,
    );
    const shown = sessions(readDocument(path)).flatMap(
      (line) => /^[✔✖] (.+?) +[\d.,]+\s?s$/.exec(line)?.[1] ?? [],
    );
    return shown.filter((words) => !steps.includes(words)).map((words) => `${path}: ${words}`);
  });
  expect(unknown).toEqual([]);
});

test.each([
  ["docs/recovery.md", "docs/depannage.md"],
  ["docs/moving-in.md", "docs/fr/emmenager.md"],
])("%s and %s have the same commands, and the same sections", (english, french) => {
  const commands = (path: string) =>
    sessions(readDocument(path))
      .filter((line) => /^ *[$#] /.test(line))
      .map((line) => line.replace(/(?<=\S) +#.*/, "").trim());
  const sections = (path: string) => readDocument(path).match(/^#+ /gm);
  expect(commands(french)).toEqual(commands(english));
  expect(sections(french)).toEqual(sections(english));
});

test("README.md and LISEZMOI.md have the same sections, and at most 150 lines", () => {
  const [readme, lisezmoi] = ["README.md", "LISEZMOI.md"].map(readDocument);
  expect(lisezmoi?.match(/^#+ /gm)).toEqual(readme?.match(/^#+ /gm));
  for (const text of [readme, lisezmoi]) expect(text?.split("\n").length).toBeLessThanOrEqual(151);
});
