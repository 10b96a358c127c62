import { html, Markup } from "../../../lib/html.ts";
import type { Language } from "../../../text/catalogue.ts";
import { style } from "./style.ts";

/**
 * A page as one document. It loads nothing: no script, no font, no picture from elsewhere, and a policy that would
 * refuse them, for some of what it shows comes from users.
 */
export function documentOf(page: {
  readonly language: Language;
  readonly title: string;
  readonly body: Markup;
}): string {
  return html`<!DOCTYPE html>
    <html lang="${page.language}">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${page.title}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        ${page.body}
      </body>
    </html> `.text;
}
