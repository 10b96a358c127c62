import yoctoSpinner, { type Spinner } from "yocto-spinner";
import type { Event, Reporter } from "../instance/events.ts";
import { printable } from "../lib/printable.ts";
import type { Catalogue, StepName } from "../text/catalogue.ts";

interface TextOptions {
  readonly catalogue: Catalogue;
  readonly stream: NodeJS.WriteStream;
  /** Also what builds, migrations and hooks print. */
  readonly verbose: boolean;
}

/** Milliseconds after which a step that goes on is mentioned where there is no moving line, and again. */
const firstSignMs = 2_000;
const nextSignsMs = 30_000;

/** Characters of a line that a program has printed, beside the step it belongs to. */
const longestDetail = 60;

/** Milliseconds a migration of a new instance must take to be worth a line among hundreds. */
const noteworthyMs = 1_000;

function titleOf(
  { operation, to, instance, from, machine }: Extract<Event, { type: "operation-started" }>,
  { started, movesIn, movesBack }: Catalogue["cli"],
): string {
  if (machine === undefined) return started[operation](to, instance, from ?? "");
  return (operation === "rollback" ? movesBack : movesIn)(to, instance, machine);
}

/** Progress for people: a moving line on a terminal, a line a step elsewhere. */
export class TextReporter implements Reporter {
  readonly #options: TextOptions;
  #operation = "";
  #spinner: Spinner | undefined;
  #step: StepName | undefined;
  #detail = "";
  #startedAt = 0;
  #heldSince: number | undefined;
  #signs = 0;
  #migrations = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  event(event: Event): void {
    const { cli, steps, notes } = this.#options.catalogue;
    switch (event.type) {
      case "operation-started":
        this.#operation = event.operation;
        return this.#line(titleOf(event, cli));
      case "recovering": {
        const { operation, to, since, committed } = event;
        this.#operation = operation;
        this.#stop();
        this.#heldSince = undefined;
        return this.#line(cli.recovering(operation, to, cli.moment(since), committed));
      }
      case "step-started":
        return this.#begin(event.step);
      case "step-finished":
        return this.#end("✔", event.step, event.milliseconds);
      case "step-failed":
        return this.#end("✖", event.step, event.milliseconds);
      case "step-undone":
        this.#stop();
        return this.#line(`  ↩ ${cli.undone(steps[event.step])}`);
      case "progress":
        if (event.unit === "bytes") return this.#show(cli.progress(event.done, event.total));
        // While a step is undone too.
        if (!this.#step) this.#begin(event.step);
        return this.#show(cli.queue(event.total - event.done));
      case "migration-started":
        return this.#show(cli.migrating(event.migration));
      case "migration-finished":
        return this.#migrated(event.migration, event.milliseconds);
      case "hold-started":
        this.#heldSince = performance.now();
        return undefined;
      case "hold-finished":
        this.#heldSince = undefined;
        return this.#line(`  ${cli.hold(event.milliseconds)}`);
      case "output":
        // What a build does tells what its step waits for.
        if (event.source === "build") this.#show(event.line.trim().slice(0, longestDetail));
        return this.#options.verbose ? this.#line(`    ${event.line}`) : undefined;
      case "note":
        return this.#line(`  ${notes[event.note]}`);
      case "waiting":
        return this.#line(`  … ${this.#options.catalogue.waiting(event.for)}`);
      case "waited":
        return undefined;
      case "attached": {
        const { operation, holder, since } = event;
        return this.#line(cli.attached(operation, holder, cli.moment(since)));
      }
      case "rehearsed":
        return this.#line(`  ${this.#options.catalogue.rehearse.known(event)}`);
      case "warning":
        return this.#line(`  ! ${event.error.describe(this.#options.catalogue).what}`);
    }
  }

  #begin(step: StepName): void {
    this.#step = step;
    this.#detail = "";
    this.#signs = 0;
    this.#migrations = 0;
    this.#startedAt = performance.now();
    const { stream } = this.#options;
    if (stream.isTTY) this.#spinner = yoctoSpinner({ stream, handleSignals: false }).start();
    this.#ticking = setInterval(() => this.#tick(), 200).unref();
    if (this.#spinner) this.#tick();
  }

  #show(detail: string): void {
    this.#detail = detail;
    if (this.#spinner) this.#tick();
  }

  #tick(): void {
    if (!this.#step) return;
    const { cli, steps } = this.#options.catalogue;
    const now = performance.now();
    const elapsed = now - this.#startedAt;
    const waiting = this.#heldSince === undefined ? "" : cli.waiting(now - this.#heldSince);
    const parts = [steps[this.#step], cli.seconds(elapsed), this.#detail, waiting];
    const text = parts.filter(Boolean).join("  ");
    if (this.#spinner) {
      this.#spinner.text = printable(text);
    } else if (elapsed > firstSignMs + this.#signs * nextSignsMs) {
      this.#signs += 1;
      this.#line(`… ${text}`);
    }
  }

  #end(mark: string, step: StepName, milliseconds: number): void {
    this.#stop();
    const { cli, steps } = this.#options.catalogue;
    const elapsed = cli.seconds(milliseconds).padStart(8);
    const count = this.#operation === "init" && this.#migrations > 0;
    const detail = count ? `  ${cli.migrations(this.#migrations)}` : "";
    this.#line(`${mark} ${steps[step].padEnd(48)} ${elapsed}${detail}`);
  }

  #stop(): void {
    clearInterval(this.#ticking);
    this.#spinner?.stop();
    this.#spinner = undefined;
    this.#step = undefined;
  }

  #migrated(migration: string, milliseconds: number): void {
    this.#migrations += 1;
    if (this.#operation === "init" && milliseconds < noteworthyMs) return;
    this.#line(`    ${migration}  ${this.#options.catalogue.cli.seconds(milliseconds)}`);
  }

  /** Printed above the moving line, which is drawn again below it. */
  #line(text: string): void {
    this.#spinner?.clear();
    this.#options.stream.write(`${printable(text)}\n`);
  }
}
