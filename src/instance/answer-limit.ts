import { UpdaterError } from "../errors.ts";
import { timeLimit } from "../lib/time-limit.ts";

/** Milliseconds for what knows no limit of its own: imports, static files, a look at every file on a slow disk. */
const workLimitMs = 10 * 60_000;

/** Milliseconds more for what ends by itself at its limit. */
const slackMs = 60_000;

/** What an application is asked for. */
interface Question {
  readonly do: string;
  /** That it takes at most, or each of its pages. */
  readonly seconds?: number;
  readonly pages?: readonly string[];
  readonly anonymous_pages?: readonly string[];
}

/**
 * Aborts when an application should long have answered, with UpdaterError `applicationSilent`.
 * @param container of the application
 * @param migrateMs what all its migrations may take
 */
export function answerLimit(
  { do: asked, seconds, pages, anonymous_pages: anonymous = [] }: Question,
  container: string,
  migrateMs: number,
): AbortSignal {
  const times = pages ? pages.length + anonymous.length + 1 : 1;
  const usual = asked === "migrate" ? migrateMs + slackMs : workLimitMs;
  const limitMs = seconds === undefined ? usual : seconds * 1000 * times + slackMs;
  const silent = { container, asked, seconds: limitMs / 1000 };
  return timeLimit(limitMs, () => new UpdaterError("applicationSilent", silent));
}
