import type { localRules as english } from "../en/source.ts";

const localRules: typeof english = {
  ref: 'ref = "same-tag"',
  branch: "branch",
  refs: "la table [local.refs]",
  asked: "la ligne de commande",
};

export const source = {
  errors: {
    gitUnusable: ({ reason }: { reason: string }) => ({
      what: `git ne fonctionne pas ici : ${reason}`,
      next: "Installez git et util-linux (pour flock), et rendez le cache de git accessible en écriture, puis recommencez.",
    }),
    repositoryRefused: ({ repository }: { repository: string }) => ({
      what: `« ${repository} » n’est pas un dépôt que l’outil accepte de lire.`,
      next: "Donnez une URL https:// ou ssh://, git@hôte:chemin, ou le chemin d’un dossier.",
    }),
    repositoryUnreachable: ({ repository, reason }: { repository: string; reason: string }) => ({
      what: `Le dépôt ${repository} est inaccessible : ${reason}`,
      next: `Essayez : git ls-remote ${repository}`,
    }),
    repositoryForbidden: ({ repository }: { repository: string }) => ({
      what: `Le dépôt ${repository} nous refuse l’accès.`,
      next: `Donnez à ce compte une clé ou un gestionnaire d’identifiants, jusqu’à ce que ceci marche sans poser de question : git ls-remote ${repository}`,
    }),
    repositoryTimeout: ({ repository, seconds }: { repository: string; seconds: number }) => ({
      what: `Le dépôt ${repository} n’a pas pu être récupéré en ${seconds} s.`,
      next: `Vérifiez le réseau (git ls-remote ${repository}), puis recommencez.`,
    }),
    repositoryLocked: ({
      repository,
      lock,
      seconds,
    }: {
      repository: string;
      lock: string;
      seconds: number;
    }) => ({
      what: `Une autre commande lit le dépôt ${repository} depuis plus de ${seconds} s.`,
      next: `Voyez laquelle (lslocks -o PID,COMMAND,PATH | grep ${lock}), arrêtez-la, puis recommencez.`,
    }),
    repositoryDamaged: ({ repository }: { repository: string }) => ({
      what: `Il manque au dépôt ${repository} des objets qu’il devrait contenir.`,
      next: `Vérifiez-le avec git fsck, puis recommencez.`,
    }),
    notARepository: ({ repository }: { repository: string }) => ({
      what: `Il n’y a pas de dépôt git à l’emplacement ${repository}.`,
      next: "Corrigez le dépôt (repository) dans updater.toml.",
    }),
    notBiomaid: ({ tag, repository }: { tag: string; repository: string }) => ({
      what: `À l’étiquette ${tag}, ${repository} n’est pas BiomAid : il n’y a pas de manage.py.`,
      next: "Corrigez le dépôt (repository de [source]) dans updater.toml.",
    }),
    treeUnsafe: ({ repository, path }: { repository: string; path: string }) => ({
      what: `${repository} contient un élément qui sortirait de son dossier : ${path}`,
      next: "N’utilisez pas cette version ; interrogez son auteur sur cet élément.",
    }),
    unsigned: (signed: { ref: string; repository: string; file: string; reason: string }) => ({
      what: `${signed.ref}, du dépôt ${signed.repository}, n’est signé par personne que nomme ${signed.file} : ${signed.reason}`,
      next: "Ne l’utilisez pas avant que son auteur vous l’ait confirmé. Si le signataire est nouveau, ajoutez sa clé à ce fichier.",
    }),
    tagRefused: ({ tag }: { tag: string }) => ({
      what: `« ${tag} » ne peut pas être l’étiquette d’une version.`,
      next: "Donnez une étiquette comme 0.8.1 ; pour les voir : updater versions",
    }),
    tagMissing: (missing: { tag: string; repository: string; nearest: readonly string[] }) => ({
      what: `${missing.repository} n’a pas d’étiquette ${missing.tag}.`,
      next: `${missing.nearest.length > 0 ? `Vouliez-vous dire ${missing.nearest.join(" ou ")} ? ` : ""}Pour les voir toutes : updater versions`,
    }),
    folderMissing: (missing: { folder: string; commit: string; repository: string }) => ({
      what: `${missing.repository} n’a pas de dossier ${missing.folder} au commit ${missing.commit.slice(0, 10)}.`,
      next: "Corrigez folder dans la table [local] d’updater.toml.",
    }),
    localRefMissing: (missing: {
      ref: string;
      key: keyof typeof english;
      tag: string;
      repository: string;
    }) => ({
      what: `La configuration locale de BiomAid ${missing.tag} devrait être ${missing.ref} dans ${missing.repository} (d’après ${localRules[missing.key]}), qui n’existe pas.`,
      next: `Créez-la dans ce dépôt, ou désignez-en une autre dans updater.toml : [local.refs] "${missing.tag}" = "…"`,
    }),
    localIsAFolder: ({ folder }: { folder: string }) => ({
      what: `La configuration locale vient de l’arbre de BiomAid (${folder}) : elle ne change qu’avec son étiquette.`,
      next: "Donnez-lui un dépôt à elle : [local] repository dans updater.toml.",
    }),
    localRuleSilent: ({ tag, repository }: { tag: string; repository: string }) => ({
      what: `Aucune règle ne dit quelle configuration locale du dépôt ${repository} va avec BiomAid ${tag}.`,
      next: `Ajoutez à updater.toml : [local.refs] "${tag}" = "…", ou bien ref ou branch dans [local].`,
    }),
  },
};
