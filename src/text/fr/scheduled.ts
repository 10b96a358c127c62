import { shown } from "../typed.ts";
import type { scheduled as english } from "../en/scheduled.ts";
import { clock, weekday } from "../weekday.ts";
import { day, momentIn } from "./format.ts";

const states: typeof english.states = {
  waiting: "attend sa répétition",
  rehearsing: "répétition en cours",
  rehearsed: "répétée, prête",
  swapping: "en cours",
  done: "faite",
  "not-ready": "annulée : la répétition l’a trouvée non prête",
  failed: "en échec",
  missed: "manquée : elle n’a pu commencer dans la demi-heure",
  cancelled: "annulée",
};

const requests = (number: number) =>
  number.toLocaleString("fr", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const scheduled: typeof english = {
  states,
  asked: ({ choice, at, rehearseAt }, timeZone) =>
    `La bascule ${shown(choice)} commence le ${momentIn(timeZone, at)} ; elle est répétée le ${momentIn(timeZone, rehearseAt)}, et annulée si la répétition la trouve non prête.\nPour la voir : updater scheduled. Pour l’annuler : updater scheduled cancel`,
  quiet: ({ slot, since }) =>
    `La demi-heure la plus calme à venir : ${weekday("fr", slot.day, "long")} ${clock(slot.half)}–${clock(slot.half + 1)}, ${requests(slot.requests ?? 0)} ${(slot.requests ?? 0) < 2 ? "requête" : "requêtes"} en moyenne depuis le ${day(since)}.`,
  line: ({ id, choice, at, state, by, said, undelivered }, timeZone) => {
    const first = `${momentIn(timeZone, at)}  bascule ${shown(choice)}  ${states[state]}, par ${by}  ${id}`;
    const words = said === null ? [] : [said.split("\n")[0]];
    const lost = (undelivered ?? []).map((reason) => `compte rendu non remis : ${reason}`);
    return [first, ...[...words, ...lost].map((text) => `    ${text}`)].join("\n");
  },
  none: "Aucune bascule n’est programmée.",
  cancelled: ({ choice }) => `La bascule ${shown(choice)} est annulée.`,
  status: ({ choice, at, state }, timeZone) =>
    `Programmée : bascule ${shown(choice)}, le ${momentIn(timeZone, at)}, ${states[state]}.`,
  refused: (addresses) =>
    `le serveur de courriel a refusé ${addresses} ${addresses === 1 ? "adresse" : "adresses"}`,
  subject: (instance, { choice, state }) =>
    `BiomAid ${instance} : bascule ${shown(choice)} ${states[state].split(":")[0]?.trim()}`,
  errors: {
    scheduleDamaged: ({ instance }) => ({
      what: `Ce qui est noté des bascules programmées de l’instance ${instance} est illisible.`,
      next: `Supprimez-le, et programmez-les à nouveau : docker run --rm -v biomaid-${instance}-control:/c biomaid-updater/base:12 rm /c/scheduled.json`,
    }),
    scheduledAlready: ({ choice, at, timeZone }) => ({
      what: `La bascule ${shown(choice)} est déjà programmée, le ${momentIn(timeZone, at)}.`,
      next: "Annulez d’abord celle-là : updater scheduled cancel",
    }),
    notScheduled: ({ id }) => ({
      what:
        id === "" ? "Aucune bascule n’est programmée." : `Aucune bascule ${id} n’est en attente.`,
      next: "Voyez lesquelles existent : updater scheduled",
    }),
    swapsAlready: ({ choice }) => ({
      what: `La bascule ${shown(choice)} a commencé.`,
      next: "Suivez-la (updater attach) ; Ctrl-C l’y annule.",
    }),
  },
};
