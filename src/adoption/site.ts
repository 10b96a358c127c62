import { z } from "zod";
import { messageOf, UpdaterError } from "../errors.ts";
import { json } from "../lib/json.ts";
import { scriptBeside } from "../lib/script.ts";
import { runAs, type User } from "../move-in/as-user.ts";

const script = scriptBeside(import.meta.url, "inspect-site.py");

/** Milliseconds that loading settings and counting media may take. */
const limitMs = 60_000;

const text = z.string().catch("");
const texts = z.array(z.string()).catch([]);

const database = z.object({
  ENGINE: text,
  NAME: text,
  USER: text,
  PASSWORD: text,
  HOST: text,
  PORT: z.coerce.string().catch(""),
});

/** What is read of the site's settings; a value of another kind than Django's counts as absent. */
const settings = z.object({
  ALLOWED_HOSTS: texts,
  AUTH_LDAP_SERVER_URI: text,
  DATABASES: z.record(z.string(), database),
  EMAIL_HOST: text,
  EMAIL_PORT: z.number().catch(25),
  LDAP_HOST: text,
  TIME_ZONE: text,
});

const answer = z.object({
  python: z.string(),
  /** Modules that are there, of optional parts of BiomAid. */
  packages: z.array(z.string()),
  settings: settings.nullable(),
  failure: z.string().nullable(),
  touched: z.object({
    files: z.array(z.string()),
    hosts: z.array(z.string()),
    programs: z.array(z.string()),
    variables: z.array(z.string()),
  }),
  /** `config.toml` and `config.d` of the local settings. */
  configs: z.array(z.string()),
  instance_config: z.string().nullable(),
  local: z.string().nullable(),
  media: z
    .object({
      path: z.string(),
      counted: z
        .object({
          files: z.number(),
          bytes: z.number(),
          links: z.number(),
          elsewhere: z.number(),
          unreadable: z.number(),
          odd_names: z.number(),
          complete: z.boolean(),
        })
        .nullable(),
    })
    .nullable(),
  static: z.string().nullable(),
  /** Bytes of the database, where it is a file. */
  database_file: z.number().nullable(),
  in_home: z.array(z.string()),
});

/** What a site says of itself. All of it comes from what the application may change. */
export type SiteFacts = z.output<typeof answer>;

/**
 * Asks the site's own Python, as the site's own user.
 * @throws UpdaterError `adoptUnreadable`
 */
export async function askSite(
  user: User,
  { sources, python }: { readonly sources: string; readonly python: string },
  signal: AbortSignal,
): Promise<SiteFacts> {
  // It leaves no compiled files behind.
  const command = [python, "-B", "-c", script];
  const { stdout, complaint } = await runAs(user, command, { folder: sources, limitMs, signal });
  try {
    return json(answer).parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  } catch (error) {
    const reason = complaint || messageOf(error);
    throw new UpdaterError("adoptUnreadable", { folder: sources, python, reason }, error);
  }
}
