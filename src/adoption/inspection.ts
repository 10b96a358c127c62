import type { ServerFacts } from "../postgres/foreign.ts";
import type { NotCarried } from "../postgres/not-carried.ts";
import type { User } from "../move-in/as-user.ts";
import type { CronLine } from "../move-in/crontab.ts";
import type { Gunicorn } from "./gunicorn.ts";
import type { Front } from "./nginx.ts";
import type { Checkout } from "./repository.ts";
import type { Service } from "./service.ts";
import type { SiteFacts } from "./site.ts";

/** A running BiomAid of this machine, as it was found. */
export interface Inspection {
  readonly user: User;
  readonly application: Gunicorn;
  readonly service: Service;
  readonly site: SiteFacts;
  readonly sources: Checkout | undefined;
  readonly local: Checkout | undefined;
  readonly fronts: readonly Front[];
  /** Why nginx could not be asked; nothing where it was, or does not run. */
  readonly frontUnknown: string | undefined;
  /** URLs of files that nobody should be able to read, and whoever reaches the site can. */
  readonly published: readonly string[];
  readonly cron: readonly CronLine[];
  /** Names that /etc/hosts gives addresses to. */
  readonly hostsFile: readonly string[];
  readonly database: DatabaseFacts | { readonly unknown: string } | undefined;
}

/** The site's own database, where it is PostgreSQL's. */
interface DatabaseFacts extends ServerFacts, NotCarried {}
