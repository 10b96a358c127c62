import { expect, test } from "vitest";
import { listProcesses } from "../../src/adoption/processes.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { TestContainer } from "../support/container.ts";

test("what runs in a container is no process of the machine that a site was installed on", async () => {
  await using container = await new TestContainer(baseImage, labelsOf("int-processes", "scratch"))
    // Of another user nobody but root may ask.
    .withUser(`${process.getuid?.()}:${process.getgid?.()}`)
    .withCommand(["sleep", "424242"])
    .withNetworkMode("none")
    .start();
  expect((await container.exec(["cat", "/proc/1/cmdline"])).output).toContain("424242");

  const processes = await listProcesses();

  expect(processes.map(({ pid }) => pid)).toContain(process.pid);
  expect(processes.filter(({ argv }) => argv.includes("424242"))).toEqual([]);
});
