import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wait } from "testcontainers";
import { messageOf } from "../../src/errors.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import type { Death } from "./death.ts";
import { TestContainer } from "./container.ts";
import { installMajor, type Major } from "./postgres-majors.ts";
import type { Site } from "./site.ts";
import { testImage } from "./test-image.ts";

const root = join(import.meta.dirname, "../..");

/** Of its PostgreSQL, where it is not to be Debian 12's. */
const major = process.env["POSTGRES_MAJOR"];
const packages = `ca-certificates cron git locales nginx-light openssl ${major === undefined ? "postgresql " : ""}supervisor`;
const postgres = major === undefined ? "true" : installMajor(Number(major) as Major);

/** What a machine of the house has installed; BiomAid's own Python is that of its image. */
const dockerfile = (image: string) => `FROM ${image}
USER root
RUN --mount=type=bind,source=ca-bundle.crt,target=/etc/ssl/certs/ca-certificates.crt \\
    mkdir -p /etc/postgresql-common \\
 && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \\
 && echo "path-include /usr/share/i18n/*" >/etc/dpkg/dpkg.cfg.d/locales \\
 && apt-get update -qq \\
 && apt-get install -qq -y --no-install-recommends ${packages} >/dev/null \\
 && rm -rf /var/lib/apt/lists/* \\
 && ${postgres} \\
 && sed -i 's/# fr_FR.UTF-8/fr_FR.UTF-8/' /etc/locale.gen && locale-gen >/dev/null
`;

interface Said {
  readonly exitCode: number;
  readonly output: string;
}

/** A machine with a BiomAid that was installed by hand. */
export interface BareMetal {
  /** Where its nginx answers. */
  readonly origin: string;
  /** The site's home. */
  readonly home: string;
  /** The updater of this checkout, typed there by root. */
  updater(...argv: readonly string[]): Promise<Said>;
  /** The same, which kills itself at a moment (`dying-updater.ts`). */
  dies(death: Death, ...argv: readonly string[]): Promise<Said>;
  shell(script: string): Promise<Said>;
  /** A program of the site's virtual environment, as its user and in its sources. */
  asSite(argv: readonly string[]): Promise<Said>;
  /** Lets nginx ask for media and static files as for pages. */
  askForFiles(): Promise<void>;
  /** Changes files of nginx. It cuts idle connections of before: nobody is to ask by one of these. */
  changeNginx(script: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Starts such a machine, in a container, and waits until users can reach the site.
 * @param site whose repositories and settings it has
 * @param options.withEngine the engine of this machine is its own, which sees the site's home and the socket of its database:
 * the updater can do there all that it does on one machine
 * @param options.byHand somebody has started its gunicorn, and no service does
 */
export async function startBareMetal(
  site: Pick<Site, "instance" | "folder" | "repositories"> & {
    /** The updater, as it is typed where there is a way to package indexes. */
    does(this: void, command: "build", tag: string): Promise<unknown>;
  },
  tag: string,
  {
    withEngine = false,
    byHand = false,
  }: { readonly withEngine?: boolean; readonly byHand?: boolean } = {},
): Promise<BareMetal> {
  // BiomAid's own Python, with all that this version needs.
  const { image } = (await site.does("build", tag)) as { image: string };
  const { repositories, folder } = site;
  const shared = withEngine ? await mkdtemp(join(tmpdir(), "biomaid-bare-metal-")) : undefined;
  if (shared !== undefined) await chmod(shared, 0o755);
  const install = join(root, "test/fixtures/bare-metal/install.sh");
  const mounts = [
    [root, root],
    [install, "/install.sh"],
    [repositories.biomaid, "/repositories/biomaid"],
    [repositories.local, "/repositories/local"],
    [repositories.settings, "/repositories/instance_settings.py"],
  ] as const;
  const ofOneMachine = [shared, folder, ...Object.values(repositories), "/var/run/docker.sock"];
  const said: string[] = [];
  const container = await new TestContainer(
    await testImage("bare-metal", dockerfile(image)),
    // The instance that comes to stand in front of it is not its machine.
    labelsOf(`${site.instance}-machine`, "scratch"),
  )
    .withUser("root")
    // Root of a machine sees in which folder a process runs; root of a container does not.
    .withAddedCapabilities("SYS_PTRACE")
    .withEntrypoint(["/install.sh", tag])
    .withBindMounts([
      ...mounts.map(([source, target]) => ({ source, target, mode: "ro" as const })),
      ...(shared === undefined ? [] : ofOneMachine).flatMap((path) =>
        path === undefined ? [] : [{ source: path, target: path }],
      ),
    ])
    .withEnvironment({
      ...(shared !== undefined && { SHARED: shared }),
      ...(byHand && { BY_HAND: "1" }),
    })
    .withExposedPorts(80)
    .withWaitStrategy(Wait.forLogMessage(/success: dra-gunicorn entered RUNNING/))
    .withLogConsumer((stream) => stream.on("data", (line) => said.push(String(line).trimEnd())))
    .withStartupTimeout(900_000)
    .start()
    .catch((error: unknown) => {
      throw new Error(`${messageOf(error)}:\n${said.slice(-20).join("\n")}`, { cause: error });
    });
  const home = join(shared ?? "/home", "production");
  const shell = async (script: string) => await container.exec(["sh", "-c", script]);
  const changeNginx = async (script: string) => {
    const { exitCode, output } = await shell(`
      set -e
      ${script}
      before=$(grep -ls "nginx: [w]orker process" /proc/[0-9]*/cmdline)
      nginx -t && nginx -s reload
      for worker in $before; do while [ -e "$worker" ]; do sleep 0.1; done; done`);
    if (exitCode !== 0) throw new Error(output);
  };
  return {
    origin: `http://127.0.0.1:${container.getMappedPort(80)}`,
    home,
    updater: async (...argv) =>
      await container.exec([join(root, "bin/updater"), ...argv], { env: { LC_ALL: "C" } }),
    dies: async ({ at = "", after }, ...argv) =>
      await container.exec(
        [process.execPath, join(root, "test/support/dying-updater.ts"), ...argv],
        {
          env: {
            LC_ALL: "C",
            DIE_AT: at,
            ...(after !== undefined && { DIE_AFTER: String(after) }),
          },
        },
      ),
    shell,
    asSite: async (argv) =>
      await container.exec(
        ["setpriv", "--reuid=production", "--regid=production", "--init-groups", ...argv],
        {
          workingDir: join(home, "biomaid"),
          env: { HOME: home, LC_ALL: "C.UTF-8", PATH: "/venv/bin:/usr/bin:/bin" },
        },
      ),
    changeNginx,
    askForFiles: async () =>
      await changeNginx(
        `sed -i -E 's#(location /(static|media)) .*#\\1 { proxy_pass http://unix:${home}/biomaid.sock; }#' /etc/nginx/sites-enabled/production.conf`,
      ),
    async remove() {
      await container.stop();
      if (shared !== undefined) await rm(shared, { recursive: true, force: true });
    },
  };
}
