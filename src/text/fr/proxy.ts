import type { proxy as english } from "../en/proxy.ts";

export const proxy: typeof english = {
  errors: {
    drainTimedOut: ({ seconds, open }) => ({
      what: `${open} requête(s) n’avaient toujours pas reçu de réponse au bout de ${seconds} s.`,
      next: "Cherchez la page qui prend tout ce temps (updater logs) ou laissez plus de temps (hold.drain), puis recommencez.",
    }),
  },
  gate: {
    title: "BiomAid est en cours de mise à jour",
    explanation: "Une nouvelle version se met en place. Vos données sont en sécurité.",
    expected: (minutes) =>
      minutes <= 1
        ? "Le service devrait revenir d’ici une minute."
        : `Le service devrait revenir dans ${minutes} minutes environ.`,
    overdue: "L’opération prend un peu plus de temps que prévu.",
    reload: "Cette page se recharge toute seule ; vous n’avez rien à faire.",
    notSaved:
      "Ce que vous venez d’envoyer n’a pas été enregistré. Revenez au formulaire dans un instant et renvoyez-le.",
  },
};
