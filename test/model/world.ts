import { Clock, useClock } from "./clock.ts";

/** How one effect goes wrong. */
const faultKinds = [
  /** It is refused, and nothing has happened. */
  "fails",
  /** It has happened, and is reported as failed: a connection that broke. */
  "fails-after",
  /** The updater dies before, or after it. */
  "dies",
  "dies-after",
  /** Ctrl-C while it is under way; it takes a moment. */
  "interrupted",
  /** The same, and it takes a minute. */
  "interrupted-slow",
  /** It takes longer than users may wait; it ends soon after, or a minute later. */
  "slow",
  "very-slow",
  /** The engine is restarted while containers live on: every connection breaks, and nothing ends with its own. */
  "engine-restarts",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** What goes wrong at the effect of this number, counted from the beginning of the history. */
export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
}

/** What changes something; what only reads, which a database may take long for. */
export type EffectKind = "write" | "query" | "read";

/** How an effect of each kind can go wrong. */
export const faultsOf: Readonly<Record<EffectKind, readonly FaultKind[]>> = {
  write: faultKinds,
  query: ["fails", "interrupted-slow", "very-slow", "engine-restarts"],
  read: ["fails"],
};

export interface Container {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  environment: string[];
  restart: string;
  /** Lives as long as the connection of the process that started it. */
  attached: boolean;
  autoRemove: boolean;
  state: "created" | "running" | "exited";
  createdAt: number;
  /** Of an application: it has booted and listens. */
  booted: boolean;
}

export interface Database {
  /** Rows, by the number of the request that wrote them. */
  rows: Set<number>;
  /** Whether the application may write. */
  login: boolean;
  /** Generation that it is a standby of. */
  standbyOf: number | null;
  /** Replication slots that keep its log. */
  slots: Set<string>;
  /** Rows it had when its tables were published. */
  published: Set<number> | null;
  follows: { source: number; enabled: boolean; shaped: boolean } | null;
}

/** Everything but the updater's process: what a death leaves. It is plain data, and can be cloned. */
export interface Data {
  containers: Map<string, Container>;
  volumes: Map<string, Record<string, string>>;
  networks: Map<string, Record<string, string>>;
  databases: Map<number, Database>;
  /** Slots in which an application waits before it boots. */
  heldBack: Set<number>;
  /** Slot whose application answers with errors once users reach it. */
  sick: number | null;
  /** Files of the control volume, and of the gates'. */
  files: Map<string, string>;
  links: Map<string, string>;
  mediaCopies: Set<string>;
  /** Generations that have a folder in the volume which databases share. */
  replicationFolders: Set<number>;
  /** Restic writes a snapshot's media; it goes on when nobody waits for it any more. */
  fetching: boolean;
  /** Milliseconds since the world began. */
  now: number;
  nextId: number;
  /** Of the updater's process at work: its number. */
  life: number;
  /** Requests: the next one's number, those a gate holds, and the one that is being answered. */
  nextRequest: number;
  held: number[];
  inside: { request: number; slot: number } | null;
  /** Slot by which each request was answered. */
  acknowledged: Map<number, number>;
  failed: string[];
}

export function emptyData(): Data {
  return {
    containers: new Map(),
    volumes: new Map(),
    networks: new Map(),
    databases: new Map(),
    heldBack: new Set(),
    sick: null,
    files: new Map(),
    links: new Map(),
    mediaCopies: new Set(),
    replicationFolders: new Set(),
    fetching: false,
    now: 0,
    nextId: 1,
    life: 1,
    nextRequest: 1,
    held: [],
    inside: null,
    acknowledged: new Map(),
    failed: [],
  };
}

const role = "biomaid-updater.role";
const generation = "biomaid-updater.generation";

interface Limits {
  /** What can be interrupted ends when one of these aborts, and has not happened. */
  readonly signals?: readonly AbortSignal[];
  /** What takes longer fails, and has not happened. */
  readonly limitMs?: number;
}

/** The world the updater acts on, its faults, and its clients. */
export class World {
  readonly clock = new Clock();
  readonly data: Data;
  readonly #faults: readonly Fault[];
  /** Effects so far. */
  count = 0;
  /** What each was, for the one who reads a history that went wrong. */
  readonly trace: { readonly name: string; readonly kind: EffectKind }[] = [];
  /** The process of the updater has died; nothing it does has any effect any more. */
  dead = false;
  /** Ctrl-C of the process at work. */
  interrupt: AbortController = new AbortController();
  /** What has to be taken back when the process dies, or its connections break. */
  readonly openTransactions = new Set<() => void>();
  /** How often the engine was restarted: connections of before are broken. */
  restarts = 0;

  constructor(data: Data, faults: readonly Fault[]) {
    this.data = data;
    this.#faults = faults;
    this.clock.now = data.now;
    useClock(this.clock);
  }

  /** The process has ended, one way or another; the next one begins a minute later. */
  exit(): void {
    this.dead = true;
    this.clock.forgetProcess();
    for (const container of this.data.containers.values()) {
      if (container.attached && container.state === "running") this.stop(container);
    }
    const next = this.clock.now + 60_000;
    while (this.clock.advanceTo(next));
    this.data.now = next;
    this.data.life++;
    this.dead = false;
    this.interrupt = new AbortController();
  }

