import { layers } from "../../oxlint.config.ts";
import {
  containers,
  generationContainers,
  generationVolumes,
  slotCount,
  volumes,
} from "../../src/instance/names.ts";
import { fenced, markdownTable, type Parts } from "./markdown.ts";

type Suffixes = Readonly<Record<string, readonly [suffix: string, meaning: string]>>;

/** What docs/architecture.md shows of the names of things and of the rooms of src. */
export function architectureParts(): Parts {
  return {
    containers: markdownTable(
      ["container", "what it is"],
      [...rowsOf(generationContainers, "-gN"), ...rowsOf(containers)],
    ),
    volumes: markdownTable(
      ["volume", "what is in it; who has it"],
      [
        ...rowsOf(volumes),
        [
          `\`-slot-1\` … \`-slot-${slotCount}\``,
          "an application's socket and static files; its application, the proxy and gates read all",
        ],
        ...rowsOf(generationVolumes, "-gN"),
      ],
    ),
    layers: fenced(layers.map((rooms) => rooms.join("  ")).join("\n")),
  };
}

function rowsOf(table: Suffixes, prefix = ""): string[][] {
  return Object.values(table).map(([suffix, meaning]) => [`\`${prefix}${suffix}\``, meaning]);
}
