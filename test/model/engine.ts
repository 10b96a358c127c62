import type Docker from "dockerode";
import { Engine } from "../../src/engine/connect.ts";
import { type Container, type Database, world } from "./world.ts";

const label = (name: string) => `biomaid-updater.${name}`;

/** What the engine answers when it will not. */
function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}

function freshDatabase(): Database {
  return {
    rows: new Set(),
    login: true,
    standbyOf: null,
    slots: new Set(),
    published: null,
    follows: null,
  };
}

function needed(nameOrId: string): Container {
  const found = world().find(nameOrId);
  if (!found) throw refusal(404, `No such container: ${nameOrId}`);
  return found;
}

const matches = (labels: Record<string, string>, { label: wanted = [] }: { label?: string[] }) =>
  wanted.every((one) => {
    const [key = "", value = ""] = one.split("=");
    return labels[key] === value;
  });

/** What happens when a container starts. */
function begin(container: Container): void {
  const { data } = world();
  const role = container.labels[label("role")];
  const number = Number(container.labels[label("generation")]);
  container.state = "running";
  if (role === "clone") {
    copyDatabase(number, container);
    world().stop(container);
  } else if (role === "database") {
    if (!data.databases.has(number)) data.databases.set(number, freshDatabase());
    data.replicationFolders.add(number);
  } else if (role === "application") {
    const slot = slotOf(container);
    container.booted = slot !== undefined && !data.heldBack.has(slot);
  } else if (role === "scratch") {
    world().stop(container);
  }
}

function slotOf({ environment }: Container): number | undefined {
  const setting = environment.find((one) => one.startsWith("SLOT="));
  return setting === undefined ? undefined : Number(setting.split("-").at(-1));
}

/** The base backup: its command names the folder of the source and the slot that keeps the log. */
function copyDatabase(number: number, { environment }: Container): void {
  const [, folder = "", slot = ""] = environment
    .find((one) => one.startsWith("COMMAND="))!
    .split(" ");
  const from = Number(folder.split("/g").at(-1));
  const source = world().data.databases.get(from);
  if (!source || !world().databaseRuns(from)) throw refusal(500, "no source");
  source.slots.add(slot);
  world().data.databases.set(number, {
    ...freshDatabase(),
    rows: new Set(source.rows),
    login: source.login,
    standbyOf: from,
    published: source.published && new Set(source.published),
  });
}

/** Ends a container as a stop does: what it is doing comes to its end. */
function end(container: Container): void {
  const { inside } = world().data;
  if (inside && container.labels[label("role")] === "application") {
    if (slotOf(container) === inside.slot) world().answer();
  }
  world().stop(container);
}

function remove(container: Container): void {
  world().stop(container);
  world().data.containers.delete(container.id);
}

