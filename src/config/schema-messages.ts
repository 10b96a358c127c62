/** Tables of updater.toml: how long users may wait, and what they are told. */
import { z } from "zod";
import { defaultColours } from "./contrast.ts";
import * as value from "./values.ts";

export const hold = z.strictObject({
  max: value
    .duration("1s", "10m")
    .prefault("30s")
    .describe("The longest users' requests may wait."),
  drain: value
    .duration("1s", "10m")
    .prefault("10s")
    .describe("How long requests already being answered may take."),
});

const mail = z.strictObject({
  groups: z
    .array(value.singleLine)
    .default([])
    .describe("Groups of BiomAid whose active users are mailed; nobody is when empty."),
  send: z
    .array(z.enum(["before", "after"]))
    .default(["before", "after"])
    .describe("When: before the swap, and after it."),
  before: value.path
    .optional()
    .describe("A text of the site's own; its first line is the subject."),
  after: value.path.optional().describe("A text of the site's own; its first line is the subject."),
});

const whatsNew = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("After a swap, show users what the new version's NEWS.md says."),
  for: value.duration("1h", "365d").prefault("30d").describe("How long after the swap."),
  roles: z
    .record(value.singleLine, z.array(value.singleLine))
    .default({})
    .describe(
      "Heading of NEWS.md = roles or groups of BiomAid that it concerns; others concern everyone.",
    ),
  box: value.path.optional().describe("A box of the site's own (HTML), in place of the updater's."),
  page: value.path
    .optional()
    .describe("A page of the site's own (HTML), in place of the updater's."),
});

export const messages = z.strictObject({
  maintenance_page: value.path
    .optional()
    .describe("A page of the site's own (HTML) for requests that have waited for hold.max."),
  swap_banner: value.singleLine
    .optional()
    .describe("A banner on users' pages while a swap is prepared; {{version}} is the new one."),
  background: value.colour
    .prefault(defaultColours.background)
    .describe("Colour of banners, #rrggbb."),
  mail: mail.prefault({}).describe("Mail to users, through the site's own mail settings."),
  whats_new: whatsNew.prefault({}).describe("What is new, in users' pages after a swap."),
  foreground: value.colour
    .prefault(defaultColours.foreground)
    .describe("Colour of the text on them."),
});
