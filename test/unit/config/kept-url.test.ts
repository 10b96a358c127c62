import { expect, test } from "vitest";
import { readUrl } from "../../../src/config/kept-url.ts";
import { least, useConfigurationFolder } from "../../support/configuration.ts";

const { write, load } = useConfigurationFolder();

test("a configuration may keep a URL with a secret in a file", async () => {
  write("proxy", "http://me:hunter2@proxy.example.org:3128\n");
  write("hook", "https://chat.example.org/hooks/a-token\n");
  const configuration = await load(
    `${least}[build]\nhttps_proxy_file = "proxy"\n[scheduled]\nwebhook_file = "hook"`,
  );
  expect(JSON.stringify(configuration)).not.toMatch(/hunter2|a-token/);
  expect(await readUrl(configuration.scheduled.webhook!)).toContain("a-token");
  expect(await readUrl(configuration.build.httpsProxy!)).toBe(
    "http://me:hunter2@proxy.example.org:3128",
  );
});
