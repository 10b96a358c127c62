import type { proxy as english } from "../en/proxy.ts";
import { moment, momentIn } from "./format.ts";

export const proxy: typeof english = {
  errors: {
    announcementEndsBefore: ({ from, until, timeZone }) => ({
      what: `L’annonce finirait (${momentIn(timeZone, until)}) avant de commencer (${momentIn(timeZone, from)}).`,
      next: 'Donnez aussi le jour, par exemple --until "2026-11-25 22:40".',
    }),
    mailFails: ({ reason }) => ({
      what: `Les utilisateurs n’ont pas reçu de courriel : ${reason}`,
      next: "Vérifiez les réglages de messagerie (EMAIL_…) d’instance_settings.py ; l’opération continue sans cela.",
    }),
    mailIncomplete: ({ refused, unknown }) => ({
      what: [
        ...(refused > 0
          ? [
              `Le serveur de messagerie a refusé ${refused} ${refused < 2 ? "adresse" : "adresses"}.`,
            ]
          : []),
        ...unknown.map((group) => `BiomAid n’a pas de groupe « ${group} ».`),
      ].join(" "),
      next: "Corrigez messages.mail.groups, ou les adresses dans BiomAid ; les autres ont reçu le courriel.",
    }),
    requestsUnknown: ({ since }) => ({
      what: `Le journal du proxy commence le ${moment(since)} : il ne couvre pas encore un jour et une nuit.`,
      next: 'Réessayez dans une semaine, quand il les couvrira toutes. En attendant, donnez vous-même un moment à la bascule : updater swap TAG --at "22:30"',
    }),
    noQuietMoment: () => ({
      what: "Aucune des demi-heures les plus calmes de la semaine à venir ne laisse le temps de répéter avant elle.",
      next: 'Choisissez vous-même un moment (updater slots, puis --at "22:30"), ou répétez plus tard : scheduled.rehearse_before dans updater.toml.',
    }),
    proxyTellsNothing: ({ instance }) => ({
      what: `Le proxy de l’instance ${instance} ne sait rien ajouter aux pages : il a le même âge qu’elle, et cette commande est plus récente.`,
      next: "Prévenez les utilisateurs autrement (point d’insertion users_inform_before). Les instances créées désormais le pourront.",
    }),
    newsUnreadable: ({ reason }) => ({
      what: `Les nouveautés ne sont pas montrées aux utilisateurs : ${reason}`,
      next: "La mise à jour continue sans cela. Ensuite : updater announce --whats-new",
    }),
    nothingNew: ({ tag }) => ({
      what: `NEWS.md ne dit rien de ${tag} : il n’y a rien à montrer.`,
      next: "Prévenez les utilisateurs avec vos propres mots : updater announce TEXTE",
    }),
    drainTimedOut: ({ seconds, open }) => ({
      what: `${open} ${open < 2 ? "requête n’avait" : "requêtes n’avaient"} toujours pas reçu de réponse au bout de ${seconds} s.`,
      next: "Cherchez la page qui prend tout ce temps (docker logs --since 10m biomaid-NAME-proxy, une fois la réponse donnée) ou laissez plus de temps (hold.drain), puis recommencez.",
    }),
  },
  mail: {
    before: `BiomAid sera mis à jour dans quelques minutes

Bonjour,

BiomAid ({{site}}) va passer de la version {{previous}} à la version {{version}}. Vous pouvez continuer à travailler : à un moment, une page mettra
quelques secondes de plus que d’habitude à s’afficher, et rien de ce que vous enverrez ne sera perdu.
`,
    after: `BiomAid {{version}} est en service

Bonjour,

BiomAid ({{site}}) est passé à la version {{version}}. Vous n’avez rien à faire.
`,
  },
  gate: {
    title: "BiomAid est en cours de mise à jour",
    explanation: "Une nouvelle version se met en place. Vos données sont en sécurité.",
    expected: (minutes) =>
      minutes <= 1
        ? "Le service devrait revenir d’ici une minute."
        : `Le service devrait revenir dans ${minutes} minutes environ.`,
    expectedAt: (minutes, time) =>
      minutes <= 1
        ? `Le service devrait revenir d’ici une minute, à ${time}.`
        : `Le service devrait revenir vers ${time}, dans ${minutes} minutes environ.`,
    overdue: "L’opération prend un peu plus de temps que prévu.",
    reload: "Cette page se recharge toute seule ; vous n’avez rien à faire.",
    notSaved:
      "Ce que vous venez d’envoyer n’a pas été enregistré. Revenez au formulaire dans un instant et renvoyez-le.",
    kept: "Ce que vous venez d’envoyer n’est pas encore enregistré, mais n’est pas perdu : cette page l’a gardé. Renvoyez-le avec ce bouton. Inutile d’attendre pour cela : il sera pris en compte dès le retour du service.",
    filesAgain: "Les fichiers sont à choisir de nouveau : une page ne peut pas les garder.",
    chooseAgain: (file) => `À choisir de nouveau : ${file}`,
    sendAgain: "Renvoyer",
    plain:
      "BiomAid est en cours de mise à jour. Rien n’a été fait ; veuillez réessayer dans un instant.",
  },
};
