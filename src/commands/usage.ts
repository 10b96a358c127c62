/** What is wrong with a command line. */
export interface UsageProblem {
  readonly kind:
    | "noCommand"
    | "unknownCommand"
    | "unknownOption"
    | "missingArgument"
    | "missingValue"
    | "badValue"
    | "badTime"
    | "excessArguments"
    | "conflict"
    | "unknownJobs"
    | "badMoment";
  /** What was typed, or the name of what was not. */
  readonly given: string;
  /** What was probably meant. */
  readonly suggestion?: string | undefined;
  /** The command whose help tells more. */
  readonly command?: string | undefined;
}
