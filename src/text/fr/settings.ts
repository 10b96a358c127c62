import type { SettingsFault, settings as english } from "../en/settings.ts";

const faultText = ({ file, line, reason, excerpt }: SettingsFault) => {
  const place = [file, line === null ? null : `ligne ${line}`].filter(Boolean).join(", ");
  const shown = excerpt === null ? [] : excerpt.split("\n").map((text) => `    ${text}`);
  return [place === "" ? reason : `${place} : ${reason}`, ...shown].join("\n");
};

export const settings: typeof english = {
  fit: (file, tag) =>
    `${file} convient : BiomAid ${tag} a démarré avec sur une copie des données, et ses pages répondent.`,
  loads: (file, tag) =>
    `${file} se charge avec BiomAid ${tag}. Reste à essayer ses pages, avant que quiconque y entre : pour un nouveau site, updater init ${tag} ; pour celui qui tourne sur cette machine, updater adopt --stand-in`,
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
  goingOn: (draft) => `Suite d’une modification qui n’était pas terminée : ${draft}`,
  unchanged: (file) => `${file} est comme avant.`,
  yes: "o",
  editAgain: "Modifier de nouveau ? [o/N]",
  place: (file) => `Le texte convient. Remplacer ${file} par lui ? [o/N]`,
  placed: (file) =>
    `${file} est modifié. La production garde les réglages d’avant.\nPour les appliquer : updater swap --settings-only`,
  nextFit: (file, site) =>
    file === site
      ? "Pour l’appliquer : updater swap --settings-only"
      : `Pour l’appliquer : remplacez ${site} par lui, puis : updater swap --settings-only`,
  nextSame: "C’est ce qui est en service : il n’y a rien à appliquer.",
  between: (from, to) => `Réglages d’exemple de BiomAid, ${from} → ${to}`,
  nextUnfit: "Corrigez, puis recommencez. Pour voir tout ce qu’a écrit BiomAid : --verbose",

  errors: {
    settingsFail: ({ faults }) => ({
      what: `Les réglages ne se chargent pas.\n${faults.map(faultText).join("\n")}`,
      next: "Corrigez-les, puis recommencez.",
    }),
    checkedWithServing: ({ instance, tag }) => ({
      what: `Les réglages de l’instance ${instance}, qui existe déjà, s’essaient avec la version en service et non avec ${tag}.`,
      next: `Ne donnez pas ${tag}. Pour essayer ${tag} avec eux sur une copie des données : updater rehearse ${tag}`,
    }),
    settingsUnreadable: ({ file, reason }) => ({
      what: `${file} est illisible : ${reason}`,
      next: "Donnez le chemin d’un fichier que vous pouvez lire.",
    }),
    settingsUnwritable: ({ file, reason }) => ({
      what: `${file} ne peut pas être remplacé : ${reason}`,
      next: "Tapez la même commande sous le compte à qui est ce fichier, ou sous root.",
    }),
    settingsChangedMeanwhile: ({ file, draft }) => ({
      what: `Quelqu’un d’autre a modifié ${file} entre-temps. Votre texte est dans ${draft}.`,
      next: `Comparez-les (diff ${file} ${draft}), puis : updater settings edit`,
    }),
    settingsLeft: ({ file, draft }) => ({
      what: `${file} est comme avant. Votre texte est dans ${draft}.`,
      next: `Pour le reprendre : updater settings edit. Pour y renoncer : rm ${draft}`,
    }),
    editorFails: ({ editor, draft }) => ({
      what: `L’éditeur (${editor}) a échoué. Votre texte est dans ${draft}.`,
      next: "Nommez-en un autre dans $VISUAL ou $EDITOR, puis : updater settings edit",
    }),
    noTerminal: () => ({
      what: "Il n’y a pas de terminal où modifier.",
      next: "Modifiez une copie par un autre moyen, puis : updater settings check --settings COPIE",
    }),
    noInstanceConfig: () => ({
      what: "Le site n’a pas d’instance_config.toml.",
      next: "Nommez-en un dans updater.toml : [site] instance_config",
    }),
    rehearsalInTheWay: () => ({
      what: "Une répétition est conservée pour être visitée, et il n’y a de place que pour une copie.",
      next: "Quand vous en avez assez vu : updater rehearse --remove",
    }),
  },
};
