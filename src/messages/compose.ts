import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { news } from "./news.ts";

const banner = z.strictObject({
  /** A user who has closed one does not see it again. */
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
  /** Of a swap that is being prepared: users are not shown it yet. */
  coming: news.nullable().default(null),
  /** Of the version that serves; until when, in milliseconds since 1970. */
  news: news.extend({ until: z.number() }).nullable().default(null),
});

export type Banner = Readonly<z.infer<typeof banner>>;
export type Messages = Readonly<z.infer<typeof messages>>;
export type ToldNews = NonNullable<Messages["news"]>;

export const nothingToTell: Messages = {
  version: 1,
  announcement: null,
  swap: null,
  coming: null,
  news: null,
};

/** What the script in users' browsers is called with. */
interface PageMessages {
  /** The first that has begun, has not ended and was not closed is shown. */
  readonly banners: readonly Banner[];
}

/** The script that tells it; undefined when there is nothing to tell. */
export async function pageScript({
  swap,
  announcement,
  news,
}: Pick<Messages, "swap" | "announcement" | "news">): Promise<string | undefined> {
  const banners = [swap, announcement].filter((one) => one !== null);
  const told: PageMessages = { banners };
  const parts = [
    ...(banners.length > 0 ? [await called("page.js", "tell", told)] : []),
    ...(news ? [await called("news.js", "showNews", shownOf(news))] : []),
  ];
  return parts.length > 0 ? parts.join("") : undefined;
}

/** What browsers need of it: the page is a file of its own. */
function shownOf({ version, until, box }: ToldNews): Omit<ToldNews, "page"> {
  return { version, until, box };
}

async function called(file: string, name: string, told: object): Promise<string> {
  const program = await readFile(join(import.meta.dirname, file), "utf8");
  return `(() => {\n${program.replace("export ", "")}\n${name}(${JSON.stringify(told)});\n})();\n`;
}
