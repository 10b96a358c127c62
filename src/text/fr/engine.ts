export const engine = {
  errors: {
    engineUnreachable: ({ reason }: { reason: string }) => ({
      what: `Docker Engine ne répond pas : ${reason}`,
      next: "Démarrez-le (systemctl start docker) ou renseignez DOCKER_HOST, puis recommencez.",
    }),
    engineAway: ({ minutes }: { minutes: number }) => ({
      what: `Docker Engine ne répond plus depuis ${minutes} min. Ce qu’il exécute continue tout seul, ou dès qu’il aura redémarré. Impossible de dire d’ici si des utilisateurs attendent.`,
      next: "Démarrez-le (systemctl start docker), puis : updater attach",
    }),
    engineTooOld: ({ found }: { found: string }) => ({
      what: `Docker Engine parle l’API ${found} ; il faut au moins la 1.41 (Engine 20.10).`,
      next: "Mettez Docker Engine à jour, puis recommencez.",
    }),
    foreignVolume: ({ volume }: { volume: string }) => ({
      what: `Un volume nommé ${volume} existe déjà et n’appartient pas à cette instance.`,
      next: `Examinez-le (docker volume inspect ${volume}) ; renommez l’instance ou supprimez ce volume.`,
    }),
    foreignNetwork: ({ network }: { network: string }) => ({
      what: `Un réseau nommé ${network} existe déjà et n’appartient pas à cette instance.`,
      next: `Examinez-le (docker network inspect ${network}) ; renommez l’instance ou supprimez ce réseau.`,
    }),
    foreignContainer: ({ container }: { container: string }) => ({
      what: `Un conteneur nommé ${container} existe déjà et n’appartient pas à cette instance.`,
      next: `Examinez-le (docker inspect ${container}) ; renommez l’instance ou supprimez ce conteneur.`,
    }),
  },
};
