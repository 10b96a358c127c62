/** What stands for a move from an installation by hand where others have a tag. */
export const moveChoice = "--switch";

/**
 * The command that swaps, as it is typed.
 * @param choice what is swapped to, as after `updater swap`, or `moveChoice`
 */
export const swapTo = (choice: string): string =>
  choice === moveChoice ? `updater adopt ${moveChoice}` : `updater swap ${choice}`;

/** The command that rehearses the same. */
export const rehearsalOf = (choice: string): string =>
  choice === moveChoice ? "updater adopt --rehearse" : `updater rehearse ${choice}`;

/** What is swapped to, as people are told of it. */
export const shown = (choice: string): string =>
  choice === moveChoice ? `adopt ${moveChoice}` : choice;