/** The part of Dockerode that src/engine uses, over the model's world. */
const client = {
  createContainer: async (options: Docker.ContainerCreateOptions) =>
    await world().effect(`create ${options.name}`, "write", () => {
      const { data, clock } = world();
      const name = options.name ?? "";
      if (world().find(name)) throw refusal(409, `Conflict. The name ${name} is in use`);
      const id = `c${data.nextId++}`;
      data.containers.set(id, {
        id,
        name,
        image: options.Image ?? "",
        labels: { ...options.Labels },
        environment: [...(options.Env ?? []), `COMMAND=${(options.Cmd ?? []).join(" ")}`],
        restart: options.HostConfig?.RestartPolicy?.Name ?? "no",
        attached: options.OpenStdin ?? false,
        autoRemove: options.HostConfig?.AutoRemove ?? false,
        state: "created",
        createdAt: clock.now,
        booted: false,
      });
      return { id };
    }),

  getContainer: (nameOrId: string) => ({
    start: async () =>
      await world().effect(`start ${shown(nameOrId)}`, "write", () => {
        const found = needed(nameOrId);
        if (found.state === "running") throw refusal(304, "already started");
        begin(found);
      }),
    stop: async () =>
      await world().effect(`stop ${shown(nameOrId)}`, "write", () => {
        const found = needed(nameOrId);
        if (found.state !== "running") throw refusal(304, "already stopped");
        end(found);
      }),
    kill: async () =>
      await world().effect(`kill ${shown(nameOrId)}`, "write", () =>
        world().stop(needed(nameOrId)),
      ),
    remove: async ({ force = false }: { force?: boolean } = {}) =>
      await world().effect(`remove ${shown(nameOrId)}`, "write", () => {
        const found = needed(nameOrId);
        if (found.state === "running" && !force) throw refusal(409, "container is running");
        remove(found);
      }),
    update: async ({ RestartPolicy: { Name } }: { RestartPolicy: { Name: string } }) =>
      await world().effect(`restart policy of ${shown(nameOrId)}`, "write", () => {
        needed(nameOrId).restart = Name;
      }),
    wait: async () =>
      await world().effect(`wait for ${shown(nameOrId)}`, "read", () => ({ StatusCode: 0 })),
    inspect: async () =>
      await world().effect(`inspect ${shown(nameOrId)}`, "read", () => {
        const found = needed(nameOrId);
        const Running = found.state === "running";
        const Created = new Date(Date.now() - world().clock.now + found.createdAt).toISOString();
        const State = { Running, Paused: false, Restarting: false, Status: found.state };
        return {
          Id: found.id,
          Name: `/${found.name}`,
          Created,
          State: { ...State, ExitCode: 0, StartedAt: Created, FinishedAt: Created },
          Config: { Labels: found.labels },
          HostConfig: { RestartPolicy: { Name: found.restart } },
          NetworkSettings: { Ports: {} },
        };
      }),
    putArchive: async () =>
      await world().effect(`write into ${shown(nameOrId)}`, "write", () => undefined),
  }),

  listContainers: async ({ filters = {} }: { filters?: { label?: string[] } }) =>
    await world().effect("list containers", "read", () =>
      [...world().data.containers.values()]
        .filter(({ labels }) => matches(labels, filters))
        .map((one) => ({
          Id: one.id,
          Names: [`/${one.name}`],
          Image: one.image,
          State: one.state,
          Labels: one.labels,
          Created: one.createdAt / 1000,
        })),
    ),

  createVolume: async ({ Name, Labels }: { Name: string; Labels: Record<string, string> }) =>
    await world().effect(`create volume ${Name}`, "write", () => {
      world().data.volumes.set(Name, { ...Labels });
    }),
  getVolume: (name: string) => ({
    inspect: async () =>
      await world().effect(`inspect volume ${name}`, "read", () => {
        const labels = world().data.volumes.get(name);
        if (!labels) throw refusal(404, "no such volume");
        return { Labels: labels };
      }),
    remove: async () =>
      await world().effect(`remove volume ${name}`, "write", () => {
        const { volumes, databases, heldBack, files, links } = world().data;
        const labels = volumes.get(name);
        if (!labels) throw refusal(404, "no such volume");
        volumes.delete(name);
        const role = labels[label("role")];
        if (role === "database-data") databases.delete(Number(labels[label("generation")]));
        if (role === "slot") heldBack.delete(Number(name.split("-").at(-1)));
        if (role === "replication") world().data.replicationFolders.clear();
        if (role === "control") {
          files.clear();
          links.clear();
        }
      }),
  }),
  listVolumes: async ({ filters = {} }: { filters?: { label?: string[] } }) =>
    await world().effect("list volumes", "read", () => ({
      Volumes: [...world().data.volumes]
        .filter(([, labels]) => matches(labels, filters))
        .map(([Name, Labels]) => ({ Name, Labels })),
    })),

  createNetwork: async ({ Name, Labels }: { Name: string; Labels: Record<string, string> }) =>
    await world().effect(`create network ${Name}`, "write", () => {
      world().data.networks.set(Name, { ...Labels });
    }),
  getNetwork: (name: string) => ({
    remove: async () =>
      await world().effect(`remove network ${name}`, "write", () => {
        world().data.networks.delete(name);
      }),
  }),
  listNetworks: async ({ filters = {} }: { filters?: { label?: string[] } } = {}) =>
    await world().effect("list networks", "read", () =>
      [...world().data.networks]
        .filter(([, labels]) => matches(labels, filters))
        .map(([Name, Labels]) => ({ Id: Name, Name, Labels })),
    ),

  getImage: (tag: string) => ({
    inspect: async () =>
      await world().effect(`inspect image ${tag}`, "read", () => ({
        Id: tag,
        Config: { Labels: { [label("role")]: "image", [label("tells")]: "1" } },
      })),
    remove: async () => await world().effect(`remove image ${tag}`, "write", () => undefined),
  }),
  listImages: async ({ filters = {} }: { filters?: { label?: string[] } } = {}) =>
    await world().effect("list images", "read", () =>
      filters.label?.includes(`${label("program")}=proxy`)
        ? [{ RepoTags: ["own"], Created: 0 }]
        : [],
    ),
};

/** Names tell more than ids. */
const shown = (nameOrId: string) => world().find(nameOrId)?.name ?? nameOrId;

export const modelEngine = new Engine(client as unknown as Docker);
