export const engine = {
  errors: {
    engineUnreachable: ({ reason }: { reason: string }) => ({
      what: `Docker Engine does not answer: ${reason}`,
      next: "Start it (systemctl start docker), or set DOCKER_HOST, then try again.",
    }),
    engineAway: ({ minutes }: { minutes: number }) => ({
      what: `Docker Engine has not answered for ${minutes} min. What it runs goes on by itself, or once it is started again. Whether users wait cannot be told from here.`,
      next: "Start it (systemctl start docker), then: updater attach",
    }),
    engineTooOld: ({ found }: { found: string }) => ({
      what: `Docker Engine speaks API ${found}; the updater needs 1.41 (Engine 20.10) or later.`,
      next: "Upgrade Docker Engine, then try again.",
    }),
    foreignVolume: ({ volume }: { volume: string }) => ({
      what: `A volume named ${volume} exists and does not belong to this instance.`,
      next: `Look at it (docker volume inspect ${volume}); rename the instance or remove that volume.`,
    }),
    foreignNetwork: ({ network }: { network: string }) => ({
      what: `A network named ${network} exists and does not belong to this instance.`,
      next: `Look at it (docker network inspect ${network}); rename the instance or remove that network.`,
    }),
    foreignContainer: ({ container }: { container: string }) => ({
      what: `A container named ${container} exists and does not belong to this instance.`,
      next: `Look at it (docker inspect ${container}); rename the instance or remove that container.`,
    }),
  },
};
