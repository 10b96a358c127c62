import type { Instance } from "../../src/instance/instance.ts";
import { openSession } from "./shell.ts";
import { world } from "./world.ts";

const pages = [{ page: "/", status: 200, milliseconds: 1, size: 1, began: 0, signed_in: false }];

/** The process in an application's container that answers the updater. */
export class ApplicationSession {
  readonly #container: string;
  readonly #generation: number;

  private constructor(container: string, generation: number) {
    this.#container = container;
    this.#generation = generation;
  }

  static async open({ engine, names }: Instance, generation: number): Promise<ApplicationSession> {
    const container = names.application(generation);
    await openSession(engine, container);
    return new ApplicationSession(container, generation);
  }

  async #ask<Answer>(name: string, signal: AbortSignal, answer: () => Answer): Promise<Answer> {
    const kind = name === "ping" || name === "probe" ? "read" : "write";
    const asked = () => {
      if (world().find(this.#container)?.state !== "running") throw new Error("applicationEnded");
      return answer();
    };
    return await world().effect(`${this.#container}: ${name}`, kind, asked, { signals: [signal] });
  }

  async prepare(signal: AbortSignal): Promise<readonly string[]> {
    return await this.#ask("prepare", signal, () => []);
  }

  async collectStatic(signal: AbortSignal): Promise<void> {
    await this.#ask("collect static", signal, () => undefined);
  }

  async migrate(signal: AbortSignal): Promise<void> {
    await this.#ask("migrate", signal, () => this.#writable());
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#ask("check", signal, () => undefined);
  }

  async serve(_seconds: number, signal: AbortSignal): Promise<void> {
    await this.#ask("serve", signal, () => {
      this.#writable();
      world().find(this.#container)!.booted = true;
    });
  }

  async probe(signal: AbortSignal) {
    return await this.#ask("probe", signal, () => ({ user: "someone", pages: this.#pages() }));
  }

  async ping(signal: AbortSignal) {
    return await this.#ask("ping", signal, () => this.#pages());
  }

  async files(signal: AbortSignal) {
    return await this.#ask("files", signal, () => ({ named: 0, missing: 0, examples: [] }));
  }

  waited(): number {
    return 0;
  }

  close(): void {}

  #writable(): void {
    const database = world().data.databases.get(this.#generation);
    if (!database?.login || database.standbyOf !== null) throw new Error("the database refuses");
    if (!world().databaseRuns(this.#generation)) throw new Error("the database does not run");
  }

  #pages() {
    const { sick } = world().data;
    // Its first two generations are in the slots of their numbers.
    const isSick = sick !== null && world().slot() === sick && this.#generation === sick;
    try {
      this.#writable();
    } catch {
      return pages.map((page) => ({ ...page, status: 500 }));
    }
    return isSick ? pages.map((page) => ({ ...page, status: 500 })) : pages;
  }
}

export class ApplicationError extends Error {}
