interface Line {
  readonly place: string;
  readonly text: string;
}

/** Where a text has what it must not have. */
export function found(texts: readonly Line[], wrong: RegExp): string[] {
  return texts.flatMap(({ place, text }) =>
    [...text.matchAll(wrong)].map(([words]) => `${place}: ${words}`),
  );
}

/** Signs and units that a line may break before. */
export const heldTogether = (texts: readonly Line[]) =>
  found(
    texts,
    /(?<=\S) [:;!?»%](?=\s|$)|«(?!\u00a0)|(?<!\u00a0)»|[\d}] (s|ms|min|ko|Mo|Go)(?![\p{L}’])/gu,
  );

/** Words that French elides, before a vowel that is there to be seen. */
export const elided = (texts: readonly Line[]) =>
  found(texts, /(?<![\p{L}-])(de|l[ea]|ne|se|(?:jus|lors|puis)?que)\s[«`]?\s?[aeiouéèêâîôû]\S*/giu);
