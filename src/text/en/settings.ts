import type { ChangedNames } from "../../source/settings-comparison.ts";
import type { SettingsFault } from "../../steps/load-settings.ts";

const faultText = ({ file, line, reason, excerpt }: SettingsFault) => {
  const place = [file, line === null ? null : `line ${line}`].filter(Boolean).join(", ");
  const shown = excerpt === null ? [] : excerpt.split("\n").map((text) => `    ${text}`);
  return [place === "" ? reason : `${place}: ${reason}`, ...shown].join("\n");
};

/** What the commands `updater settings …` say. */
export const settings = {
  fit: (file: string, tag: string) =>
    `${file} is fit: BiomAid ${tag} booted with it on a copy of the data, and its pages answered.`,
  names: ({ added, removed, changed }: ChangedNames) => {
    const parts = [
      added.length > 0 ? `new ${added.join(", ")}` : "",
      removed.length > 0 ? `gone ${removed.join(", ")}` : "",
      changed.length > 0 ? `changed ${changed.join(", ")}` : "",
    ].filter(Boolean);
    return parts.length === 0
      ? "It sets what is serving sets."
      : `Against what is serving: ${parts.join("; ")}.`;
  },
  nextUnfit: "Correct it, then try again. To see all that BiomAid printed: --verbose",

  errors: {
    settingsFail: ({ faults }: { faults: readonly SettingsFault[] }) => ({
      what: `The settings do not load.\n${faults.map(faultText).join("\n")}`,
      next: "Correct them, then try again.",
    }),
    settingsUnreadable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `${file} cannot be read: ${reason}`,
      next: "Give the path of a file that you may read.",
    }),
    rehearsalInTheWay: (_: object) => ({
      what: "A rehearsal is kept to be looked at, and there is room for one copy only.",
      next: "When you have seen enough of it: updater rehearse --remove",
    }),
  },
};
