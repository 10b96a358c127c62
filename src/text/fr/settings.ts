import type { SettingsFault } from "../../steps/load-settings.ts";
import type { settings as english } from "../en/settings.ts";

const faultText = ({ file, line, reason, excerpt }: SettingsFault) => {
  const place = [file, line === null ? null : `ligne ${line}`].filter(Boolean).join(", ");
  const shown = excerpt === null ? [] : excerpt.split("\n").map((text) => `    ${text}`);
  return [place === "" ? reason : `${place} : ${reason}`, ...shown].join("\n");
};

export const settings: typeof english = {
  fit: (file, tag) =>
    `${file} convient : BiomAid ${tag} a démarré avec sur une copie des données, et ses pages répondent.`,
  names: ({ added, removed, changed }) => {
    const parts = [
      added.length > 0 ? `en plus ${added.join(", ")}` : "",
      removed.length > 0 ? `en moins ${removed.join(", ")}` : "",
      changed.length > 0 ? `modifié ${changed.join(", ")}` : "",
    ].filter(Boolean);
    return parts.length === 0
      ? "Les réglages sont ceux en service."
      : `Par rapport aux réglages en service : ${parts.join(" ; ")}.`;
  },
  nextUnfit: "Corrigez, puis recommencez. Pour voir tout ce qu’a écrit BiomAid : --verbose",

  errors: {
    settingsFail: ({ faults }) => ({
      what: `Les réglages ne se chargent pas.\n${faults.map(faultText).join("\n")}`,
      next: "Corrigez-les, puis recommencez.",
    }),
    settingsUnreadable: ({ file, reason }) => ({
      what: `${file} est illisible : ${reason}`,
      next: "Donnez le chemin d’un fichier que vous pouvez lire.",
    }),
    rehearsalInTheWay: () => ({
      what: "Une répétition est conservée pour être visitée, et il n’y a de place que pour une copie.",
      next: "Quand vous en avez assez vu : updater rehearse --remove",
    }),
  },
};
