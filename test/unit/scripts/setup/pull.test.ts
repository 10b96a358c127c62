import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bringBrowser, browserIn } from "../../../../scripts/setup/browser.mjs";
import { logOf } from "../../../../scripts/setup/buildkit-log.mjs";
import { outsideProject, satisfies } from "../../../../scripts/setup/deps.mjs";
import { endpointOf, probe } from "../../../../scripts/setup/engine-api.mjs";
import { bringEngine, isRecent } from "../../../../scripts/setup/engine.mjs";
import { Failure } from "../../../../scripts/setup/failure.mjs";
import { proxiesOf, recipeOf } from "../../../../scripts/setup/images.mjs";
import { consentOf, parseOptions } from "../../../../scripts/setup/options.mjs";
import { pull } from "../../../../scripts/setup/pull.mjs";
import { describe as describeFailure, languageOf, texts } from "../../../../scripts/setup/text.mjs";

const nothing = () => Promise.resolve();

describe("command line", () => {
  test("parts keep their order whatever order they are asked in", () => {
    expect(parseOptions(["--only=images,deps", "--offline"])).toEqual({
      yes: false,
      offline: true,
      quiet: false,
      browser: false,
      only: ["deps", "images"],
    });
  });

  test.each(["--onyl=deps", "--only=", "--only=deps,kernel", "deps"])("refuses %s", (option) => {
    expect(() => parseOptions([option])).toThrow(
      expect.objectContaining({ key: "unknownOption", facts: { option } }),
    );
  });

  test.each([
    [{ yes: true }, {}, false, "granted"],
    [{ yes: false }, { CI: "true" }, false, "granted"],
    [{ yes: false }, { CI: "false" }, true, "ask"],
    [{ yes: false }, {}, true, "ask"],
    [{ yes: false }, {}, undefined, "refused"],
  ])("consent: %j, environment %j, terminal %s: %s", (options, env, terminal, consent) => {
    expect(consentOf(options, env, terminal)).toBe(consent);
  });
});

describe("languages", () => {
  test.each([
    [{ LANG: "fr_FR.UTF-8" }, "fr"],
    [{ LANG: "fr_FR.UTF-8", LC_ALL: "C.UTF-8" }, "en"],
    [{ LANG: "en_GB.UTF-8", LC_MESSAGES: "fr_CH.UTF-8" }, "fr"],
    [{}, "en"],
  ])("%j: %s", (env, language) => {
    expect(languageOf(env)).toBe(language);
  });

  test("both tables have the same keys", () => {
    const keys = (table: object): unknown[] =>
      Object.entries(table).map(([key, value]) => [
        key,
        typeof value === "object" ? keys(value as object) : typeof value,
      ]);
    expect(keys(texts.fr)).toEqual(keys(texts.en));
  });

  test("something unforeseen still says what to type", () => {
    const told = describeFailure(texts.en, new TypeError("no such thing"));
    expect(told).toMatchObject({ reason: "no such thing", type: "Try again: npm run setup" });
  });
});

describe("Node packages", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b-darwin": { version: "2.0.0", optional: true },
    },
  };

  test("those of other platforms may be absent, nothing else may differ", () => {
    const a = { version: "1.0.0" };
    expect(satisfies({ packages: { "node_modules/a": a } }, lock)).toBe(true);
    expect(satisfies({ packages: {} }, lock)).toBe(false);
    expect(satisfies({ packages: { "node_modules/a": { version: "1.0.1" } } }, lock)).toBe(false);
    expect(satisfies({ packages: { "node_modules/a": a, "node_modules/c": a } }, lock)).toBe(false);
  });

  test("npm runs without this project's own commands on its path", () => {
    const env = { PATH: "/srv/x/node_modules/.bin:/usr/bin" };
    expect(outsideProject(env, "/srv/x").PATH).toBe("/usr/bin");
  });
});

describe("engine", () => {
  test.each([
    [{}, { socketPath: "/var/run/docker.sock" }],
    [
      { DOCKER_HOST: "unix:///run/user/1000/docker.sock" },
      { socketPath: "/run/user/1000/docker.sock" },
    ],
    [{ DOCKER_HOST: "tcp://engine:1234" }, { hostname: "engine", port: "1234" }],
    [{ DOCKER_HOST: "tcp://engine" }, { hostname: "engine", port: 2375 }],
  ])("%j is at %j", (env, where) => {
    expect(endpointOf(env).where).toMatchObject(where);
  });

  test("an address it cannot use is refused", () => {
    expect(() => endpointOf({ DOCKER_HOST: "ssh://somebody@engine" })).toThrow("endpointUnknown");
  });

  test.each([
    ["1.41", true],
    ["1.52", true],
    ["2.0", true],
    ["1.40", false],
    ["1.5", false],
  ])("API %s: %s", (api, recent) => {
    expect(isRecent(api)).toBe(recent);
  });

  test("an address somebody chose is never replaced by an engine of ours", async () => {
    const asked = () => Promise.reject(new Error("asked to install"));
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    await expect(bringEngine(env, asked, asked)).rejects.toMatchObject({ key: "engineSilent" });
  });
});

