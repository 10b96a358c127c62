/** French by locale, as the C library would choose; English otherwise. */
export function languageOf(env) {
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || "").startsWith("fr") ? "fr" : "en";
}

/** What a person reads about anything that was thrown. */
export function describe(text, error) {
  const failure = text.failures[error.key];
  if (failure) return { reason: error.facts.reason, ...failure(error.facts) };
  return { reason: error.message, ...text.failures.unexpected() };
}

const setup = "npm run setup -- --yes";

const en = {
  seconds: (count) => `${count.toFixed(1)} s`,
  notThere: "no image registry answers",
  withoutBrowser: "The report is not tried in a browser, those tests are skipped.",
  yesOrNo: "[y/N]",
  isYes: (answer) => /^y(es)?$/i.test(answer.trim()),
  questions: {
    mayInstallEngine:
      "No Docker engine answers. Install Debian's (package docker.io) and start it?",
    mayStartEngine: "The Docker engine of this machine does not answer. Start it?",
    mayInstallBuilder: "Building the base image needs Debian's mmdebstrap. Install it?",
    mayInstallBrowser: "Trying the report in a browser needs Debian's chromium. Install it?",
  },
  progress: {
    dependenciesMissing: () => "Node packages: node_modules is missing",
    dependenciesDiffer: () => "Node packages: node_modules differs from package-lock.json",
    runtimeMissing: () => "Node 24: npm did not run the install script that brings it",
    engineMissing: () => "Docker engine: none is installed, installing docker.io",
    engineStopped: () => "Docker engine: it does not answer, starting it",
    pulling: ({ image }) => `Base images: asking an image registry for ${image}`,
    builderMissing: () => "mmdebstrap: not installed, needed to build the base image",
    browserMissing: () => "Browser: none is installed, installing chromium for the tests",
    buildingBase: ({ image }) => `Image ${image}: building it from Debian packages`,
    buildingPython: ({ image }) => `Image ${image}: building it from Debian packages`,
  },
  failures: {
    unknownOption: ({ option }) => ({
      what: `Unknown option: ${option}`,
      type: "Known: --yes --offline --quiet --browser --only=deps,engine,images",
    }),
    commandFailed: ({ command }) => ({
      what: `This command failed: ${command}`,
      type: `Try it yourself: ${command}`,
    }),
    needsRoot: ({ command }) => ({
      what: "This needs root, and sudo is not installed.",
      type: `As root: ${command}`,
    }),
    notDebian: ({ name }) => ({
      what: `${name} is missing, and there is no apt-get to install it with.`,
      type: `Install ${name}, then: npm run setup`,
    }),
    noNpm: () => ({
      what: "npm is not installed.",
      type: "Install npm (it comes with Node 20 or later), then: npm test",
    }),
    noRuntime: () => ({
      what: "Node 24 could not be installed through the npm package node.",
      type: "See why: npm rebuild node --ignore-scripts=false --foreground-scripts",
    }),
    endpointUnknown: ({ host }) => ({
      what: `DOCKER_HOST has a form that is not supported: ${host}`,
      type: "Use unix:///path/docker.sock or tcp://host:port, or: unset DOCKER_HOST",
    }),
    engineSilent: ({ host }) => ({
      what: `No Docker engine answers at DOCKER_HOST=${host}. Nothing was installed: that address was chosen.`,
      type: "Start that engine, or use this machine's: unset DOCKER_HOST",
    }),
    engineDenied: ({ user }) => ({
      what: `The Docker engine is there, but ${user} may not use it.`,
      type: `sudo usermod -aG docker ${user}   (then log in again), or run the same command with sudo`,
    }),
    engineTooOld: ({ api }) => ({
      what: `The Docker engine is too old: its API is ${api}, and 1.41 (Engine 20.10) is needed.`,
      type: "Upgrade it; in Debian 12: sudo apt-get install docker.io",
    }),
    engineDoesNotStart: () => ({
      what: "The Docker engine was started and does not answer.",
      type: "See why: sudo dockerd",
    }),
    engineSaid: () => ({ what: "The Docker engine refused.", type: "See how it is: docker info" }),
    buildFailed: ({ image }) => ({
      what: `The image ${image} could not be built.`,
      type: `Once that is mended: ${setup}`,
    }),
    nobodyToAsk: ({ question }) => ({
      what: `${question} Nobody is there to answer, so nothing was installed.`,
      type: `If the answer is yes: ${setup}`,
    }),
    declined: () => ({ what: "Nothing was installed.", type: `When you are ready: ${setup}` }),
    unexpected: () => ({
      what: "The set-up stopped on something unforeseen.",
      type: "Try again: npm run setup",
    }),
  },
};

