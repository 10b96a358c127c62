import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOf, connectEngine, type Engine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { label } from "../../src/engine/labels.ts";
import { namesOf } from "../../src/instance/names.ts";
import { filesOfImage } from "./isolation.image.ts";
import { secrets, watchSiteWithSecrets, type Watched } from "./isolation.stage.ts";

const instance = "int-isolation";
const names = namesOf(instance);
const [previousApplication, application] = [names.application(1), names.application(2)];
const database = names.database(2);

let engine: Engine;
let watched: Watched;
beforeAll(async () => {
  engine = await connectEngine();
  watched = await watchSiteWithSecrets(instance);
});
afterAll(async () => await watched?.site.remove());

/** What a shell in a running container prints, and whether its last command succeeded. */
async function shell(container: string, command: string) {
  const { status, stdout, stderr } = await execute(engine, container, ["sh", "-c", command]);
  return { succeeded: status === 0, printed: (stdout + stderr).trim() };
}

function leaksIn(text: string): string[] {
  return secrets.filter((secret) => text.includes(secret));
}

/** Whose containers the site had. */
function imagesUsed(): string[] {
  return [...new Set([...watched.containers.values()].map(({ Config }) => Config.Image))];
}

describe("a secret of the site is not in", () => {
  test("the containers and volumes, as docker inspect shows them", async () => {
    const filters = { label: [`${label.instance}=${instance}`] };
    const { Volumes } = await clientOf(engine).listVolumes({ filters });
    const networks = await clientOf(engine).listNetworks({ filters });
    expect(watched.containers.size).toBeGreaterThanOrEqual(8);
    const shown = [...watched.containers.values(), ...(Volumes ?? []), ...networks];
    expect(leaksIn(JSON.stringify(shown))).toEqual([]);
  });

  test("an image or its history", async () => {
    const programs = ["proxy", "database", "updater"].map((name) => `biomaid-updater/${name}:`);
    const releases = ["0.8.0", "0.8.1"].map((tag) => `biomaid-${instance}:${tag}-`);
    const tags = imagesUsed();
    for (const name of [...programs, ...releases]) {
      expect(tags).toContainEqual(expect.stringContaining(name));
    }
    for (const tag of tags) {
      const image = clientOf(engine).getImage(tag);
      const shown = [await image.inspect(), await image.history()];
      expect([tag, leaksIn(JSON.stringify(shown))]).toEqual([tag, []]);
    }
  });

  test("a file of an image of BiomAid; and neither is queries.log", async () => {
    const tag = imagesUsed().find((tag) => tag.includes(":0.8.0-"));
    const { names, found } = await filesOfImage(engine, tag ?? "", secrets);
    expect(found).toEqual([]);
    expect(names.length).toBeGreaterThan(1000);
    expect(names.filter((name) => name.endsWith("queries.log"))).toEqual([]);
  });

  test("the logs of the containers", async () => {
    for (const { Names } of await clientOf(engine).listContainers({
      all: true,
      filters: { label: [`${label.instance}=${instance}`] },
    })) {
      const name = Names[0]?.slice(1) ?? "";
      const log = await clientOf(engine).getContainer(name).logs({ stdout: true, stderr: true });
      expect([name, leaksIn(log.toString("latin1"))]).toEqual([name, []]);
    }
  });

  test("what the updater prints, and the logs it keeps", async () => {
    const { stdout: kept } = await watched.site.run("logs", "--operation");
    expect(kept).toContain("migrat");
    expect(leaksIn(watched.printed + kept)).toEqual([]);
  });

  test("a command line, as ps shows it", () => {
    const lines = [...watched.commandLines];
    expect(lines.some((line) => line.includes("gunicorn") || line.includes("launcher.py"))).toBe(
      true,
    );
    expect(leaksIn(lines.join("\n"))).toEqual([]);
  });

  test("the environment or a file of another container than the application's", async () => {
    for (const name of [names.proxy, database]) {
      const pattern = secrets.join("\\|");
      const search = `env | grep '${pattern}'; find / -xdev -type f -size -1M -not -path '/proc/*' -exec grep -l '${pattern}' {} + 2>/dev/null; grep -rl '${pattern}' /run/biomaid /srv 2>/dev/null; true`;
      expect([name, (await shell(name, search)).printed]).toEqual([name, ""]);
    }
  });
});

test("the application finds its secret where its settings look for it", async () => {
  const { printed } = await shell(application, "cat /run/secrets/mail");
  expect(leaksIn(printed)).toHaveLength(1);
});

describe("a database", () => {
  test("has no network", async () => {
    expect(watched.containers.get(database)?.HostConfig.NetworkMode).toBe("none");
    expect((await shell(database, "ls /sys/class/net")).printed).toBe("lo");
  });

  test("listens on no TCP port, not even for itself", async () => {
    const connect = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/5432'";
    expect((await shell(database, connect)).printed).toContain("Connection refused");
    expect(
      (await shell(database, "cat /proc/net/tcp /proc/net/tcp6 | grep -c ' 0A '")).printed,
    ).toBe("0");
  });

  test("was cloned without a network too", () => {
    expect(watched.containers.get(names.clone(2))?.HostConfig.NetworkMode).toBe("none");
  });
});

