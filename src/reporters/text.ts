import yoctoSpinner, { type Spinner } from "yocto-spinner";
import type { Event, Reporter } from "../reporter.ts";
import type { Catalogue, StepName } from "../text/catalogue.ts";

export interface TextOptions {
  readonly catalogue: Catalogue;
  readonly stream: NodeJS.WriteStream;
  /** Also what builds, migrations and hooks print. */
  readonly verbose: boolean;
}

/** Progress for people: a moving line on a terminal, a line a step elsewhere. */
export function textReporter(options: TextOptions): Reporter {
  return new TextReporter(options);
}

class TextReporter implements Reporter {
  readonly #options: TextOptions;
  #spinner: Spinner | undefined;
  #step: StepName | undefined;
  #detail = "";
  #startedAt = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  event(event: Event): void {
    const { cli, steps, notes } = this.#options.catalogue;
    switch (event.type) {
      case "operation-started": {
        const { operation, to, instance, from } = event;
        const title = cli.started[operation as keyof typeof cli.started];
        return this.#line(title(to, instance, from ?? ""));
      }
      case "step-started":
        return this.#begin(event.step);
      case "step-finished":
        return this.#end("✔", steps[event.step], event.milliseconds);
      case "step-failed":
        return this.#end("✖", steps[event.step], event.milliseconds);
      case "step-undone":
        return this.#line(`  ↩ ${cli.undone(steps[event.step])}`);
      case "progress":
        return this.#show(cli.progress(event.done, event.total));
      case "migration-started":
        return this.#show(cli.migrating(event.migration));
      case "migration-finished":
        return this.#line(`    ${event.migration}  ${cli.seconds(event.milliseconds)}`);
      case "hold-started":
        return undefined;
      case "hold-finished":
        return this.#line(`  ${cli.hold(event.milliseconds)}`);
      case "output":
        return this.#options.verbose ? this.#line(`    ${event.line}`) : undefined;
      case "note":
        return this.#line(`  ${notes[event.note]}`);
      case "warning":
        return this.#line(`  ! ${event.error.describe(this.#options.catalogue).what}`);
    }
  }

  #begin(step: StepName): void {
    this.#step = step;
    this.#detail = "";
    this.#startedAt = performance.now();
    if (!this.#options.stream.isTTY) return;
    this.#spinner = yoctoSpinner({ stream: this.#options.stream, handleSignals: false }).start();
    this.#ticking = setInterval(() => this.#tick(), 200).unref();
    this.#tick();
  }

  #show(detail: string): void {
    this.#detail = detail;
    this.#tick();
  }

  #tick(): void {
    if (!this.#spinner || !this.#step) return;
    const { cli, steps } = this.#options.catalogue;
    const elapsed = cli.seconds(performance.now() - this.#startedAt);
    this.#spinner.text = [steps[this.#step], elapsed, this.#detail].filter(Boolean).join("  ");
  }

  #end(mark: string, text: string, milliseconds: number): void {
    clearInterval(this.#ticking);
    this.#spinner?.stop();
    this.#spinner = undefined;
    const elapsed = this.#options.catalogue.cli.seconds(milliseconds);
    this.#line(`${mark} ${text.padEnd(44)} ${elapsed.padStart(8)}`);
  }

  /** Printed above the moving line, which is drawn again below it. */
  #line(text: string): void {
    this.#spinner?.clear();
    this.#options.stream.write(`${text}\n`);
  }
}
