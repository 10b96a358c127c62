import { expect, test } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { runBuild } from "../../src/build/run-build.ts";
import { tarOf } from "../../src/lib/tar.ts";
import { baseImage } from "../../src/build/own-images.ts";

/** The reason of a build whose only command prints these lines and fails. */
async function reasonOf(lines: readonly string[]): Promise<string> {
  const command = `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")}; exit 1`;
  const dockerfile = `FROM ${baseImage}\nRUN ${command}\n`;
  const context = tarOf((files) => files.add({ name: "Dockerfile" }, dockerfile));
  const options = { tag: "biomaid-updater-test/fails", labels: {} };
  return await runBuild(await connectEngine(), context, options, { event() {} }).then(
    () => expect.fail("it should have failed"),
    (error: Error) => error.message,
  );
}

test("a package that does not compile is told with the compiler's words", async () => {
  const reason = await reasonOf([
    "  Running setup.py install for python-ldap: started",
    "      Modules/constants.h:9:10: fatal error: lber.h: No such file or directory",
    "      compilation terminated.",
    "error: legacy-install-failure",
    "note: This is an issue with the package mentioned above, not pip.",
  ]);
  expect(reason).toBe(
    "Modules/constants.h:9:10: fatal error: lber.h: No such file or directory – error: legacy-install-failure",
  );
});

test("a release that is not there is told with pip's last word on it", async () => {
  const reason = await reasonOf([
    "ERROR: Could not find a version that satisfies the requirement django==99.9",
    "ERROR: No matching distribution found for django==99.9",
  ]);
  expect(reason).toBe("ERROR: No matching distribution found for django==99.9");
});
