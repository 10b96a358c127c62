import type { Fault, FaultOf, Problem } from "../en/configuration.ts";

const valueTypes: Record<FaultOf<"wrongType">["expected"], string> = {
  text: 'un texte entre guillemets, "comme ceci"',
  number: "un nombre",
  wholeNumber: "un nombre entier",
  boolean: "true ou false",
  list: 'une liste, ["comme", "ceci"]',
  table: "une table",
};

const rules: Record<FaultOf<"rule">["rule"], string> = {
  address: "doit être une adresse IP, par exemple 127.0.0.1",
  domainName: "doit être un nom d’hôte ou de domaine",
  colour: 'doit être une couleur telle que "#1f5673"',
  contrast: "se lit mal avec l’autre couleur : leur contraste doit être d’au moins 4,5",
  duration: "doit être une durée comme 30s, 2m, 12h ou 7d",
  gitRef: "doit être le simple nom d’une branche, d’une étiquette ou d’un commit",
  hostName: "doit être un nom d’hôte sans https:// ni port, par exemple biomaid.exemple.fr",
  identifier: "doit se composer de minuscules, de chiffres et de _, sans chiffre au début",
  imageName: "doit être un nom d’image",
  instanceName:
    "doit se composer de minuscules, de chiffres et de -, commencer par une lettre et compter au plus 31 caractères",
  packageName: "doit se composer de lettres, de chiffres, de ., de _ et de -",
  pagePath: "doit être le chemin d’une page, avec un seul / au début",
  path: "doit être le chemin d’un fichier, sur une seule ligne",
  plainFolder:
    "doit être un simple nom de dossier de l’arborescence de BiomAid, par exemple local_biomaid",
  proxyUrl: "doit être un serveur mandataire comme http://proxy.exemple.fr:3128",
  pythonVersion: "doit être une version de Python comme 3.11",
  schedule:
    'doit être cinq champs comme dans cron, par exemple "11 2 * * *", qui arrivent un jour ; ou "off"',
  secretName: "doit se composer de minuscules, de chiffres, de ., de _ et de -",
  singleLine: "doit être un texte d’une seule ligne",
  locale: "doit être le nom d’une langue, par exemple fr-FR, ou C",
  timeZone: "doit être le nom d’un fuseau horaire, par exemple Europe/Paris",
  version: "doit être une version comme 0.14 ou 0.14.10",
  repository: "doit être une URL https:// ou ssh://, git@hôte:chemin, ou le chemin d’un dossier",
  snapshotRepository:
    "doit être le chemin d’un dossier, sftp:utilisateur@hôte:/chemin ou s3:https://hôte/bucket/chemin, sans mot de passe",
  snapshotPassword: "est nécessaire pour une autre machine : ce qui y part est chiffré",
  snapshotSsh: "est nécessaire pour sftp : personne ne répondra aux questions de ssh",
  snapshotOtherPlace: "ne sert à rien pour ce genre de dépôt",
  repositoryHttp:
    "passe par http://, que n’importe qui peut altérer en route ; utilisez https://, ou indiquez allow_http = true",
  repositoryPassword:
    "contient un nom d’utilisateur ou un mot de passe, que « ps » montrerait ; utilisez ssh:// avec une clé, ou un gestionnaire d’identifiants de git",
  proxyPassword:
    "contient un mot de passe ; placez l’URL dans un fichier à part, désigné par http_proxy_file ou https_proxy_file",
  proxyTwice: "fait double emploi avec la clé sans _file ; gardez l’une des deux",
  webhookUrl:
    "doit être une URL comme https://chat.exemple.fr/hooks/biomaid, sans nom d’utilisateur ni mot de passe",
  webhookTwice: "fait double emploi avec webhook ; gardez l’un des deux",
  mailAddress: "doit être une adresse de courriel",
  localNothing:
    "demande un dépôt (repository, avec ref, branch ou refs) ou un dossier (folder) de l’arborescence de BiomAid",
  localTwice: "est incompatible avec repository ; gardez l’un des deux",
  localRuleMissing: 'demande une règle : ref = "same-tag", branch = "…", ou une table [local.refs]',
  localRuleTwice: "est incompatible avec ref ; gardez l’un des deux",
  localRuleWithFolder:
    "ne sert qu’avec repository ; un dossier est pris à l’étiquette de BiomAid elle-même",
  drainTooLong: "doit laisser du temps au reste de la bascule : drain doit être plus court que max",
  intervalTooLong: "ne laisse place à aucun contrôle : interval ne doit pas dépasser duration",
  versionTwice: "a déjà une entrée",
};

