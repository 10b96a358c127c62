import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { baseImage } from "../../src/build/own-images.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { TestContainer } from "../support/container.ts";

const source = join(import.meta.dirname, "../../src/instance/own-slots.sh");

/** Takes a slot from the application that has it, which meanwhile puts a link in the place of its static files and back. */
const takeSlot = `
  mkdir -p slot/static && chown 10001 slot slot/static
  setpriv --reuid 10001 --regid 10001 --clear-groups sh -c '
    cd slot
    while [ ! -e /tmp/stop ]; do
      mv -T static away && ln -s /etc static
      rm -f static; mv -T away static
    done' 2>/dev/null &
  sleep 0.0$1
  sh -c "$2" sh 10001 slot unused
  sleep 0.01
  touch /tmp/stop
  wait
  stat -c '%n %F %u:%g %a' slot slot/static unused
  rm -r slot /tmp/stop`;

test("a slot of an earlier updater is taken from the application that is at work in it, and nothing replaces its static files", async () => {
  await using container = await new TestContainer(baseImage, labelsOf("int-slots", "scratch"))
    .withCommand(["sleep", "infinity"])
    .withNetworkMode("none")
    .start();
  const script = await readFile(source, "utf8");
  const rounds = Array.from({ length: 10 }, (_, index) => String(index));
  for (const moment of rounds) {
    const command = [
      "sh",
      "-c",
      `mkdir -p /srv/unused; cd /srv; ${takeSlot}`,
      "sh",
      moment,
      script,
    ];
    const { stdout, stderr } = await container.exec(command);
    expect(stdout.split("\n"), stderr).toEqual([
      "slot directory 0:10001 1775",
      "slot/static directory 0:10001 775",
      "unused directory 0:10001 755",
      "",
    ]);
  }
});
