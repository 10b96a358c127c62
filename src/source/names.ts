/** A version's tag as BiomAid writes them: 0.13, 0.14.10; a leading `v` is allowed. */
export const versionTag = /^v?\d{1,6}(\.\d{1,6}){1,3}$/;

/** A branch, tag or commit that git can only take for a name: no option, no range, no `HEAD~1`. */
export function isPlainRef(text: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}$/.test(text) &&
    !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(text)
  );
}

/** A folder inside a tree, written plainly: `local_biomaid`, `sites/ours`. */
export function isPlainFolder(text: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(text) && text.length < 200
  );
}

/** A tag as a person types it: looked up by git only when it can be nothing but a name. */
export function isPlainTag(text: string): boolean {
  return isPlainRef(text) && !text.includes("/") && text !== "HEAD";
}
