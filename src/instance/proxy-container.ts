import { startContainer } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import { foldersFor } from "./bare-metal.ts";
import { applicationStopSeconds } from "./containers.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { slots } from "./slot.ts";
import type { BareMetal } from "./state.ts";
import { ownedBy, users } from "./users.ts";

/**
 * Starts the only container that users' requests enter by.
 * @param options.bareMetal static files and media that are not here are those of a site that was installed by hand
 */
export async function startProxy(
  instance: Instance,
  image: string,
  { bareMetal }: { readonly bareMetal?: BareMetal | undefined } = {},
): Promise<void> {
  const { names, configuration } = instance;
  const { listen, site } = configuration;
  const machine = foldersFor(bareMetal);
  await startContainer(instance.engine, {
    name: names.proxy,
    image,
    labels: labelsOf(instance.name, "proxy"),
    environment: {
      PROXY_PORT: "8080",
      PROXY_SERVER_NAME: site.hostNames.join(" "),
      ...machine.environment,
    },
    groups: machine.groups,
    mounts: [
      ...machine.mounts,
      { volume: names.control, path: paths.control, readOnly: true },
      { volume: names.gateVolume, path: paths.gate, readOnly: true },
      { volume: names.media, path: paths.media, readOnly: true },
      ...slots.map((slot) => ({
        volume: names.slot(slot),
        path: paths.slot(slot),
        readOnly: true,
      })),
    ],
    tmpfs: { "/run/nginx": ownedBy(users.proxy) },
    network: names.network,
    publish: { address: listen.address, port: listen.port, containerPort: 8080 },
    restart: "unless-stopped",
    stopSeconds: applicationStopSeconds,
  });
}