  #die(): Promise<never> {
    this.dead = true;
    this.#breakTransactions();
    return new Promise<never>(() => undefined);
  }

  #breakTransactions(): void {
    for (const rollBack of this.openTransactions) rollBack();
    this.openTransactions.clear();
  }

  #restartEngine(): void {
    this.restarts++;
    this.#breakTransactions();
    for (const container of this.data.containers.values()) container.attached = false;
  }

  /**
   * Something the updater does in the world.
   * @param apply what happens; at once, unless a fault has it otherwise
   */
  async effect<Result>(
    name: string,
    kind: EffectKind,
    apply: () => Result,
    { signals = [], limitMs = Infinity }: Limits = {},
  ): Promise<Result> {
    if (this.dead) return await new Promise<never>(() => undefined);
    const at = ++this.count;
    this.trace.push({ name, kind });
    for (const signal of signals) signal.throwIfAborted();
    this.clock.now += 1;
    const fault = this.#faults.find((one) => one.at === at)?.kind;
    const happen = () => {
      const result = apply();
      if (kind === "write") this.tick();
      return result;
    };
    switch (fault) {
      case "fails":
        throw new Error(`fault: ${name} fails`);
      case "fails-after":
        happen();
        throw new Error(`fault: ${name} fails after it has happened`);
      case "dies":
        return await this.#die();
      case "dies-after":
        happen();
        return await this.#die();
      case "interrupted":
        this.interrupt.abort(new Error("Ctrl-C"));
        return await this.#later(10, happen, signals, limitMs);
      case "interrupted-slow":
        this.interrupt.abort(new Error("Ctrl-C"));
        return await this.#later(60_000, happen, signals, limitMs);
      case "slow":
        return await this.#later(9_000, happen, signals, limitMs);
      case "very-slow":
        return await this.#later(60_000, happen, signals, limitMs);
      case "engine-restarts":
        this.#restartEngine();
        throw new Error(`fault: the engine was restarted before ${name}`);
      case undefined:
      default:
        return happen();
    }
  }

  async #later<Result>(
    milliseconds: number,
    happen: () => Result,
    signals: readonly AbortSignal[],
    limitMs: number,
  ): Promise<Result> {
    return await new Promise<Result>((resolve, reject) => {
      const end = () => {
        if (milliseconds > limitMs) return reject(new Error("fault: canceling statement"));
        if (signals.some(({ aborted }) => aborted)) return;
        try {
          resolve(happen());
        } catch (error) {
          reject(error);
        }
      };
      this.clock.after(Math.min(milliseconds, limitMs), end, { ofProcess: false });
      for (const signal of signals) {
        const interrupted = () => reject(signal.reason as Error);
        if (signal.aborted) interrupted();
        else signal.addEventListener("abort", interrupted, { once: true });
      }
    });
  }

  // Containers.

  find(nameOrId: string): Container | undefined {
    const { containers } = this.data;
    for (const one of containers.values())
      if (one.id === nameOrId || one.name === nameOrId) return one;
    return undefined;
  }

  ofRole(wanted: string, number?: number): Container | undefined {
    for (const one of this.data.containers.values()) {
      if (one.labels[role] !== wanted) continue;
      if (number === undefined || one.labels[generation] === String(number)) return one;
    }
    return undefined;
  }

  stop(container: Container): void {
    container.state = "exited";
    container.booted = false;
    if (container.labels[role] === "snapshots") this.data.fetching = false;
    if (container.autoRemove) this.data.containers.delete(container.id);
  }

  databaseRuns(number: number): boolean {
    return this.ofRole("database", number)?.state === "running";
  }

  /** Whether the application of a slot can write. */
  accepts(slot: number): Database | undefined {
    for (const one of this.data.containers.values()) {
      if (one.labels[role] !== "application" || one.state !== "running") continue;
      if (!one.environment.includes(`SLOT=/run/biomaid/slot-${slot}`)) continue;
      const number = Number(one.labels[generation]);
      const database = this.data.databases.get(number);
      if (!database?.login || database.standbyOf !== null || !this.databaseRuns(number)) continue;
      if (!one.booted && this.data.heldBack.has(slot)) continue;
      return database;
    }
    return undefined;
  }

  // Clients: at each effect one request is answered, and the next one sent.

  /** The slot users' requests go to; undefined while a gate holds them. */
  slot(): number | undefined {
    const slot = /slot-(\d+)$/.exec(this.data.links.get("serving") ?? "")?.[1];
    return slot === undefined ? undefined : Number(slot);
  }

  answer(): void {
    const { inside } = this.data;
    if (!inside) return;
    this.data.inside = null;
    this.#write(inside.request, inside.slot);
  }

  tick(): void {
    const { data } = this;
    if (!data.links.has("serving")) return;
    this.answer();
    const slot = this.slot();
    const request = data.nextRequest++;
    if (slot === undefined) {
      if (!this.#gateHolds()) data.failed.push(`${this.count}: no gate`);
      data.held.push(request);
      return;
    }
    for (const waiting of data.held.splice(0)) this.#write(waiting, slot);
    data.inside = { request, slot };
  }

  #gateHolds(): boolean {
    for (const one of this.data.containers.values()) {
      if (one.labels[role] === "gate" && one.state === "running") return true;
    }
    return false;
  }

  #write(request: number, slot: number): void {
    const database = this.accepts(slot);
    if (!database) {
      this.data.failed.push(`${this.count}: slot ${slot} does not answer`);
      return;
    }
    database.rows.add(request);
    this.data.acknowledged.set(request, slot);
  }
}

let current: World;

/** The world that everything acts on from now on. */
export function useWorld(world: World): World {
  current = world;
  return world;
}

export const world = (): World => current;
