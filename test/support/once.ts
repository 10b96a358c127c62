/**
 * A part of a story that several tests tell: done for the first of them that asks, and never again, so that each test
 * can run alone and none does over what another has done.
 */
export function once<Told>(act: () => Promise<Told>): () => Promise<Told> {
  let told: Promise<Told> | undefined;
  return () => (told ??= act());
}