describe("an application", () => {
  test("has its own slot, database socket, configuration, media, backups and who has seen what is new, and no other volume", () => {
    const mounted = (container: string) =>
      watched.containers
        .get(container)
        ?.Mounts.map(({ Name, RW }) => `${Name}${RW ? "" : ", read-only"}`)
        .toSorted();
    const own = (generation: number) =>
      [
        names.backups,
        `${names.configuration(generation)}, read-only`,
        `${names.databaseSocket(generation)}, read-only`,
        names.media,
        names.seen,
        names.slot(generation),
      ].toSorted();
    expect(mounted(previousApplication)).toEqual(own(1));
    expect(mounted(application)).toEqual(own(2));
  });

  test("cannot reach the pointer, the state, the gate, or the socket of any other database", async () => {
    const { printed } = await shell(application, "ls /run/biomaid");
    expect(printed.split("\n")).toEqual(["db", "slot-2"]);
    const sockets = "find / -type s -not -path '/proc/*' 2>/dev/null | grep -v /tmp/; true";
    expect((await shell(application, sockets)).printed.split("\n").toSorted()).toEqual([
      "/run/biomaid/db/.s.PGSQL.5432",
      "/run/biomaid/slot-2/app.sock",
    ]);
    const files = "find / -name state.json -o -name serving -o -name docker.sock 2>/dev/null; true";
    expect((await shell(application, files)).printed).toBe("");
  });

  test("cannot change its configuration or its code", async () => {
    for (const file of [
      "/config/instance_settings.py",
      "/app/manage.py",
      "/venv/bin/python",
      "/etc/passwd",
    ]) {
      expect([file, await shell(application, `echo >> ${file}`)]).toMatchObject([
        file,
        { succeeded: false },
      ]);
    }
  });

  test("cannot make the proxy show what only the proxy sees", async () => {
    const links = [
      ["/srv/media/leak.json", "/run/biomaid/control/state.json", "/media/leak.json"],
      ["/run/biomaid/slot-2/static/leak.json", "../../control/state.json", "/static/leak.json"],
      ["/srv/media/folder", "/run/biomaid/control", "/media/folder/state.json"],
    ];
    for (const [link, target, path] of links) {
      expect(await shell(application, `ln -s ${target} ${link}`)).toMatchObject({
        succeeded: true,
      });
      const answer = await fetch(`${watched.site.origin}${path}`);
      expect([path, [403, 404].includes(answer.status)]).toEqual([path, true]);
    }
    expect((await fetch(`${watched.site.origin}/static/edition.txt`)).status).toBe(200);
  });

  test("has no tool to build anything with", async () => {
    const tools = "gcc g++ cc ld make poetry git pg_config";
    const look = `for tool in ${tools}; do command -v $tool; done; ls -d /poetry /build /usr/include/postgresql 2>/dev/null; true`;
    expect((await shell(application, look)).printed).toBe("");
  });

  test("writes queries.log into memory, where it dies with the container", async () => {
    const { printed } = await shell(
      application,
      "readlink /app/queries.log; grep ' /run/app ' /proc/mounts",
    );
    expect(printed).toMatch(/^\/run\/app\/queries\.log\ntmpfs /);
    const elsewhere =
      "find / -name 'queries.log*' -type f -not -path '/proc/*' -not -path '/run/app/*' 2>/dev/null; true";
    expect((await shell(application, elsewhere)).printed).toBe("");
  });
});

// What runs an operation acts for whoever typed the command, with their rights.
describe("every container but the operator's", () => {
  const contained = () => [...watched.containers].filter(([name]) => name !== names.operator);

  test("has a read-only root, no privileges and no way to get any", () => {
    for (const [name, { HostConfig }] of contained()) {
      expect([name, HostConfig]).toMatchObject([
        name,
        {
          ReadonlyRootfs: true,
          Privileged: false,
          CapDrop: ["ALL"],
          SecurityOpt: ["no-new-privileges"],
          PidMode: "",
          Binds: null,
        },
      ]);
    }
  });

  test("has no capability, but the shell that sets up folders and has no network", () => {
    for (const [name, { HostConfig }] of contained()) {
      const expected =
        name === names.control ? { capabilities: 3, network: "none" } : { capabilities: 0 };
      const found = {
        capabilities: HostConfig.CapAdd?.length ?? 0,
        network: HostConfig.NetworkMode,
      };
      expect([name, found]).toMatchObject([name, expected]);
    }
  });

  test("that goes on running does so as another user than root", async () => {
    for (const name of [application, database, names.proxy]) {
      const users = "cat /proc/[0-9]*/status | sed -n 's/^Uid:\\t\\([0-9]*\\).*/\\1/p' | sort -u";
      const { printed } = await shell(name, users);
      expect([name, printed.split("\n")]).toEqual([name, [expect.stringMatching(/^1000[1-4]$/)]]);
    }
  });

  test("publishes no port but the proxy's, on the configured address", () => {
    for (const [name, { HostConfig }] of watched.containers) {
      const bound = Object.values(HostConfig.PortBindings ?? {}).flat() as { HostIp: string }[];
      expect([name, bound.map(({ HostIp }) => HostIp)]).toEqual([
        name,
        name === names.proxy ? ["127.0.0.1"] : [],
      ]);
    }
  });
});
