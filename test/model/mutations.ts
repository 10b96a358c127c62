interface Mutation {
  readonly file: string;
  /** Text of the sources, and what is put in its place. */
  readonly from: string;
  readonly to: string;
}

/** Faults that were mended, put back into the sources: the model has to find each of them. */
export const mutations = {
  "a commit that can be interrupted": [
    {
      file: "src/runner/run-steps.ts",
      from: "    await apply(context, never);",
      to: "    await whileUsersWait({ name: 'commit', apply }, context, AbortSignal.any([signal, context.hold.signal]));",
    },
    {
      file: "src/runner/run-steps.ts",
      from: "if (!(await hasSwitched(commit, context, error))) throw error;",
      to: "throw error;",
    },
  ],
  "an undo that meets what it undoes": [
    { file: "src/runner/run-steps.ts", from: "await context.cutOff();", to: "" },
  ],
  "a failure behind the commit that skips the rest": [
    {
      file: "src/runner/run-steps.ts",
      from: "failed.push({ step, error });",
      to: "return { outcome: { kind: 'clean-up-pending', error }, failedAt };",
    },
  ],
  "a commit that is undone and still in the journal": [
    { file: "src/runner/run-steps.ts", from: "await context.journal.withdraw(last);", to: "" },
  ],
  "a failed init that removes what serves": [
    {
      file: "src/operations/init.ts",
      from: 'ours = run.outcome.kind === "restored";',
      to: "",
    },
  ],
} satisfies Record<string, readonly Mutation[]>;

/** A plugin of the bundler that tests run through: it puts one of them back. */
export function putBack(name: string | undefined) {
  const changes: readonly Mutation[] =
    Object.entries(mutations).find(([one]) => one === name)?.[1] ?? [];
  return {
    name: "mutations",
    enforce: "pre" as const,
    transform(code: string, id: string): string | undefined {
      const here = changes.filter(({ file }) => id.endsWith(`/${file}`));
      if (here.length === 0) return undefined;
      return here.reduce((text, { file, from, to }) => {
        if (!text.includes(from)) throw new Error(`${file} has no longer: ${from}`);
        return text.replace(from, to);
      }, code);
    },
  };
}
