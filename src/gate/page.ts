import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";
import { html, nothing } from "../lib/html.ts";
import { proxy as en } from "../text/en/proxy.ts";
import { proxy as fr } from "../text/fr/proxy.ts";
import type { SentForm } from "./forms.ts";
import { filled, type maintenancePlaceholders } from "../lib/template.ts";

// Not through the whole catalogue: the gate has to run whatever becomes of the rest of the program.
const texts = { en: en.gate, fr: fr.gate };

export type PageLanguage = keyof typeof texts;

export const pageLanguages = Object.keys(texts) as readonly PageLanguage[];

/** Seconds until the page asks again; the answer then comes the moment the gate opens. */
export const reloadSeconds = 5;

/** How the waiting is expected to end. */
interface Expectation {
  readonly end: Date | undefined;
  readonly now: Date;
  /** Where users' clocks are; undefined when unknown. */
  readonly timeZone: string | undefined;
}

export interface PageOptions extends Expectation {
  readonly template: string;
  readonly language: PageLanguage;
  /** What was asked for: a page, which may be asked for again, or to take in what a user wrote. */
  readonly asked: "page" | "lost" | SentForm;
}

/** What a browser shows a user whose request has waited too long. */
export function maintenancePage({
  template,
  language,
  asked,
  ...expectation
}: PageOptions): string {
  const text = texts[language];
  const form = typeof asked === "object" ? formAgain(asked, text) : nothing;
  const contents: Record<PlaceholderName, string> = {
    language,
    title: text.title,
    explanation: text.explanation,
    expected: expected(language, expectation),
    advice: adviceFor(asked, text),
    // A form that was sent is sent again by its author alone, and never by the page itself.
    refresh: asked === "page" ? `<meta http-equiv="refresh" content="${reloadSeconds}">` : "",
    form: form.text,
  };
  return filled(template, contents);
}

type PlaceholderName =
  (typeof maintenancePlaceholders)[keyof typeof maintenancePlaceholders][number];
type Texts = (typeof texts)[PageLanguage];

function adviceFor(asked: PageOptions["asked"], text: Texts): string {
  if (asked === "page") return text.reload;
  if (asked === "lost") return text.notSaved;
  return asked.files.length === 0 ? text.kept : `${text.kept} ${text.filesAgain}`;
}

function formAgain({ fields, files }: SentForm, text: Texts) {
  // No action: to the very address it was sent to.
  const way = html` enctype="multipart/form-data"`;
  return html`<form method="post" accept-charset="utf-8" ${files.length > 0 ? way : nothing}>
    ${fields.map(({ name, value }) => html`<input type="hidden" name="${name}" value="${value}" /> `)}
    ${files.map(
      ({ name, value }) =>
        html`<p>
          <label>${text.chooseAgain(value)} <input type="file" name="${name}" /></label>
        </p> `,
    )}
    <p><button>${text.sendAgain}</button></p>
  </form>`;
}

function expected(language: PageLanguage, { end, now, timeZone }: Expectation): string {
  const text = texts[language];
  if (!end) return "";
  const minutes = Math.ceil((end.getTime() - now.getTime()) / 60_000);
  if (minutes <= 0) return text.overdue;
  const locale = language === "en" ? "en-GB" : language;
  const time = timeZone && end.toLocaleTimeString(locale, { timeStyle: "short", timeZone });
  return time ? text.expectedAt(minutes, time) : text.expected(minutes);
}

/** The answer to a program that would not know what to do with a page. */
export function maintenanceLine(language: PageLanguage): string {
  return `${texts[language].plain}\n`;
}

/** Whether a person will see the answer; a program that asks in the background wants no page. */
export function wantsPage(headers: IncomingHttpHeaders): boolean {
  // Browsers say it themselves, though only on https and localhost.
  const destination = headers["sec-fetch-dest"];
  if (destination !== undefined) return ["document", "iframe", "frame"].includes(destination);
  const inBackground = headers["x-requested-with"] ?? headers["hx-request"];
  return inBackground === undefined && (headers.accept ?? "").includes("text/html");
}

/** The language of ours that an Accept-Language header likes best; the fallback where it has no opinion. */
export function preferredLanguage(
  header: string | undefined,
  fallback: PageLanguage,
): PageLanguage {
  const ours = [fallback, ...pageLanguages.filter((language) => language !== fallback)];
  const best = new Negotiator({ headers: { "accept-language": header } }).language(ours);
  return ours.find((language) => language === best) ?? fallback;
}
