import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wait } from "testcontainers";
import { messageOf } from "../../src/errors.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { TestContainer } from "./container.ts";
import type { Site } from "./site.ts";
import { testImage } from "./test-image.ts";

const root = join(import.meta.dirname, "../..");

const packages = "ca-certificates cron git locales nginx-light openssl postgresql supervisor";

/** What a machine of the house has installed; BiomAid's own Python is that of its image. */
const dockerfile = (image: string) => `FROM ${image}
USER root
RUN --mount=type=bind,source=ca-bundle.crt,target=/etc/ssl/certs/ca-certificates.crt \\
    mkdir -p /etc/postgresql-common \\
 && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \\
 && apt-get update -qq \\
 && apt-get install -qq -y --no-install-recommends -o DPkg::Options::='--path-include=/usr/share/i18n/*' ${packages} >/dev/null \\
 && rm -rf /var/lib/apt/lists/* \\
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
  shell(script: string): Promise<Said>;
  remove(): Promise<void>;
}

/**
 * Starts such a machine, in a container, and waits until users can reach the site.
 * @param site whose repositories and settings it has
 * @param options.withEngine the engine of this machine is its own, which sees the site's home and the socket of its database:
 * the updater can do there all that it does on one machine
 */
export async function startBareMetal(
  site: Site,
  tag: string,
  { withEngine = false }: { readonly withEngine?: boolean } = {},
): Promise<BareMetal> {
  const { image } = await site.does<{ image: string }>("build", tag);
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
    .withEnvironment(shared === undefined ? {} : { SHARED: shared })
    .withExposedPorts(80)
    .withWaitStrategy(Wait.forLogMessage(/success: dra-gunicorn entered RUNNING/))
    .withLogConsumer((stream) => stream.on("data", (line) => said.push(String(line).trimEnd())))
    .withStartupTimeout(240_000)
    .start()
    .catch((error: unknown) => {
      throw new Error(`${messageOf(error)}:\n${said.slice(-20).join("\n")}`, { cause: error });
    });
  return {
    origin: `http://127.0.0.1:${container.getMappedPort(80)}`,
    home: join(shared ?? "/home", "production"),
    updater: async (...argv) =>
      await container.exec([join(root, "bin/updater"), ...argv], { env: { LC_ALL: "C" } }),
    shell: async (script) => await container.exec(["sh", "-c", script]),
    async remove() {
      await container.stop();
      if (shared !== undefined) await rm(shared, { recursive: true, force: true });
    },
  };
}
