import { chmod, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trusted } from "../../../src/move-in/pg-dump.ts";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "updater-pg-dump-"))));
afterEach(async () => await rm(folder, { recursive: true }));

const program = "/bin/sh";

test("a program that only root can exchange is run by its own path, whatever leads to it", async () => {
  const link = join(folder, "pg_dump");
  await symlink(program, link);

  expect(await trusted(link)).toBe(await realpath(program));
});

test("a program that others can exchange is not run, nor one that is missing", async () => {
  const own = join(folder, "pg_dump");
  await writeFile(own, "");
  await chmod(own, 0o755);

  // Its folder stands where everybody may put files.
  expect(await trusted(own)).toBeUndefined();
  expect(await trusted(join(folder, "none"))).toBeUndefined();
});
