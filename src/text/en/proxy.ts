import { moment, momentIn } from "./format.ts";

export const proxy = {
  errors: {
    announcementEndsBefore: ({
      from,
      until,
      timeZone,
    }: {
      from: string;
      until: string;
      timeZone: string;
    }) => ({
      what: `The announcement would end (${momentIn(timeZone, until)}) before it begins (${momentIn(timeZone, from)}).`,
      next: 'Give the day too, for example --until "2026-11-25 22:40".',
    }),
    mailFails: ({ reason }: { reason: string }) => ({
      what: `Users were not mailed: ${reason}`,
      next: "Look at the mail settings (EMAIL_…) of instance_settings.py; the operation goes on without.",
    }),
    mailIncomplete: ({ refused, unknown }: { refused: number; unknown: readonly string[] }) => ({
      what: [
        ...(refused > 0
          ? [`The mail server refused ${refused} ${refused === 1 ? "address" : "addresses"}.`]
          : []),
        ...unknown.map((group) => `BiomAid has no group “${group}”.`),
      ].join(" "),
      next: "Correct messages.mail.groups, or the addresses in BiomAid; the others were mailed.",
    }),
    requestsUnknown: ({ since }: { since: string }) => ({
      what: `The proxy's log begins on ${moment(since)}: it does not cover a day and a night yet.`,
      next: 'Try again in a week, when it covers all of them. A swap can be given a moment meanwhile: updater swap TAG --at "22:30"',
    }),
    noQuietMoment: (_: object) => ({
      what: "None of the quietest half-hours of the coming week leaves time to rehearse before it.",
      next: 'Choose a moment yourself (updater slots, then --at "22:30"), or rehearse later: scheduled.rehearse_before in updater.toml.',
    }),
    proxyTellsNothing: ({ instance }: { instance: string }) => ({
      what: `The proxy of ${instance} cannot put anything into pages: it is as old as the instance, and older than this command.`,
      next: "Tell users in another way (hook users_inform_before). Instances created from now on can.",
    }),
    newsUnreadable: ({ reason }: { reason: string }) => ({
      what: `Users are not shown what is new: ${reason}`,
      next: "The update goes on without. Afterwards: updater announce --whats-new",
    }),
    nothingNew: ({ tag }: { tag: string }) => ({
      what: `NEWS.md says nothing of ${tag}: there is nothing to show.`,
      next: "Tell users in your own words: updater announce TEXT",
    }),
    drainTimedOut: ({ seconds, open }: { seconds: number; open: number }) => ({
      what: `${open} ${open === 1 ? "request was" : "requests were"} still being answered after ${seconds} s.`,
      next: "Find out which page takes so long (docker logs --since 10m biomaid-NAME-proxy, once it is answered), or allow more time (hold.drain), then try again.",
    }),
  },
  /** The first line is the subject. */
  mail: {
    before: `BiomAid will be updated in a few minutes

Hello,

BiomAid ({{site}}) is about to be updated from version {{previous}} to version {{version}}. You can go on working: at one moment a page will take a few
seconds longer than usual, and nothing you send will be lost.
`,
    after: `BiomAid {{version}} is there

Hello,

BiomAid ({{site}}) has been updated to version {{version}}. There is nothing to do.
`,
  },
  /** The page of somebody who has waited longer than `hold.max`. */
  gate: {
    title: "BiomAid is being updated",
    explanation: "A new version is being put in place. Your data is safe.",
    expected: (minutes: number) =>
      minutes <= 1
        ? "It should be back in a minute."
        : `It should be back in about ${minutes} minutes.`,
    expectedAt: (minutes: number, time: string) =>
      minutes <= 1
        ? `It should be back in a minute, at ${time}.`
        : `It should be back at about ${time}, in about ${minutes} minutes.`,
    overdue: "It takes a little longer than planned.",
    reload: "This page reloads by itself; there is nothing to do.",
    notSaved:
      "What you have just sent was not saved. Go back to the form in a moment and send it again.",
    kept: "What you have just sent was not saved yet, but it is not lost: this page has kept it. Send it again with this button. You need not wait for that: it is taken in as soon as BiomAid is back.",
    filesAgain: "Files have to be chosen again: a page cannot keep them.",
    chooseAgain: (file: string) => `Choose again: ${file}`,
    sendAgain: "Send again",
    plain: "BiomAid is being updated. Nothing was done; please try again in a moment.",
  },
};
