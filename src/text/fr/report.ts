import { rehearsalOf, swapTo } from "../typed.ts";
import type { report as english } from "../en/report.ts";
import { count, moment } from "./format.ts";
import { compact, duration, size } from "./measures.ts";
import { findings, rows } from "./report-findings.ts";
import { page } from "./report-page.ts";
import {
  authors,
  classes,
  classNames,
  columnChanges,
  reasons,
  schema,
  verdicts,
} from "./report-words.ts";

const many = (number: number, one: string) => `${count(number)} ${one}${number > 1 ? "s" : ""}`;

/** Ce qu’une répétition a trouvé, en mots : pour le résumé du terminal et le rapport HTML. */
export const report: typeof english = {
  compact,
  count,
  duration,
  moment,
  size,
  findings,
  schema,
  reasons,
  classes,
  classNames,
  verdicts,
  authors,
  columnChanges,
  page,

  summary: {
    colon: " : ",
    verdict: {
      ready: "rien ne s’oppose à cette mise à jour.",
      remarks: (number) => `${many(number, "remarque")} à lire d’abord.`,
      "not-ready": (number) =>
        `${many(number, "raison")} ${number > 1 ? "s’opposent" : "s’oppose"} à cette mise à jour.`,
    },
    what: (from, to, instance, at) =>
      `${instance} : BiomAid ${from} → ${to}${at === null ? "" : `, données du ${at}`}`,
    failed: (step) => `Terminée à l’étape « ${step} » ; la suite est inconnue.`,
    wait: (total, max) => `Les utilisateurs attendraient environ ${total} (hold.max : ${max}).`,
    similar: (number) => ` (+${number} du même genre)`,
    more: (number) => `… et ${number} de plus : voir le rapport (--report FICHIER)`,
    counts: (migrations, time, tables, changed, rows) =>
      `${many(migrations, "migration")} en ${time} · ${many(tables, "table")}, ${changed} modifiée${changed > 1 ? "s" : ""} · ${rows}`,
    rows: (before, after) => `${count(before)} → ${rows(after)}`,
    slowest: "Le plus long : ",
    back: (lossless, lossy, impossible) =>
      `Tables qu’un retour garde : ${lossless} sans perte, ${lossy} avec perte, ${impossible} impossible${impossible > 1 ? "s" : ""}`,
    next: "Ensuite : ",
    nextReady: (choice) => swapTo(choice),
    nextNot: (choice) => `réglez ces points, puis : ${rehearsalOf(choice)}`,
    nextOverride: (choice, codes) =>
      `Ou quand même : ${swapTo(choice)} ${codes.map((code) => `--override ${code}`).join(" ")}`,
  },
};
