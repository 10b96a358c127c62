import { startProxy } from "../instance/proxy-container.ts";
import { removeContainers } from "../engine/containers.ts";
import {
  createGenerationVolumes,
  type DatabaseParts,
  startDatabase,
} from "../instance/containers.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { labelsOf } from "../engine/labels.ts";
import { removeGeneration } from "../instance/prune.ts";
import { createOwnedDatabase } from "../postgres/create-database.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { UpdaterError } from "../errors.ts";
import type { BareMetal } from "../instance/state.ts";
import { pointAt, pointers } from "../proxy/pointer.ts";
import { leadsTo } from "./commit.ts";
import type { CandidateContext } from "./context.ts";

/** Takes the port first: finding it taken after ten minutes of building would be a pity. */
export const openProxy: Step<
  Pick<OperationContext, "instance"> & {
    readonly proxyImage: string;
    readonly bareMetal?: BareMetal;
  },
  Pick<OperationContext, "instance">
> = {
  name: "start-proxy",

  async apply({ instance, proxyImage, bareMetal }) {
    const { listen } = instance.configuration;
    try {
      await startProxy(instance, proxyImage, { bareMetal });
    } catch (error) {
      // The engine has no status code of its own for this.
      if (!/port is already allocated|address already in use|cannot assign/i.test(String(error))) {
        throw error;
      }
      throw new UpdaterError("portTaken", { address: listen.address, port: listen.port }, error);
    }
  },

  async undo({ instance }) {
    await removeContainers(instance.engine, labelsOf(instance.name, "proxy"));
  },
};

/** An empty database, with the application's role. */
export const createDatabase: Step<
  Pick<CandidateContext, "instance" | "candidate" | "sessions">,
  Pick<CandidateContext, "instance" | "candidate" | "control" | "sessions">
> = {
  name: "create-database",

  async apply({ instance, candidate, sessions }, signal) {
    await startEmptyDatabase({ instance, sessions }, candidate, signal);
  },

  async undo({ instance, candidate, control, sessions }) {
    await sessions.closeGeneration(candidate.number);
    await removeGeneration(instance, control, candidate);
  },
};

/** A new cluster, in which the application has its role and its database. */
export async function startEmptyDatabase(
  { instance, sessions }: Pick<OperationContext, "instance" | "sessions">,
  parts: DatabaseParts,
  signal: AbortSignal,
): Promise<void> {
  await createGenerationVolumes(instance, parts.number);
  await startDatabase(instance, parts);
  await waitForDatabase(instance, parts.number, signal);
  const server = await sessions.maintenanceDatabase(parts.number);
  try {
    await createOwnedDatabase(server, instance.configuration.database);
  } finally {
    await server.end();
  }
}

/** Opens the new site. */
export const openSite: Step<Pick<CandidateContext, "instance" | "control" | "candidate">> = {
  name: "commit",
  commit: { reached: async (context) => await leadsTo(context, context.candidate.slot) },
  async apply({ control, candidate }) {
    await pointAt(control.shell, pointers.static, `../slot-${candidate.slot}/static`);
    await pointAt(control.shell, pointers.serving, `../slot-${candidate.slot}`);
  },
};