describe("browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const browser = join(folder, "with", "chromium");
  const told: unknown[] = [];
  const tell = (...words: unknown[]) => Promise.resolve(told.push(words[0]));

  beforeAll(() => {
    mkdirSync(join(folder, "with"));
    writeFileSync(browser, "", { mode: 0o755 });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("one that is there is used as it is", async () => {
    const path = `${join(folder, "without")}:${join(folder, "with")}`;
    expect(browserIn(path)).toBe(browser);
    await bringBrowser({ PATH: path }, tell, tell, tell);
    expect(told).toEqual([]);
  });

  test("where there is none, it is brought with consent", async () => {
    await bringBrowser({ PATH: join(folder, "without") }, tell, tell, tell);
    expect(told).toEqual(["mayInstallBrowser", "browserMissing"]);
  });

  test("a refusal is no failure: the tests can be left out", async () => {
    const refuse = () => Promise.reject(new Failure("declined"));
    const without: unknown[] = [];
    const options = parseOptions(["--browser"]);
    expect(options.browser).toBe(true);
    await bringBrowser({ PATH: "" }, nothing, refuse, (error: unknown) => without.push(error));
    expect(without).toEqual([expect.objectContaining({ key: "declined" })]);
  });
});

describe("against an engine that answers badly", () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const socketPath = join(folder, "docker.sock");
  const endpoint = { host: `unix://${socketPath}`, where: { socketPath } };
  let server: Server;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
      if (pathname === "/version") response.end('{"ApiVersion":"1.40"}');
      else if (searchParams.get("fromImage") === "silent")
        response.write('{"status":"Pulling from library/silent"}\n');
      else if (searchParams.get("fromImage") === "slow") {
        response.write('{"status":"Pulling fs layer"}\n');
        setTimeout(() => response.end('{"status":"Pull complete"}\n'), 300);
      } else if (searchParams.get("fromImage") === "broken")
        response.end('{"error":"x509: unknown authority"}\n');
      else response.writeHead(500).end('{"message":"no such host"}');
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("an engine that is too old is named so, and nothing is installed", async () => {
    await expect(probe(endpoint)).resolves.toEqual({ state: "up", api: "1.40" });
    const env = { DOCKER_HOST: endpoint.host };
    await expect(bringEngine(env, nothing, nothing)).rejects.toMatchObject({ key: "engineTooOld" });
  });

  const deadlines = { untilAnswer: 150, untilNextWord: 2000 };

  test.each([
    ["absent:1", "no such host"],
    ["broken:1", "x509: unknown authority"],
    ["silent:1", "aborted"],
  ])("pulling %s fails at once: %s", async (image, reason) => {
    await expect(pull(endpoint, image, deadlines)).rejects.toMatchObject({
      key: "engineSaid",
      facts: { reason: expect.stringContaining(reason) as string },
    });
  });

  test("a slow registry that works is waited for", async () => {
    await expect(pull(endpoint, "slow:1", deadlines)).resolves.toBeUndefined();
  });
});

describe("images", () => {
  test("a recipe changes with its files and with what it stands on", () => {
    const folder = mkdtempSync(join(tmpdir(), "setup-"));
    const file = join(folder, "Dockerfile");
    writeFileSync(file, "FROM a\n");
    const first = recipeOf([file], "below");
    expect(recipeOf([file], "below")).toBe(first);
    expect(recipeOf([file], "other")).not.toBe(first);
    writeFileSync(file, "FROM b\n");
    expect(recipeOf([file], "below")).not.toBe(first);
    rmSync(folder, { recursive: true });
  });

  test("only proxies that are set are passed on, in either case", () => {
    const env = { HTTP_PROXY: "http://a", https_proxy: "http://b", NO_PROXY: "", OTHER: "x" };
    expect(proxiesOf(env)).toEqual({ HTTP_PROXY: "http://a", https_proxy: "http://b" });
  });

  test("the log of a build is found among its other progress", () => {
    const field = (number: number, bytes: Buffer) => {
      const head = [(number << 3) | 2];
      for (let rest = bytes.length; ; rest >>>= 7) {
        head.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
        if (rest <= 0x7f) return Buffer.concat([Buffer.from(head), bytes]);
      }
    };
    const text = "E: Unable to locate package\n".repeat(10);
    const stream = Buffer.from([(3 << 3) | 0, 2]);
    const log = Buffer.concat([
      field(1, Buffer.from("sha256:1")),
      stream,
      field(4, Buffer.from(text)),
    ]);
    const aux = Buffer.concat([field(1, Buffer.from("vertex")), field(3, log)]).toString("base64");
    expect(logOf({ id: "moby.buildkit.trace", aux })).toBe(text);
    expect(logOf({ stream: "Successfully tagged" })).toBe("");
  });
});
