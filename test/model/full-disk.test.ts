import { expect, test, vi } from "vitest";
import type { Environment } from "../../src/commands/command.ts";
import type { Event } from "../../src/instance/events.ts";
import { recoverOwn } from "../../src/operator/recover-own.ts";
import { catalogueOf } from "../../src/text/catalogue.ts";
import { modelEngine } from "./engine.ts";
import { commands, run, siteAfter } from "./play.ts";
import { type Data, type EffectKind, useWorld, World } from "./world.ts";

vi.mock("../../src/engine/connect.ts", async (original) => ({
  ...(await original<typeof import("../../src/engine/connect.ts")>()),
  connectEngine: () => Promise.resolve(modelEngine),
}));

/** Nothing can be made or written in it, the journal neither. */
class FullWorld extends World {
  override async effect<Result>(
    name: string,
    kind: EffectKind,
    apply: () => Result,
    limits?: Parameters<World["effect"]>[3],
  ): Promise<Result> {
    const takesRoom = kind === "write" && /^(create|start) |\.json /.test(name);
    const full = () => {
      throw new Error(`no space left on device: ${name}`);
    };
    return await super.effect(name, kind, takesRoom ? full : apply, limits);
  }
}

/** A swap whose updater died while users waited. */
async function killedUnderTheGate(): Promise<Data> {
  const site = await siteAfter(commands.init);
  const swapped = useWorld(new World(structuredClone(site), []));
  await run(swapped, commands.swap);
  const at = swapped.trace.findIndex(({ name }) => name.endsWith(": promote")) + 1;
  expect(at).toBeGreaterThan(0);
  const world = useWorld(new World(structuredClone(site), [{ at, kind: "dies" }]));
  await run(world, commands.swap);
  return world.data;
}

test("an operator that finds the disk full tries six times, then says what it is about and leaves it to the next command", async () => {
  vi.stubEnv("UPDATER_INSTANCE", "biomaid");
  const events: Event[] = [];
  const world = useWorld(new FullWorld(await killedUnderTheGate(), []));
  const environment = {
    configurationFile: "updater.toml",
    language: "en",
    catalogue: catalogueOf("en"),
    reporter: { event: (event) => events.push(event) },
    signal: world.interrupt.signal,
    print: () => undefined,
  } as Partial<Environment> as Environment;

  const ending = await run(world, async () => {
    await recoverOwn(environment);
    return undefined;
  });

  const warned = events.flatMap((event) =>
    event.type === "warning" && event.error.code === "recoveryTriedAgain" ? [event.error] : [],
  );
  expect(warned.map(({ parameters }) => Reflect.get(parameters, "seconds"))).toEqual([
    5, 30, 120, 600, 600,
  ]);
  expect(ending).toMatchObject({
    kind: "threw",
    error: {
      code: "recoveryFails",
      parameters: { reason: expect.stringContaining("no space left") as string },
    },
  });

  const roomy = useWorld(new World(world.data, []));
  expect(await run(roomy, commands.recover)).toMatchObject({
    result: { outcome: { kind: "restored" } },
  });
});
