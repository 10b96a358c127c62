import { proxy as en } from "../text/en/proxy.ts";
import { proxy as fr } from "../text/fr/proxy.ts";

// Not through the whole catalogue: the gate has to run whatever becomes of the rest of the program.
const texts = { en: en.gate, fr: fr.gate };

export type PageLanguage = keyof typeof texts;

export const pageLanguages = Object.keys(texts) as readonly PageLanguage[];

/** Seconds until the page asks again; the answer then comes the moment the gate opens. */
export const reloadSeconds = 5;

export interface PageOptions {
  readonly language: PageLanguage;
  /** Whether the page may ask again by itself: a form that was sent must be sent again by its author. */
  readonly reload: boolean;
  readonly expectedEnd: Date | undefined;
  readonly now: Date;
}

/** What a browser shows somebody whose request has waited too long. */
export function maintenancePage({ language, reload, expectedEnd, now }: PageOptions): string {
  const text = texts[language];
  const paragraphs = [
    text.explanation,
    ...(expectedEnd ? [expectation(text, expectedEnd, now)] : []),
    reload ? text.reload : text.notSaved,
  ];
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${reload ? `<meta http-equiv="refresh" content="${reloadSeconds}">\n` : ""}<title>${text.title}</title>
<style>
body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem; color: #223; }
h1 { font-size: 1.6rem; }
</style>
</head>
<body>
<h1>${text.title}</h1>
${paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join("\n")}
</body>
</html>
`;
}

function expectation(text: (typeof texts)[PageLanguage], end: Date, now: Date): string {
  const minutes = Math.ceil((end.getTime() - now.getTime()) / 60_000);
  return minutes > 0 ? text.expected(minutes) : text.overdue;
}

/** The first language of an Accept-Language header that we speak, by its weights. */
export function preferredLanguage(
  header: string | undefined,
  fallback: PageLanguage,
): PageLanguage {
  const ranked = (header ?? "")
    .split(",")
    .map((item) => {
      const [tag = "", ...parameters] = item
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return { tag, weight: weight ? Number(weight.slice(2)) : 1 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of ranked) {
    const language = pageLanguages.find(
      (language) => tag === language || tag.startsWith(`${language}-`),
    );
    if (language) return language;
  }
  return fallback;
}
