import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Snapshot } from "../../src/backup/snapshots.ts";
import { asRoot } from "../support/engine.ts";
import { startS3Server } from "../support/s3-server.ts";
import { difference, type Scene } from "../support/scene.ts";
import { startSshServer } from "../support/ssh-server.ts";
import { writeMedia } from "../support/traces.ts";
import type { Fault } from "./fault.ts";

const stores = [
  ["ssh", startSshServer],
  ["S3", startS3Server],
] as const;

/** A snapshot goes to another host, comes back into a folder, and is missed by name once that host has lost it. */
export const storeFaults: readonly Fault[] = stores.map(([way, start]) => ({
  name: `what keeps snapshots, reached by ${way}, goes away`,
  class: "a store that goes away",
  async run(scene) {
    const { site } = scene;
    const into = (name: string) => join(site.folder, `${name}-${way}`);
    await writeMedia(site.instance, (await scene.status()).serving ?? 0, {
      "devis/a.pdf": "devis",
    });
    await writeFile(into("password"), "un-secret-de-depot\n", { mode: 0o600 });
    const store = await start(site.instance, site.folder);
    try {
      await site.configure({
        backup: 'kinds = ["dump"]',
        "backup.snapshots": `repository = "${store.location}/depot"\npassword_file = "password-${way}"\n${store.keys}`,
      });
      const before = await scene.picture();
      const { snapshot } = await site.does<{ snapshot: Snapshot }>("backup");
      await site.does("restore", snapshot.name, "--into", into("back"));
      const back = await broughtBack(scene, into("back"));
      const unchanged = difference(before, await scene.picture());
      await store.fail();
      const lost = await site.operate(["restore", snapshot.name, "--into", into("again")]);
      const { error } = lost.result as unknown as { error: { code: string } | undefined };
      return [
        ...difference(
          {
            document: "devis",
            settings: await readFile(site.repositories.settings, "utf8"),
            hasLocal: true,
            namesStore: true,
            hasDump: true,
          },
          {
            ...back,
            hasLocal: back.localBytes > 0,
            namesStore: back.configuration.includes(store.location),
            hasDump: back.backups.some((name) => name.endsWith(`-${snapshot.tag}.dump`)),
          },
        ),
        ...unchanged,
        ...difference(
          { exitCode: 1, code: "snapshotRepository" },
          { exitCode: lost.exitCode, code: error?.code },
        ),
      ];
    } finally {
      await site.configure({});
      await store.remove();
      await asRoot(site.instance, site.folder, `rm -rf back-${way} again-${way} password-${way}`);
    }
  },
}));

/** What is in the folder that a snapshot was brought back into. */
async function broughtBack({ site }: Scene, folder: string) {
  const files = ["media/devis/a.pdf", "settings/instance_settings.py", "updater.toml"];
  const script = `for file in ${files.join(" ")}; do cat $file; printf '\\f'; done; wc -c <local/config.toml; ls backups`;
  const told = await asRoot(site.instance, folder, script);
  const [document, settings, configuration = "", others = ""] = told.split("\f");
  const [localBytes, ...backups] = others.split("\n").filter(Boolean);
  return { document, settings, configuration, localBytes: Number(localBytes), backups };
}
