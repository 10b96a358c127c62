export type FileChange = "added" | "removed" | "modified";

/** Path → id of its content. */
export type Files = ReadonlyMap<string, string>;

/** What happened to the files between two trees, by path. */
export function changedFiles(
  before: Files,
  after: Files,
): { readonly file: string; readonly change: FileChange }[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((file) => {
    const [old, now] = [before.get(file), after.get(file)];
    if (old === now) return [];
    const change = old === undefined ? "added" : now === undefined ? "removed" : "modified";
    return [{ file, change }];
  });
}
