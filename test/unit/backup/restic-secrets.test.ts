import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { secretsOf } from "../../../src/backup/restic-secrets.ts";
import type { SnapshotPolicy } from "../../../src/config/configuration.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "restic-secrets-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function passwordOf(content: Buffer): Promise<string> {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, content);
  const policy = { place: "folder", repository: "/depot", passwordFile } as SnapshotPolicy;
  const files = new Map(await secretsOf(policy, "/repository", undefined));
  return Buffer.from(files.get("/run/secrets/password") ?? "").toString("hex");
}

test.each([
  ["UTF-8", Buffer.from(" dépôt à \r\n"), Buffer.from("dépôt à")],
  ["Latin-1", Buffer.from("d\xe9p\xf4t\xa0\n", "latin1"), Buffer.from("d\xe9p\xf4t\xa0", "latin1")],
  ["UTF-8 with a mark", Buffer.from("\ufeffdépôt\n"), Buffer.from("dépôt")],
  ["UTF-16", Buffer.from("\ufeffdépôt\r\n", "utf16le"), Buffer.from("dépôt")],
])(
  "a password in %s opens what restic by itself opens with the same file",
  async (_, file, password) => {
    expect(await passwordOf(file)).toBe(password.toString("hex"));
  },
);
