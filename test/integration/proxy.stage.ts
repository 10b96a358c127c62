import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type StartedTestContainer, Wait } from "testcontainers";
import { connectEngine, type Engine } from "../../src/engine/connect.ts";
import { openSession } from "../../src/engine/exec.ts";
import { label } from "../../src/engine/labels.ts";
import { SessionShell } from "../../src/engine/shell.ts";
import { ensureOwnImage } from "../../src/build/own-images.ts";
import { scriptBeside } from "../../src/lib/script.ts";
import { drain } from "../../src/proxy/drain.ts";
import { gateTarget, pointAt, pointers } from "../../src/proxy/pointer.ts";
import { TestContainer } from "../support/container.ts";
import type { LookUp } from "../support/ledger.ts";

const drainScript = scriptBeside(import.meta.url, "../../src/proxy/drain.sh");
const labels = { [label.role]: "proxy", "biomaid-updater.test": "proxy" };
const programs = {
  application: fileURLToPath(new URL("./proxy.application.ts", import.meta.url)),
  workers: fileURLToPath(new URL("./proxy.workers.pl", import.meta.url)),
  gate: fileURLToPath(new URL("../../src/gate/main.ts", import.meta.url)),
};

export type Slot = 1 | 2;

/**
 * The real proxy in a container, before gates and stand-in applications that run on this machine and
 * share a folder of sockets with it.
 */
export class Stage {
  readonly origin: string;
  /** The same past the port that is published, and the engine's program that forwards it. */
  readonly direct: string;
  readonly folder: string;
  /** In the folder of pointers. */
  readonly control: SessionShell;
  /** In the network namespace of the proxy. */
  readonly proxy: SessionShell;
  readonly engine: Engine;
  /** The proxy's container. */
  readonly container: string;
  readonly #image: string;
  readonly #started: AsyncDisposableStack;
  readonly #processes = new Set<ChildProcess>();
  readonly #workers = new Set<StartedTestContainer>();

  private constructor(
    where: Pick<
      Stage,
      "origin" | "direct" | "folder" | "control" | "proxy" | "engine" | "container"
    >,
    image: string,
    started: AsyncDisposableStack,
  ) {
    this.origin = where.origin;
    this.direct = where.direct;
    this.engine = where.engine;
    this.container = where.container;
    this.#image = image;
    this.folder = where.folder;
    this.control = where.control;
    this.proxy = where.proxy;
    this.#started = started;
  }

  static async open(): Promise<Stage> {
    const engine = await connectEngine();
    const environment = { caBundle: undefined, proxies: {} };
    const image = await ensureOwnImage(engine, "proxy", environment, { event() {} });
    const folder = await mkdtemp(join(tmpdir(), "biomaid-proxy-"));
    await using started = new AsyncDisposableStack();
    started.defer(async () => await rm(folder, { recursive: true, force: true }));
    await furnish(folder);
    const server = started.use(await startProxy(image, folder));
    const shellIn = async (container: StartedTestContainer): Promise<SessionShell> =>
      new SessionShell(await openSession(engine, container.getId(), ["sh"]));
    const where = {
      origin: `http://127.0.0.1:${server.getMappedPort(8080)}`,
      direct: `http://${server.getIpAddress("bridge")}:8080`,
      folder,
      engine,
      container: server.getId(),
      control: await shellIn(started.use(await startControl(image, folder))),
      proxy: await shellIn(server),
    };
    return new Stage(where, image, started.move());
  }

  async close(): Promise<void> {
    await this.killEverything();
    await this.#started.disposeAsync();
  }

  async startApplication(name: string, slot: Slot): Promise<ChildProcess> {
    return await this.#start(programs.application, [name, this.socketOf(slot), this.#ledger], {});
  }

