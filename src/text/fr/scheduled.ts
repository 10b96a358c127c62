import type { scheduled as english } from "../en/scheduled.ts";
import { moment } from "./format.ts";

const states: typeof english.states = {
  waiting: "attend sa répétition",
  rehearsing: "répétition en cours",
  rehearsed: "répétée, prête",
  swapping: "en cours",
  done: "faite",
  "not-ready": "annulée : la répétition l’a trouvée non prête",
  failed: "en échec",
  missed: "manquée : la machine ou le planificateur était absent",
  cancelled: "annulée",
};

export const scheduled: typeof english = {
  states,
  asked: ({ tag, at, rehearseAt }) =>
    `La bascule vers ${tag} commence le ${moment(at)} ; elle est répétée le ${moment(rehearseAt)}, et annulée si la répétition la trouve non prête.\nPour la voir : updater scheduled. Pour l’annuler : updater scheduled cancel`,
  line: ({ id, tag, at, state, by, said }) =>
    `${moment(at)}  bascule ${tag}  ${states[state]}, par ${by}  ${id}${said === null ? "" : `\n    ${said.split("\n")[0]}`}`,
  none: "Aucune bascule n’est programmée.",
  cancelled: ({ tag }) => `La bascule vers ${tag} est annulée.`,
  status: ({ tag, at, state }) =>
    `Programmée : bascule ${tag}, le ${moment(at)}, ${states[state]}.`,
  errors: {
    scheduleDamaged: ({ instance }) => ({
      what: `Ce qui est noté des bascules programmées de l’instance ${instance} est illisible.`,
      next: `Supprimez-le, et programmez-les à nouveau : docker run --rm -v biomaid-${instance}-control:/c biomaid-updater/base:12 rm /c/scheduled.json`,
    }),
    scheduledAlready: ({ tag, at }) => ({
      what: `Une bascule vers ${tag} est déjà programmée, le ${moment(at)}.`,
      next: "Annulez d’abord celle-là : updater scheduled cancel",
    }),
    notScheduled: ({ id }) => ({
      what:
        id === "" ? "Aucune bascule n’est programmée." : `Aucune bascule ${id} n’est en attente.`,
      next: "Voyez lesquelles existent : updater scheduled",
    }),
    swapsAlready: ({ tag }) => ({
      what: `La bascule vers ${tag} a commencé.`,
      next: "Suivez-la (updater attach) ; Ctrl-C l’y annule.",
    }),
  },
};
