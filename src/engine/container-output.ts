import { type Engine, isMissing } from "./connect.ts";

/** The last lines a container printed; none when it is gone. */
export async function lastLines(engine: Engine, name: string, count: number): Promise<string[]> {
  try {
    const raw = await engine
      .getContainer(name)
      .logs({ stdout: true, stderr: true, follow: false, tail: count });
    return textOfFrames(raw).split("\n").filter(Boolean);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Lines a container printed since a moment (milliseconds since the epoch). */
export async function linesSince(engine: Engine, name: string, since: number): Promise<string[]> {
  const raw = await engine
    .getContainer(name)
    .logs({ stdout: true, stderr: true, follow: false, since: Math.floor(since / 1000) });
  return textOfFrames(raw).split("\n").filter(Boolean);
}

/** Bytes of memory a container's processes hold, without files the kernel keeps for them. */
export async function memoryOf(engine: Engine, name: string): Promise<number> {
  const { memory_stats: memory } = await engine
    .getContainer(name)
    .stats({ stream: false, "one-shot": true });
  const held: Partial<Record<string, number>> = { ...memory.stats };
  // The first version of control groups counts a container alone, unless asked for the total.
  const total = "total_active_anon" in held ? "total_" : "";
  return (held[`${total}active_anon`] ?? 0) + (held[`${total}inactive_anon`] ?? 0);
}

/** Each frame has a header of eight bytes, the last four of which are the length of its text. */
function textOfFrames(raw: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join("");
}
