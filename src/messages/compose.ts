import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const banner = z.strictObject({
  /** Whoever has closed one does not see it again. */
  id: z.string(),
  text: z.string(),
  /** Milliseconds since 1970. */
  from: z.number(),
  until: z.number().nullable(),
  background: z.string(),
  foreground: z.string(),
});

/** What users are told at present; kept in the control volume as `messages/messages.json`. */
export const messages = z.strictObject({
  version: z.literal(1),
  /** By a person, with `updater announce`. */
  announcement: banner.nullable(),
  /** By a swap that is being prepared. */
  swap: banner.nullable(),
});

export type Banner = Readonly<z.infer<typeof banner>>;
export type Messages = Readonly<z.infer<typeof messages>>;

export const nothingToTell: Messages = { version: 1, announcement: null, swap: null };

/** What the script in users' browsers is called with. */
interface PageMessages {
  /** The first that has begun, has not ended and was not closed is shown. */
  readonly banners: readonly Banner[];
}

/** The script that tells it; undefined when there is nothing to tell. */
export async function pageScript({ swap, announcement }: Messages): Promise<string | undefined> {
  const banners = [swap, announcement].filter((one) => one !== null);
  if (banners.length === 0) return undefined;
  const told: PageMessages = { banners };
  const program = await readFile(join(import.meta.dirname, "page.js"), "utf8");
  return `(() => {\n${program.replace("export ", "")}\ntell(${JSON.stringify(told)});\n})();\n`;
}
