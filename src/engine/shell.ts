import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { clientOf, type Engine } from "./connect.ts";
import { demultiplex, type Session } from "./exec.ts";

/** Runs shell commands one after the other in a container, without starting a process of ours each time. */
export interface Shell {
  /**
   * Runs a script in a shell of its own, with positional arguments.
   * @returns what it prints, without the last newline
   * @throws Error with that when it exits with anything but 0
   */
  run(script: string, ...args: readonly string[]): Promise<string>;
}

/** Starts a container that was created, whose program is a shell: it lives as long as the connection to it. */
export async function startShell(engine: Engine, id: string): Promise<SessionShell> {
  const container = clientOf(engine).getContainer(id);
  const connection = await container.attach({
    stream: true,
    stdin: true,
    stdout: true,
    stderr: true,
    hijack: true,
  });
  await container.start();
  return new SessionShell(demultiplex(engine, connection as Duplex, () => Promise.resolve(0)));
}

/** Starts a container that was created, and writes to its program's standard input, which then ends. */
export async function startWithInput(engine: Engine, id: string, input: string): Promise<void> {
  const container = clientOf(engine).getContainer(id);
  const connection = await container.attach({ stream: true, stdin: true, hijack: true });
  await container.start();
  connection.end(input);
}

/** A POSIX shell whose streams are attached to `session`. */
export class SessionShell implements Shell {
  readonly #session: Session;
  readonly #lines: AsyncIterator<string>;
  /** Ends the output of each command; no command can print it by accident. */
  readonly #mark = `--${randomUUID()}--`;
  #previous: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
    this.#lines = createInterface({ input: session.stdout })[Symbol.asyncIterator]();
    session.stderr.resume();
  }

  run(script: string, ...args: readonly string[]): Promise<string> {
    const command = `set -- ${args.map(quoted).join(" ")}\n${script}`;
    const result = this.#previous.then(() => this.#exchange(command));
    this.#previous = result.catch(() => undefined);
    return result;
  }

  async #exchange(command: string): Promise<string> {
    this.#session.stdin.write(
      `( ${command}\n) 2>&1 </dev/null; printf '\\n%s %s\\n' '${this.#mark}' "$?"\n`,
    );
    const output: string[] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the shell ended: ${output.join("\n")}`);
      if (!value.startsWith(this.#mark)) {
        output.push(value);
        continue;
      }
      const text = output.join("\n").replace(/\n+$/, "");
      const status = Number(value.slice(this.#mark.length));
      if (status !== 0) throw new Error(`${text} (exit status ${status})`);
      return text;
    }
  }

  /** Lets the shell end; commands still queued are run first. */
  async close(): Promise<void> {
    await this.#previous;
    this.#session.stdin.end();
    await this.#session.ended.catch(() => undefined);
  }
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
