import type { rehearse as english } from "../en/rehearse.ts";
import { duration, size } from "./measures.ts";
import { moment, shortList } from "./format.ts";
import { rehearsalOf, swapTo } from "../typed.ts";

const overrides = (codes: readonly string[]) => codes.map((code) => `--override ${code}`).join(" ");

export const rehearse: typeof english = {
  banner: (tag) =>
    `Répétition de BiomAid ${tag} : une copie des données. Rien de ce qui est fait ici n’est conservé, rien n’atteint personne.`,

  kept: (url) =>
    `La répétition peut être visitée : ${url}\nQuand vous en avez assez vu : updater rehearse --remove`,
  removed: (there) =>
    there ? "La répétition est retirée." : "Il n’y avait pas de répétition à retirer.",
  reportWritten: (file) => `Rapport : ${file}`,

  known: (rehearsed) => {
    const { tag, choice } = rehearsed;
    if (rehearsed.kind === "none") {
      return `${tag} n’a pas été répétée sur ces données : nul ne sait combien de temps les utilisateurs attendront, ni ce qui change. (${rehearsalOf(choice)})`;
    }
    const { record, written, because } = rehearsed;
    const wait = record.hold === null ? "" : ` ; attente prévue : ${duration(record.hold)} environ`;
    const verdict = {
      ready: "prête",
      remarks: "prête, avec des remarques",
      "not-ready": "pas prête",
    }[record.verdict];
    const back =
      record.notLossless.length === 0
        ? ""
        : ` Un retour arrière ne garderait pas tout ce qui est écrit dans ${shortList(record.notLossless)}.`;
    const since = `${moment(record.finishedAt)} : ${verdict}${wait}`;
    if (because === "age") {
      return `Dernière répétition le ${since}. C’est ancien, et il s’est écrit ${size(written)} depuis : les données peuvent différer. (${rehearsalOf(choice)})`;
    }
    if (because === "image") {
      return `Répétée le ${since}. Mais son image a disparu : une autre est construite, peut-être avec d’autres paquets. (${rehearsalOf(choice)})`;
    }
    return `Répétée le ${since} (écrit depuis : ${size(written)}).${back}`;
  },

  errors: {
    sanitizeFails: ({ file, reason }) => ({
      what: `Le script ${file} (rehearse.sanitize) a échoué sur la copie : ${reason}`,
      next: "Corrigez-le puis recommencez ; --verbose montre tout ce qu’il a dit.",
    }),
    rehearsalNotTidied: ({ reason }) => ({
      what: `Ce qu’une répétition interrompue a laissé n’a pas pu être retiré : ${reason}`,
      next: "Pour voir ce que c’est : updater doctor. Puis : updater rehearse --remove",
    }),
    rehearsalTooLong: ({ seconds }) => ({
      what: `Les migrations n’ont pas fini dans le temps de rehearse.time_limit (${seconds} s).`,
      next: "Accordez davantage dans updater.toml, ou interrogez les auteurs de cette version.",
    }),
    rehearsalPortTaken: ({ port }) => ({
      what: `Le port ${port} de 127.0.0.1 est pris : la répétition ne peut pas y être ouverte.`,
      next: "Choisissez un autre rehearse.keep_port dans updater.toml, ou aucun.",
    }),
    reportUnwritable: ({ file, reason }) => ({
      what: `Le rapport ne peut pas être écrit dans ${file} : ${reason}`,
      next: "Donnez un fichier dans un dossier où vous pouvez écrire.",
    }),
    rehearsalNotReady: ({ tag, choice, at, codes }) => ({
      what: `${tag} n’était pas prête lors de sa répétition (${moment(at)}) : ${codes.join(", ")}.`,
      next: `Pour voir pourquoi : ${rehearsalOf(choice)}. Si vous la voulez quand même : ${swapTo(choice)} ${overrides(codes)}`,
    }),
    notRehearsed: ({ tag, choice, stale }) => ({
      what: stale
        ? `La répétition de ${tag} ne dit rien d’aujourd’hui, et updater.toml en exige une (rehearse.required).`
        : `${tag} n’a pas été répétée, et updater.toml l’exige (rehearse.required).`,
      next: `${rehearsalOf(choice)}. Sans elle : ${swapTo(choice)} --override not-rehearsed`,
    }),
    unknownGuardrail: ({ name, known }) => ({
      what: `Il n’y a rien à lever qui s’appelle « ${name} ».`,
      next: `Noms possibles : ${known.join(", ")}`,
    }),
    memoryTooSmall: ({ needed, free }) => ({
      what: `La candidate demande environ ${size(needed)} de mémoire à côté de la version en service ; il en reste ${size(free)}.`,
      next: "Faites de la place, puis recommencez. Pour passer outre : updater swap TAG --override memory",
    }),
  },
};