const fr = {
  seconds: (count) => `${count.toFixed(1).replace(".", ",")} s`,
  notThere: "aucun registre d’images ne répond",
  withoutBrowser: "Le rapport n’est pas essayé dans un navigateur, ces tests sont sautés.",
  yesOrNo: "[o/N]",
  isYes: (answer) => /^(o(ui)?|y(es)?)$/i.test(answer.trim()),
  questions: {
    mayInstallEngine:
      "Aucun moteur Docker ne répond. Installer celui de Debian (paquet docker.io) et le démarrer ?",
    mayStartEngine: "Le moteur Docker de cette machine ne répond pas. Le démarrer ?",
    mayInstallBuilder:
      "La construction de l’image de base demande mmdebstrap, de Debian. L’installer ?",
    mayInstallBrowser:
      "Essayer le rapport dans un navigateur demande chromium, de Debian. L’installer ?",
  },
  progress: {
    dependenciesMissing: () => "Paquets Node : node_modules est absent",
    dependenciesDiffer: () => "Paquets Node : node_modules diffère de package-lock.json",
    runtimeMissing: () => "Node 24 : npm n’a pas lancé le script qui l’installe",
    engineMissing: () => "Moteur Docker : aucun n’est installé, installation de docker.io",
    engineStopped: () => "Moteur Docker : il ne répond pas, démarrage",
    pulling: ({ image }) => `Images de base : ${image} est demandée à un registre d’images`,
    builderMissing: () => "mmdebstrap : absent, nécessaire pour construire l’image de base",
    browserMissing: () =>
      "Navigateur : aucun n’est installé, installation de chromium pour les tests",
    buildingBase: ({ image }) => `Image ${image} : construction à partir des paquets Debian`,
    buildingPython: ({ image }) => `Image ${image} : construction à partir des paquets Debian`,
  },
  failures: {
    unknownOption: ({ option }) => ({
      what: `Option inconnue : ${option}`,
      type: "Options possibles : --yes --offline --quiet --browser --only=deps,engine,images",
    }),
    commandFailed: ({ command }) => ({
      what: `Cette commande a échoué : ${command}`,
      type: `Pour l’essayer vous-même : ${command}`,
    }),
    needsRoot: ({ command }) => ({
      what: "Il faut être root, et sudo n’est pas installé.",
      type: `En tant que root : ${command}`,
    }),
    notDebian: ({ name }) => ({
      what: `${name} est absent, et il n’y a pas d’apt-get pour l’installer.`,
      type: `Installez ${name}, puis : npm run setup`,
    }),
    noNpm: () => ({
      what: "npm n’est pas installé.",
      type: "Installez npm (fourni avec Node 20 ou plus récent), puis : npm test",
    }),
    noRuntime: () => ({
      what: "Node 24 n’a pas pu être installé par le paquet npm node.",
      type: "Pour voir pourquoi : npm rebuild node --ignore-scripts=false --foreground-scripts",
    }),
    endpointUnknown: ({ host }) => ({
      what: `DOCKER_HOST a une forme qui n’est pas prise en charge : ${host}`,
      type: "Utilisez unix:///chemin/docker.sock ou tcp://hôte:port, ou bien : unset DOCKER_HOST",
    }),
    engineSilent: ({ host }) => ({
      what: `Aucun moteur Docker ne répond à DOCKER_HOST=${host}. Rien n’a été installé : cette adresse a été choisie.`,
      type: "Démarrez ce moteur, ou prenez celui de cette machine : unset DOCKER_HOST",
    }),
    engineDenied: ({ user }) => ({
      what: `Le moteur Docker est là, mais ${user} n’a pas le droit de s’en servir.`,
      type: `sudo usermod -aG docker ${user}   (puis reconnectez-vous), ou relancez la même commande avec sudo`,
    }),
    engineTooOld: ({ api }) => ({
      what: `Le moteur Docker est trop ancien : son API est la ${api}, il faut la 1.41 (Engine 20.10).`,
      type: "Mettez-le à jour ; sous Debian 12 : sudo apt-get install docker.io",
    }),
    engineDoesNotStart: () => ({
      what: "Le moteur Docker a été démarré et ne répond pas.",
      type: "Pour voir pourquoi : sudo dockerd",
    }),
    engineSaid: () => ({
      what: "Le moteur Docker a refusé.",
      type: "Pour voir son état : docker info",
    }),
    buildFailed: ({ image }) => ({
      what: `L’image ${image} n’a pas pu être construite.`,
      type: `Une fois le problème réglé : ${setup}`,
    }),
    nobodyToAsk: ({ question }) => ({
      what: `${question} Personne n’est là pour répondre : rien n’a été installé.`,
      type: `Si la réponse est oui : ${setup}`,
    }),
    declined: () => ({ what: "Rien n’a été installé.", type: `Quand vous serez prêt : ${setup}` }),
    unexpected: () => ({
      what: "L’installation s’est arrêtée sur un imprévu.",
      type: "Pour réessayer : npm run setup",
    }),
  },
};

export const texts = { en, fr };