  /** An application that answers as many requests at once as it has processes. */
  async startWorkers(
    slot: Slot,
    { workers, milliseconds }: { readonly workers: number; readonly milliseconds: number },
  ): Promise<StartedTestContainer> {
    const path = this.socketOfWorkers(slot);
    const ledger = "/run/biomaid/executed";
    const started = await new TestContainer(this.#image, labels)
      .withUser("0")
      .withNetworkMode("none")
      .withBindMounts([
        { source: this.folder, target: "/run/biomaid" },
        { source: programs.workers, target: "/workers.pl", mode: "ro" },
      ])
      .withEntrypoint(["perl", "/workers.pl", path, String(workers), String(milliseconds), ledger])
      .withWaitStrategy(Wait.forLogMessage("ready"))
      .start();
    this.#workers.add(started);
    return started;
  }

  /** Where they are seen in the proxy. */
  socketOfWorkers(slot: Slot): string {
    return `/run/biomaid/slot-${slot}/app.sock`;
  }

  /** Paths of the requests that workers have begun, in that order. */
  async executed(): Promise<readonly string[]> {
    return (await readFile(join(this.folder, "executed"), "utf8")).trim().split("\n");
  }

  /** Path of an application's socket as the application binds it. */
  socketOf(slot: Slot): string {
    return join(this.folder, `slot-${slot}`, "app.sock");
  }

  /** Path of a gate's socket as the gate binds it. */
  socketOfGate(folder: "gate" | "gate-b" = "gate"): string {
    return join(this.folder, folder, "app.sock");
  }

  /** Waits until so many requests have come to a socket and are not answered. */
  async untilThere(socket: string, requests: number): Promise<void> {
    const look = async () => await this.proxy.run(drainScript, socket, "1", "1", "0");
    while (Number((await look()).split(" ")[0]) < requests) await pause(10);
  }

  async startGate(
    socket: "app.sock" | "app2.sock",
    { holdMax = 60_000, mostHeld = 10_000, workers = 3, folder = "gate", expectedHold = "" } = {},
  ): Promise<ChildProcess> {
    return await this.#start(programs.gate, [], {
      GATE_SOCKET: join(this.folder, folder, socket),
      GATE_POINTER: join(this.folder, "control/serving"),
      GATE_HOLD_MAX: String(holdMax),
      GATE_MOST_HELD: String(mostHeld),
      GATE_WORKERS: String(workers),
      GATE_EXPECTED_HOLD: expectedHold,
    });
  }

  async pointTo(target: Slot | "gate" | "gate-b"): Promise<void> {
    const path =
      target === "gate"
        ? gateTarget
        : `../${typeof target === "number" ? `slot-${target}` : target}`;
    await pointAt(this.control, pointers.serving, path, { durable: false });
  }

  async drain(slot: Slot, limitMs = 30_000): Promise<void> {
    await drain(this.proxy, this.socketOf(slot), { limitMs });
  }

  readonly lookUp: LookUp = async (prefix) => {
    const lines = (await readFile(this.#ledger, "utf8")).split("\n");
    return lines
      .filter((line) => line.startsWith(prefix))
      .map((line) => {
        const [key = "", sha256] = line.split(" ");
        return { key, sha256 };
      });
  };

  async killEverything(): Promise<void> {
    await Promise.all([...this.#processes].map(kill));
    await Promise.all([...this.#workers].map(async (one) => await one.stop({ timeout: 0 })));
    this.#workers.clear();
    await rm(join(this.folder, "executed"), { force: true });
  }

  get #ledger(): string {
    return join(this.folder, "ledger");
  }

  async #start(
    program: string,
    parameters: readonly string[],
    environment: Record<string, string>,
  ): Promise<ChildProcess> {
    const child = spawn(process.execPath, [program, ...parameters], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#processes.add(child);
    child.once("exit", () => this.#processes.delete(child));
    const first = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
    if (String(first[0]).trim() !== "ready") throw new Error(`${program} did not start`);
    return child;
  }
}

/** kill -9, and waits until the process is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function furnish(folder: string): Promise<void> {
  // mkdtemp makes it 0700; nginx is somebody else.
  await chmod(folder, 0o755);
  for (const name of ["control", "gate", "gate-b", "slot-1/static", "slot-2/static", "media"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, "slot-1/static/site.css"), "one");
  await writeFile(join(folder, "slot-2/static/site.css"), "two");
  await writeFile(join(folder, "media/quotation.pdf"), "a quotation");
  await writeFile(join(folder, "ledger"), "");
  await symlink("../slot-1/static", join(folder, "control/static"));
}

async function startProxy(image: string, folder: string): Promise<StartedTestContainer> {
  const answers = Wait.forHttp("/", 8080).forStatusCodeMatching(() => true);
  return await new TestContainer(image, labels)
    .withReadonlyRoot()
    .withDroppedCapabilities("ALL")
    .withSecurityOpt("no-new-privileges")
    .withTmpFs({ "/run/nginx": "" })
    .withBindMounts([
      { source: folder, target: "/run/biomaid", mode: "ro" },
      { source: join(folder, "media"), target: "/srv/media", mode: "ro" },
    ])
    .withExposedPorts(8080)
    .withWaitStrategy(answers.withReadTimeout(200))
    .start();
}

async function startControl(image: string, folder: string): Promise<StartedTestContainer> {
  return await new TestContainer(image, labels)
    .withUser("0")
    .withEntrypoint(["sleep", "infinity"])
    .withNetworkMode("none")
    .withBindMounts([{ source: folder, target: "/run/biomaid" }])
    .start();
}
