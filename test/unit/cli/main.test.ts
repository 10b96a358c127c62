import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";

describe("the program", () => {
  const updater = async (...argv: readonly string[]) => {
    const program = join(import.meta.dirname, "../../../bin/updater");
    const { exitCode, stdout, stderr } = await execa(program, argv, {
      reject: false,
      // No engine is there, so that nobody waits for it.
      env: { LC_ALL: "fr_FR.UTF-8", DOCKER_HOST: "unix:///nowhere" },
    });
    return { exitCode, stdout, stderr };
  };

  test("help is a result: standard output, exit code 0", async () => {
    expect(await updater("--help")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Codes de sortie"),
      stderr: "",
    });
  });

  test("a mistyped command says what was meant, exit code 2, no stack", async () => {
    const { exitCode, stdout, stderr } = await updater("swpa", "0.8.1");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.replaceAll("\u00a0", " ")).toBe(
      "Erreur : La commande « swpa » n’existe pas.\n" +
        "Ensuite : Vouliez-vous dire swap ? Sinon : updater --help",
    );
  });

  test("an unknown language is refused", async () => {
    expect(await updater("--lang", "de", "status")).toMatchObject({ exitCode: 2 });
  });

  test.each([["status"], ["doctor"]])(
    "%s --verbose shows an error without what would command a terminal",
    async (command) => {
      const nowhere = "/nowhere\u001B[2J";
      const { exitCode, stderr } = await updater("--config", nowhere, command, "--verbose");
      expect(exitCode).not.toBe(0);
      expect(stderr).toMatch(/at .*\.ts:\d+/);
      expect(stderr).not.toContain("\u001B");
    },
  );

  test("what is after -- belongs to the command", async () => {
    const { stderr } = await updater("--config", "/nowhere", "exec", "--", "x", "--lang", "de");
    expect(stderr).toContain("/nowhere");
  });
});
