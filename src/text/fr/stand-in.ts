import type { AdoptionObstacle, standIn as english } from "../en/stand-in.ts";
import { shortList } from "./format.ts";

type Texts = {
  readonly [Kind in AdoptionObstacle["obstacle"]]: (
    found: Extract<AdoptionObstacle, { obstacle: Kind }>,
  ) => string;
};

const obstacles: Texts = {
  untagged: () =>
    "ce qui tourne n’est pas une version : placez-vous sur une étiquette (git checkout TAG) et essayez-la d’abord",
  changed: ({ files }) =>
    `des fichiers de BiomAid que le site a modifiés ou ajoutés : ${shortList(files)}. Pour les laisser derrière à l’emménagement : --as-tagged`,
  noSocket: () =>
    "gunicorn n’écoute pas sur une seule socket (-b unix:/home/…/biomaid.sock), comme le veut la documentation de BiomAid",
  volatileSocket: ({ path }) =>
    `${path} disparaît avec son service, et son dossier aussi : mettez-la dans un dossier qui reste`,
  socketGone: ({ path }) => `${path} n’est pas une socket`,
  foreignSocket: ({ path }) => `${path} n’est pas à l’utilisateur sous lequel tourne gunicorn`,
  notPostgres: () => "sa base n’est pas une base PostgreSQL",
  databaseElsewhere: ({ host }) => `sa base est atteinte par le réseau, à ${host}`,
  otherDatabase: ({ name, role }) =>
    `sa base est ${name}, du rôle ${role}. Dans updater.toml : [database] name = "${name}", role = "${role}"`,
  databaseClosed: ({ owner, reason }) =>
    `PostgreSQL ne laisse pas entrer ${owner}, à qui il appartient : ${reason}`,
  databaseMissing: ({ name, role }) =>
    `le PostgreSQL de cette machine n’a pas de base ${name}, ou pas de rôle ${role}`,
  superuser: ({ role }) =>
    `BiomAid se connecte comme le superutilisateur ${role}, que rien n’empêche d’écrire : donnez-lui un rôle à lui`,
  newerPostgres: ({ major, newest }) =>
    `son PostgreSQL est le ${major} : les données viennent ici de versions jusqu’à ${newest}`,
};

const obstacleText = (found: AdoptionObstacle) =>
  (obstacles[found.obstacle] as (found: AdoptionObstacle) => string)(found);

export const standIn: typeof english = {
  done: (tag, folder) =>
    `L’outil est devant le BiomAid ${tag} de ${folder}. Les utilisateurs ne remarquent rien ; gunicorn, sa base et ses fichiers sont là où ils étaient.`,
  next: "Pour le voir : updater status. Pour tout laisser comme trouvé : updater adopt --undo",
  undone: (folder) =>
    `Tout est comme trouvé : les utilisateurs atteignent le BiomAid de ${folder} sans l’outil.`,

  errors: {
    adoptUnfit: ({ folder, obstacles: found }) => ({
      what: `L’outil ne peut pas se placer devant ${folder} :\n${found.map((one) => `  - ${obstacleText(one)}`).join("\n")}`,
      next: "Corrigez, puis recommencez. Tout ce qui a été trouvé du site : updater adopt",
    }),
    standsInOnly: ({ instance, folder }) => ({
      what: `${instance} tourne encore tel qu’installé à la main, dans ${folder} : l’outil est seulement devant.`,
      next: "Pour voir ce qu’il y a : updater status. Pour tout laisser comme trouvé : updater adopt --undo",
    }),
    standsInNowhere: ({ instance }) => ({
      what: `${instance} n’est pas un site installé à la main devant lequel l’outil se trouve.`,
      next: "Pour voir ce qu’il y a : updater status",
    }),
    placeNotTaken: ({ path, seconds }) => ({
      what: `La place de ${path} n’a pas pu être prise en ${seconds} s.`,
      next: "Voyez à qui est ce dossier, et si autre chose crée cette socket : ls -la, lsof",
    }),
  },
};
