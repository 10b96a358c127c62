/** Something wrong with a file of settings. */
export interface SettingsFault {
  readonly file: string | null;
  readonly line: number | null;
  readonly reason: string;
  /** The line, and where the column is known a caret below it. */
  readonly excerpt: string | null;
}

interface ChangedNames {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

const faultText = ({ file, line, reason, excerpt }: SettingsFault) => {
  const place = [file, line === null ? null : `line ${line}`].filter(Boolean).join(", ");
  const shown = excerpt === null ? [] : excerpt.split("\n").map((text) => `    ${text}`);
  return [place === "" ? reason : `${place}: ${reason}`, ...shown].join("\n");
};

/** What the commands `updater settings …` say. */
export const settings = {
  fit: (file: string, tag: string) =>
    `${file} is fit: BiomAid ${tag} booted with it on a copy of the data, and its pages answered.`,
  loads: (file: string, tag: string) =>
    `${file} loads with BiomAid ${tag}. What remains is to try its pages, before anybody is let in: for a new site, updater init ${tag}; for one that runs on this machine, updater adopt --stand-in`,
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
  goingOn: (draft: string) => `Going on with an edit that was not finished: ${draft}`,
  unchanged: (file: string) => `${file} is as it was.`,
  yes: "y",
  editAgain: "Edit it again? [y/N]",
  place: (file: string) => `It is fit. Put it in the place of ${file}? [y/N]`,
  placed: (file: string) =>
    `${file} is changed. Production still runs with the settings before.\nTo apply them: updater swap --settings-only`,
  nextFit: (file: string, site: string) =>
    file === site
      ? "To apply it: updater swap --settings-only"
      : `To apply it: put it in the place of ${site}, then: updater swap --settings-only`,
  nextSame: "It is what serves: there is nothing to apply.",
  between: (from: string, to: string) => `Example settings of BiomAid, ${from} → ${to}`,
  nextUnfit: "Correct it, then try again. To see all that BiomAid printed: --verbose",

  errors: {
    settingsFail: ({ faults }: { faults: readonly SettingsFault[] }) => ({
      what: `The settings do not load.\n${faults.map(faultText).join("\n")}`,
      next: "Correct them, then try again.",
    }),
    checkedWithServing: ({ instance, tag }: { instance: string; tag: string }) => ({
      what: `The settings of ${instance}, which is there already, are tried with the version that serves, and not with ${tag}.`,
      next: `Leave ${tag} out. To try ${tag} with them on a copy of the data: updater rehearse ${tag}`,
    }),
    settingsUnreadable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `${file} cannot be read: ${reason}`,
      next: "Give the path of a file that you may read.",
    }),
    settingsUnwritable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `${file} cannot be replaced: ${reason}`,
      next: "Type the same command as the owner of that file, or as root.",
    }),
    settingsChangedMeanwhile: ({ file, draft }: { file: string; draft: string }) => ({
      what: `${file} was changed by somebody else meanwhile. Your text is in ${draft}.`,
      next: `Compare them (diff ${file} ${draft}), then: updater settings edit`,
    }),
    settingsLeft: ({ file, draft }: { file: string; draft: string }) => ({
      what: `${file} is as it was. Your text is in ${draft}.`,
      next: `To go on with it: updater settings edit. To give it up: rm ${draft}`,
    }),
    editorFails: ({ editor, draft }: { editor: string; draft: string }) => ({
      what: `The editor (${editor}) failed. Your text is in ${draft}.`,
      next: "Name another one in $VISUAL or $EDITOR, then: updater settings edit",
    }),
    noTerminal: (_: object) => ({
      what: "There is no terminal to edit in.",
      next: "Change a copy by other means, then: updater settings check --settings COPY",
    }),
    noInstanceConfig: (_: object) => ({
      what: "The site has no instance_config.toml.",
      next: "Name one in updater.toml: [site] instance_config",
    }),
    rehearsalInTheWay: (_: object) => ({
      what: "A rehearsal is kept to be looked at, and there is room for one copy only.",
      next: "When you have seen enough of it: updater rehearse --remove",
    }),
  },
};
