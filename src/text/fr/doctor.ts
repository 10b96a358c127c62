import type { doctor as english } from "../en/doctor.ts";
import { count, day } from "./format.ts";
import { trouble } from "./doctor-trouble.ts";
import { ago, plural } from "./doctor-words.ts";
import { size } from "./measures.ts";

/** « base:12 » */
const short = (image: string) => image.replace("biomaid-updater/", "");

export const doctor: typeof english = {
  title: (instance) =>
    instance === null ? "Cette machine" : `Cette machine et l’instance ${instance}`,
  groups: {
    machine: "Machine",
    builds: "Constructions",
    configuration: "Configuration",
    site: "Site",
    database: "Base de données",
    care: "Répétitions et sauvegardes",
  },
  summary: (problems, warnings) =>
    problems + warnings === 0
      ? "Tout va bien : rien à faire."
      : problems === 0
        ? `Apte, avec ${plural(warnings, "avertissement")}.`
        : `Inapte : ${plural(problems, "problème")}, ${plural(warnings, "avertissement")}.`,
  levels: { ok: "ok", warning: "avertissement", problem: "problème" },

  reasons: {
    engine: "Tout le site est dans le moteur : rien ne peut en être examiné.",
    configuration: "Toutes les autres commandes refusent tant que cela dure.",
    instance: "Aucune autre commande ne peut partir de là.",
    gate: "Les utilisateurs n’ont pas de réponse, ou la page de maintenance.",
    unfinished: "Des utilisateurs attendent peut-être ; rien n’est perdu.",
    foreign: "La prochaine opération a besoin de ce nom, et ne le prend à personne.",
    image: "La prochaine version ne peut pas être construite.",
    snapshots: "Tant qu’il est injoignable, aucun instantané n’y va ni n’en revient.",
    unknown: "Nul ne sait si cette partie est comme il faut.",
  },

  fine: {
    engine: ({ version, api, driver }) => `Docker Engine ${version} (API ${api}, ${driver})`,
    builder: () => "BuildKit construit",
    disk: ({ needed, free }) =>
      `Disque : il reste ${size(free)}, la prochaine bascule en demande ${size(needed)}`,
    inodes: ({ free }) =>
      free === null ? "Inodes : autant qu’il en faut" : `Inodes : il en reste ${count(free)}`,
    memory: ({ needed, free }) =>
      `Mémoire : il reste ${size(free)}, une candidate en demande ${size(needed)}`,
    reflinks: ({ there }) =>
      there
        ? "Les volumes savent partager des blocs (reflinks)"
        : "Volumes sans reflinks : une copie prend toute sa taille",
    clock: ({ against, synchronised }) =>
      `Horloge : d’accord avec ${against.join(", ")}${synchronised ? " ; tenue à l’heure par NTP" : ""}`,
    baseImages: ({ images, at }) =>
      `Images de base : ${images.map(short).join(", ")} ; la plus ancienne du ${day(at)}`,
    reached: ({ hosts }) => `Une construction atteint ${hosts.join(", ")}`,
    configuration: ({ file }) => `${file} est valide`,
    permissions: ({ files }) => `Les droits de ${plural(files, "fichier")} sont comme il faut`,
    certificates: ({ certificates }) => `build.ca_bundle : ${plural(certificates, "certificat")}`,
    noInstance: ({ instance }) =>
      `L’instance ${instance} n’existe pas encore, ni rien de ce nom (à venir : updater init pour un nouveau site, updater adopt --stand-in pour celui qui tourne ici)`,
    serving: ({ tag, pages }) =>
      `${tag} est en service ; ${pages < 2 ? `${pages} page a` : `${pages} pages ont`} répondu`,
    remains: ({ operation, rehearsal }) =>
      operation !== null
        ? `En cours : ${operation} ; ce qui se prépare n’a pas été examiné`
        : rehearsal
          ? "Rien ne reste d’opérations passées, sauf une répétition conservée (updater rehearse --remove)"
          : "Rien ne reste d’opérations passées",
    names: () => "Aucun objet étranger ne porte un nom dont la prochaine opération a besoin",
    tls: ({ host, until }) => `https://${host} : certificat valable jusqu’au ${day(until)}`,
    database: ({ bytes, version }) =>
      `PostgreSQL ${version}, ${size(bytes)} ; les réglages sont comme il faut`,
    transactions: () => "Aucune transaction n’est ouverte depuis longtemps",
    replicationSlots: ({ slots, bytes }) =>
      slots === 0
        ? "Aucun slot de réplication ne retient de journal"
        : `${slots < 2 ? "1 slot" : `${count(slots)} slots`} de réplication de l’outil ; journal retenu : ${size(bytes)}`,
    carried: () => "Les copies de la base sont complètes, et tout y suit",
    rehearsal: ({ tag, since, verdict }) =>
      `Dernière répétition : ${tag}, ${ago(since)}, ${{ ready: "prête", remarks: "prête, avec des remarques", "not-ready": "pas prête" }[verdict] ?? verdict}`,
    backup: ({ file, since, bytes }) =>
      `Dernière sauvegarde : ${file}, ${ago(since)}, ${size(bytes)}`,
    snapshot: ({ name, since, bytes }) =>
      `Dernier instantané : ${name}, ${ago(since)}, ${size(bytes)}`,
  },

  trouble,
};
