import { duration, size } from "./measures.ts";
import { moment, shortList } from "./format.ts";
import { rehearsalOf, swapTo } from "../typed.ts";

const overrides = (codes: readonly string[]) => codes.map((code) => `--override ${code}`).join(" ");

/** What is known beforehand of a release. */
type Rehearsed =
  | { readonly kind: "none" }
  | {
      readonly kind: "current" | "stale";
      readonly because: "age" | "image" | null;
      /** Bytes that production has written to its log since. */
      readonly written: number;
      readonly record: {
        readonly finishedAt: string;
        readonly verdict: "ready" | "remarks" | "not-ready";
        readonly hold: number | null;
        readonly notLossless: readonly string[];
      };
    };

export const rehearse = {
  banner: (tag: string) =>
    `Rehearsal of BiomAid ${tag}: a copy of the data. Nothing done here is kept, nothing reaches anybody.`,

  kept: (url: string) =>
    `The rehearsal can be looked at: ${url}\nWhen you have seen enough: updater rehearse --remove`,
  removed: (there: boolean): string =>
    there ? "The rehearsal is removed." : "There was no rehearsal to remove.",
  reportWritten: (file: string) => `Report: ${file}`,

  /** What a swap says of the rehearsal it found. */
  known: (rehearsed: Rehearsed & { tag: string; choice: string }) => {
    const { tag, choice } = rehearsed;
    if (rehearsed.kind === "none") {
      return `${tag} was not rehearsed on this data: nobody knows how long users will wait, or what changes. (${rehearsalOf(choice)})`;
    }
    const { record, written, because } = rehearsed;
    const wait = record.hold === null ? "" : `; users would wait about ${duration(record.hold)}`;
    const verdict = {
      ready: "ready",
      remarks: "ready, with remarks",
      "not-ready": "not ready",
    }[record.verdict];
    const back =
      record.notLossless.length === 0
        ? ""
        : ` A rollback would not keep all that is written to ${shortList(record.notLossless)}.`;
    const since = `${moment(record.finishedAt)}: ${verdict}${wait}`;
    if (because === "age") {
      return `Last rehearsed ${since}. That is long ago, and ${size(written)} were written since: the data may differ. (${rehearsalOf(choice)})`;
    }
    if (because === "image") {
      return `Rehearsed ${since}. But its image is gone: another one is built, perhaps with other packages. (${rehearsalOf(choice)})`;
    }
    return `Rehearsed ${since} (${size(written)} written since).${back}`;
  },

  errors: {
    sanitizeFails: ({ file, reason }: { file: string; reason: string }) => ({
      what: `The script ${file} (rehearse.sanitize) failed on the copy: ${reason}`,
      next: "Mend it, then try again; --verbose shows all it printed.",
    }),
    rehearsalNotTidied: ({ reason }: { reason: string }) => ({
      what: `What a rehearsal that was killed has left could not be removed: ${reason}`,
      next: "Look at it with: updater doctor. Then: updater rehearse --remove",
    }),
    rehearsalTooLong: ({ seconds }: { seconds: number }) => ({
      what: `The migrations did not end within rehearse.time_limit (${seconds} s).`,
      next: "Allow more in updater.toml, or ask the authors of this version.",
    }),
    rehearsalPortTaken: ({ port }: { port: number }) => ({
      what: `Port ${port} of 127.0.0.1 is taken: the rehearsal cannot be opened there.`,
      next: "Choose another rehearse.keep_port in updater.toml, or none at all.",
    }),
    reportUnwritable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `The report cannot be written to ${file}: ${reason}`,
      next: "Give the path of a file in a folder you may write to.",
    }),
    rehearsalNotReady: ({
      tag,
      choice,
      at,
      codes,
    }: {
      tag: string;
      choice: string;
      at: string;
      codes: readonly string[];
    }) => ({
      what: `${tag} was found not ready when it was rehearsed (${moment(at)}): ${codes.join(", ")}.`,
      next: `See why: ${rehearsalOf(choice)}. If you want it all the same: ${swapTo(choice)} ${overrides(codes)}`,
    }),
    notRehearsed: ({ tag, choice, stale }: { tag: string; choice: string; stale: boolean }) => ({
      what: stale
        ? `The rehearsal of ${tag} says nothing about today, and updater.toml asks for one (rehearse.required).`
        : `${tag} was not rehearsed, and updater.toml asks for it (rehearse.required).`,
      next: `${rehearsalOf(choice)}. Without it: ${swapTo(choice)} --override not-rehearsed`,
    }),
    unknownGuardrail: ({ name, known }: { name: string; known: readonly string[] }) => ({
      what: `There is nothing named “${name}” to override.`,
      next: `Names are: ${known.join(", ")}`,
    }),
    memoryTooSmall: ({ needed, free }: { needed: number; free: number }) => ({
      what: `The candidate needs about ${size(needed)} of memory beside the serving version; ${size(free)} are free.`,
      next: "Make room, then try again. To swap all the same: updater swap TAG --override memory",
    }),
  },
};
