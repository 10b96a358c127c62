import { gateBacklog } from "../gate/gate.ts";
import { startContainer } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { slots } from "./slot.ts";
import { userAndGroup, users } from "./users.ts";

/**
 * Starts the two programs that hold requests; the second takes over when the first dies.
 * @param options.mostHeld how many requests they hold; the rest get the maintenance page
 * @param options.expectedMs how long a rehearsal says users will wait
 */
export async function startGates(
  instance: Instance,
  {
    image,
    language,
    mostHeld,
    expectedMs,
  }: {
    readonly image: string;
    readonly language: string;
    readonly mostHeld: number;
    readonly expectedMs: number | undefined;
  },
): Promise<void> {
  const { names, configuration } = instance;
  // A server that runs on UTC says nothing about its users' clocks.
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (const [index, name] of names.gates.entries()) {
    await startContainer(instance.engine, {
      name,
      image,
      labels: labelsOf(instance.name, "gate"),
      entrypoint: ["node"],
      command: ["/app/src/gate/main.ts"],
      user: userAndGroup(users.gate),
      environment: {
        GATE_SOCKET: `${paths.gate}/${index === 0 ? "app.sock" : "app2.sock"}`,
        GATE_POINTER: `${paths.control}/serving`,
        GATE_HOLD_MAX: String(configuration.hold.maxMs),
        GATE_MOST_HELD: String(mostHeld),
        GATE_WORKERS: String(configuration.site.workers),
        GATE_LANGUAGE: language,
        GATE_TEMPLATE: `${paths.gate}/maintenance.html`,
        ...(timeZone !== "UTC" && { GATE_TIME_ZONE: timeZone }),
        ...(expectedMs !== undefined && { GATE_EXPECTED_HOLD: String(Math.round(expectedMs)) }),
      },
      mounts: [
        { volume: names.gateVolume, path: paths.gate },
        { volume: names.control, path: paths.control, readOnly: true },
        // They stand in line with those they send on.
        ...slots.map((slot) => ({
          volume: names.slot(slot),
          path: paths.slot(slot),
          readOnly: true,
        })),
      ],
      sysctls: { "net.core.somaxconn": String(gateBacklog) },
      restart: "unless-stopped",
      stopSeconds: 30,
    });
  }
}
