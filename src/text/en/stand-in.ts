import { shortList } from "./format.ts";

/** What keeps the updater from standing in front of a site that was installed by hand. */
export type AdoptionObstacle =
  | { readonly obstacle: "untagged" }
  | { readonly obstacle: "changed"; readonly files: readonly string[] }
  | { readonly obstacle: "noSocket" }
  | { readonly obstacle: "volatileSocket"; readonly path: string }
  | { readonly obstacle: "socketGone"; readonly path: string }
  | { readonly obstacle: "foreignSocket"; readonly path: string }
  | { readonly obstacle: "notPostgres" }
  | { readonly obstacle: "databaseElsewhere"; readonly host: string }
  | { readonly obstacle: "otherDatabase"; readonly name: string; readonly role: string }
  | { readonly obstacle: "databaseClosed"; readonly owner: string; readonly reason: string }
  | { readonly obstacle: "databaseMissing"; readonly name: string; readonly role: string }
  | { readonly obstacle: "superuser"; readonly role: string }
  | { readonly obstacle: "newerPostgres"; readonly major: number; readonly newest: number };

type Texts = {
  readonly [Kind in AdoptionObstacle["obstacle"]]: (
    found: Extract<AdoptionObstacle, { obstacle: Kind }>,
  ) => string;
};

const obstacles: Texts = {
  untagged: () => "what runs is no version: check a tag out (git checkout TAG), and try that first",
  changed: ({ files }) =>
    `files of BiomAid that the site has changed or added: ${shortList(files)}. To leave them behind when it moves: --as-tagged`,
  noSocket: () =>
    "gunicorn does not listen on one socket (-b unix:/home/…/biomaid.sock), as BiomAid's documentation has it",
  volatileSocket: ({ path }) =>
    `${path} goes away with its service, and its folder too: let it be in a folder that stays`,
  socketGone: ({ path }) => `${path} is no socket`,
  foreignSocket: ({ path }) => `${path} is not the user's as whom gunicorn runs`,
  notPostgres: () => "its database is none of PostgreSQL's",
  databaseElsewhere: ({ host }) => `its database is reached by the network, at ${host}`,
  otherDatabase: ({ name, role }) =>
    `its database is ${name}, of the role ${role}. In updater.toml: [database] name = "${name}", role = "${role}"`,
  databaseClosed: ({ owner, reason }) =>
    `PostgreSQL does not let in ${owner}, to whom it belongs: ${reason}`,
  databaseMissing: ({ name, role }) =>
    `the PostgreSQL of this machine has no database ${name}, or no role ${role}`,
  superuser: ({ role }) =>
    `BiomAid connects as the superuser ${role}, whom nothing keeps from writing: give it a role of its own`,
  newerPostgres: ({ major, newest }) =>
    `its PostgreSQL is ${major}: data come here from versions up to ${newest}`,
};

function obstacleText(found: AdoptionObstacle): string {
  return (obstacles[found.obstacle] as (found: AdoptionObstacle) => string)(found);
}

/** What the commands `updater adopt --stand-in` and `--undo` say. */
export const standIn = {
  done: (tag: string, folder: string) =>
    `The updater stands in front of BiomAid ${tag} in ${folder}. Users notice nothing; gunicorn, its database and its files are where they were.`,
  next: "To look at it: updater status. To leave everything as it was found: updater adopt --undo",
  undone: (folder: string) =>
    `Everything is as it was found: users reach BiomAid in ${folder} without the updater.`,

  errors: {
    adoptUnfit: (found: { folder: string; obstacles: readonly AdoptionObstacle[] }) => ({
      what: `The updater cannot stand in front of ${found.folder}:\n${found.obstacles.map((one) => `  - ${obstacleText(one)}`).join("\n")}`,
      next: "Mend these, then try again. All that was found of the site: updater adopt",
    }),
    standsInOnly: ({ instance, folder }: { instance: string; folder: string }) => ({
      what: `${instance} still runs as it was installed by hand, in ${folder}: the updater only stands in front of it.`,
      next: "To see what there is: updater status. To leave everything as it was found: updater adopt --undo",
    }),
    standsInNowhere: ({ instance }: { instance: string }) => ({
      what: `${instance} is no site that was installed by hand and that the updater stands in front of.`,
      next: "To see what there is: updater status",
    }),
    placeNotTaken: ({ path, seconds }: { path: string; seconds: number }) => ({
      what: `The place of ${path} could not be taken within ${seconds} s.`,
      next: "See whose that folder is, and whether something else makes that socket: ls -la, lsof",
    }),
  },
};
