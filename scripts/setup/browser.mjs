import { delimiter, join } from "node:path";
import { Failure } from "./failure.mjs";
import { install, onPath } from "./run.mjs";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** Where a Chromium is, if there is one. */
export function browserIn(path) {
  const files = names.flatMap((name) =>
    path.split(delimiter).map((folder) => ({ name, folder, file: join(folder, name) })),
  );
  return files.find(({ name, folder }) => onPath(name, folder))?.file;
}

/** Brings a browser for the tests of the report. Those can be left out, so nothing here ends the set-up. */
export async function bringBrowser(env, report, consent, doWithout) {
  if (browserIn(env.PATH ?? "")) return;
  try {
    await consent("mayInstallBrowser");
    // What Debian recommends with it is a desktop: printing, sound, a terminal.
    await report("browserMissing", {}, () => install("chromium", "--no-install-recommends"));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    doWithout(error);
  }
}
