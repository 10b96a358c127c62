export const proxy = {
  errors: {
    drainTimedOut: ({ seconds, open }: { seconds: number; open: number }) => ({
      what: `${open} request(s) were still being answered after ${seconds} s.`,
      next: "Find out which page takes so long (updater logs), or allow more time (hold.drain), then try again.",
    }),
  },
  /** The page of somebody who has waited longer than `hold.max`. */
  gate: {
    title: "BiomAid is being updated",
    explanation: "A new version is being put in place. Your data is safe.",
    expected: (minutes: number) =>
      minutes <= 1
        ? "It should be back in a minute."
        : `It should be back in about ${minutes} minutes.`,
    overdue: "It takes a little longer than planned.",
    reload: "This page reloads by itself; there is nothing to do.",
    notSaved:
      "What you have just sent was not saved. Go back to the form in a moment and send it again.",
  },
};
