/** Tables of updater.toml: how long users may wait, and what they are told. */
import { array, record, z } from "zod";
import { defaultColours, leastContrast } from "./contrast.ts";
import { colour, duration, file, flag, singleLine, table } from "./values.ts";

export const hold = table({
  max: duration("1s", "10m")
    .prefault("30s")
    .describe(
      "The longest users' requests may wait at the closed gate. Past it the swap is undone and production goes on.",
    ),
  drain: duration("1s", "10m")
    .prefault("10s")
    .describe("How long requests already being answered may take. Shorter than `max`."),
});

const mailText = file("mail")
  .optional()
  .describe(
    "A text file with placeholders, in place of the updater's mail. Its first line is the subject.",
  );

const mail = table({
  groups: array(singleLine)
    .default([])
    .describe("Groups of BiomAid (Django's) whose active users are mailed. Nobody is when empty."),
  send: array(z.enum(["before", "after"]))
    .default(["before", "after"])
    .describe("Before a swap, after it, or both."),
  before: mailText,
  after: mailText,
});

const whatsNew = table({
  enabled: flag(false).describe(
    "After a swap, a box shows users what the new version's `NEWS.md` says, once each.",
  ),
  for: duration("1h", "365d").prefault("30d").describe("How long after the swap."),
  roles: record(singleLine, array(singleLine))
    .default({})
    .describe(
      'Heading of `NEWS.md` = the roles or groups of BiomAid it concerns: `{ "Experts" = ["EXP"] }`. Other headings concern everyone.',
    ),
  box: file("newsBox")
    .optional()
    .describe("An HTML file with placeholders, in place of the updater's box."),
  page: file("newsPage")
    .optional()
    .describe("An HTML file with placeholders, in place of the updater's page."),
});

export const messages = table({
  maintenance_page: file("maintenancePage")
    .optional()
    .describe(
      "An HTML file with placeholders, in place of the updater's page for requests that have waited for `hold.max`.",
    ),
  swap_banner: singleLine
    .optional()
    .describe(
      "A line of text above users' pages, from the beginning of a swap to the switch. `{{version}}` is the new version.",
    ),
  background: colour.prefault(defaultColours.background).describe("Colour of banners, `#rrggbb`."),
  foreground: colour
    .prefault(defaultColours.foreground)
    .describe(
      `Colour of the text on them. One that is hard to read is refused (contrast below ${leastContrast}).`,
    ),
  mail: mail.prefault({}).describe("Mail to users, through the site's own mail settings."),
  whats_new: whatsNew.prefault({}).describe("What is new, in users' pages after a swap."),
});