const troubles: Record<FaultOf<"file">["trouble"], (path: string) => string> = {
  missing: (path) => `${path} n’existe pas`,
  unreadable: (path) => `${path} est illisible`,
  notAFile: (path) => `${path} n’est pas un fichier`,
  notAFolder: (path) => `${path} n’est pas un dossier`,
  notExecutable: (path) => `${path} n’est pas exécutable ; tapez : chmod +x ${path}`,
  worldReadable: (path) =>
    `${path} est ouvert à tous les utilisateurs de la machine ; tapez : chmod 600 ${path}`,
  notAnEnvironment: (path) => `${path} doit contenir une ligne NOM=valeur par variable`,
  notAProxyUrl: (path) =>
    `${path} doit contenir une ligne comme http://utilisateur:motdepasse@proxy.exemple.fr:3128`,
  notAWebhookUrl: (path) =>
    `${path} doit contenir une ligne comme https://chat.exemple.fr/hooks/JETON`,
};

const faults: { readonly [Kind in Fault["kind"]]: (fault: FaultOf<Kind>) => string } = {
  unknownKey: (fault) =>
    fault.suggestion === undefined
      ? "clé inconnue"
      : `clé inconnue ; vouliez-vous dire ${fault.suggestion} ?`,
  missing: () => "est absente",
  wrongType: (fault) => `doit être ${valueTypes[fault.expected]}`,
  notOneOf: (fault) => `doit être ${fault.allowed.map((value) => `"${value}"`).join(" ou ")}`,
  tooSmall: (fault) => `doit être d’au moins ${fault.minimum}`,
  tooBig: (fault) => `ne doit pas dépasser ${fault.maximum}`,
  empty: () => "ne doit pas être vide",
  rule: (fault) => rules[fault.rule],
  file: (fault) => troubles[fault.trouble](fault.path),
  template: ({ path, unknown, missing, known }) =>
    [
      ...unknown.map((name) => `${path ?? "ce texte"} utilise {{${name}}}, qui n’existe pas`),
      ...missing.map((name) => `il manque {{${name}}} dans ${path}`),
      `existent : ${known.map((name) => `{{${name}}}`).join(", ")}`,
    ].join(" ; "),
};

function textOf<Kind extends Fault["kind"]>(fault: FaultOf<Kind>): string {
  const text: (fault: FaultOf<Kind>) => string = faults[fault.kind];
  return text(fault);
}

function problemLine({ line, key, fault }: Problem): string {
  return `  ${line === undefined ? "" : `ligne ${line} : `}${key} : ${textOf(fault)}`;
}

export const configuration = {
  errors: {
    configurationMissing: ({ file }: { file: string }) => ({
      what: `Il n’y a pas de configuration ${file}.`,
      next: "Écrivez-la (docs/configuration.md commence par un court exemple) ou désignez-en une autre avec --config FICHIER.",
    }),
    configurationUnreadable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `La configuration ${file} est illisible : ${reason}`,
      next: `Vérifiez ses droits d’accès : ls -l ${file}`,
    }),
    configurationSyntax: (problem: {
      file: string;
      line: number;
      column: number;
      reason: string;
      excerpt: string;
    }) => ({
      what: `${problem.file} n’est pas du TOML valide, ligne ${problem.line}, colonne ${problem.column} (« ${problem.reason} ») :\n${problem.excerpt}`,
      next: "Corrigez cette ligne, puis recommencez.",
    }),
    configurationInvalid: ({ file, problems }: { file: string; problems: readonly Problem[] }) => ({
      what: `${file} contient ${problems.length === 1 ? "une erreur" : `${problems.length} erreurs`} :\n${problems.map(problemLine).join("\n")}`,
      next: "Corrigez ces lignes, puis recommencez ; docs/configuration.md explique chaque clé.",
    }),
    buildSettingsMissing: (missing: { version: string; first: string; file: string }) => ({
      what: `Rien ne dit comment construire BiomAid ${missing.version} : les réglages connus commencent à la version ${missing.first}.`,
      next: `Ajoutez à ${missing.file} : [[build.versions]] avec from = "${missing.version}" et python = "…".`,
    }),
  },
};
