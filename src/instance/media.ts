import type { Shell } from "../engine/shell.ts";
import { paths } from "./names.ts";

/** Beside the files, as a link leads to no other volume; for the updater alone. */
const folder = ".updater";

const copyOf = (generation: number) => `${paths.media}/${folder}/g${generation}`;

/**
 * Copies the media as links, or as reflinks where the file system has them: either takes no room. Whatever was
 * kept for this generation before goes. Users may be at work: what comes later is for `completeMediaCopy`.
 */
export async function copyMedia(shell: Shell, generation: number): Promise<void> {
  const copy = copyOf(generation);
  await removeMediaCopy(shell, generation);
  await shell.run(`${makeFolder} && mkdir ${copy} && ${noteHow(copy)}`);
  await completeMediaCopy(shell, generation);
}

const makeFolder = `mkdir -p -m 700 ${paths.media}/${folder}`;

/** Finds out which of the two the file system has. */
function noteHow(copy: string): string {
  return `echo . >${copy}.how &&
     if cp --reflink=always ${copy}.how ${copy}.try 2>/dev/null; then echo --reflink=always; else echo --link; fi >${copy}.next &&
     rm -f ${copy}.try && mv -T ${copy}.next ${copy}.how`;
}

/**
 * Makes room for the media of another day, in the form of a copy of a generation's.
 * @returns an empty folder beside it, for what they come out of
 */
export async function prepareForeignMedia(shell: Shell, generation: number): Promise<string> {
  const unpacked = `${copyOf(generation)}.unpacked`;
  await removeMediaCopy(shell, generation);
  // First what tells that there is something to remove.
  await shell.run(`${makeFolder} && ${noteHow(copyOf(generation))} && mkdir ${unpacked}`);
  return unpacked;
}

/** Takes the media out of that folder: they are whole. */
export async function acceptForeignMedia(shell: Shell, generation: number): Promise<void> {
  const copy = copyOf(generation);
  await shell.run(`mv -T ${copy}.unpacked${paths.media} ${copy}`);
}

/** Lets what `restoreMedia` kept for a generation that is left be compared and put back like any copy. */
export async function keepReplacedMedia(
  shell: Shell,
  generation: number,
  from: number,
): Promise<void> {
  await shell.run(`cp ${copyOf(generation)}.how ${copyOf(from)}.how`);
}

/** Adds what has come since `copyMedia`. */
export async function completeMediaCopy(shell: Shell, generation: number): Promise<void> {
  const copy = copyOf(generation);
  // A file that users delete at this moment is no reason to fail.
  await shell.run(
    `cd ${paths.media} && how=$(cat ${copy}.how) &&
     failed=$(find . -mindepth 1 -maxdepth 1 ! -name ${folder} -exec cp -a -n $how -t ${copy} {} + 2>&1 |
       grep -v 'No such file or directory' | head -n 3); echo "$failed"; test -z "$failed"`,
  );
}

/** Notes what of a copy is gone from the media or was changed since. */
export async function compareMedia(shell: Shell, generation: number): Promise<void> {
  const copy = copyOf(generation);
  await shell.run(
    `cd ${copy} && : >${copy}.changed && find . -type f -exec sh -c 'for file; do
       now=${paths.media}/$file
       if [ ! -e "$now" ]; then printf "%s\\0" "$file"
       elif [ ! "$now" -ef "$file" ] && { [ "$now" -nt "$file" ] || [ "$now" -ot "$file" ]; }; then
         printf "%s\\0" "$file" >>${copy}.changed
       fi
     done' sh {} + >${copy}.gone`,
  );
}

/** Undoes `compareMedia`. */
export async function forgetComparison(shell: Shell, generation: number): Promise<void> {
  const copy = copyOf(generation);
  await shell.run(`rm -f ${copy}.gone ${copy}.changed ${copy}.put`);
}

/**
 * Puts back what `compareMedia` noted.
 * @param from the generation that serves until now: what is changed back is kept for it
 */
export async function restoreMedia(shell: Shell, generation: number, from: number): Promise<void> {
  const [copy, kept] = [copyOf(generation), copyOf(from)];
  await shell.run(
    `mkdir -p ${kept} && cd ${paths.media} && how=$(cat ${copy}.how) &&
     xargs -0 -r cp -a --link --parents -t ${kept} <${copy}.changed &&
     xargs -0 -r sh -c 'for file; do [ -e "$file" ] || printf "%s\\0" "$file"; done' sh <${copy}.gone >${copy}.put &&
     cd ${copy} && xargs -0 -r cp -a $how --parents -t ${paths.media} <${copy}.put &&
     ${replaceFrom(copy, copy)}`,
  );
}

/** Undoes `restoreMedia`, from wherever it stopped. */
export async function removeRestoredMedia(
  shell: Shell,
  generation: number,
  from: number,
): Promise<void> {
  const [copy, kept] = [copyOf(generation), copyOf(from)];
  await shell.run(
    `if [ -e ${copy}.put ]; then
       cd ${paths.media} && xargs -0 -r rm -f <${copy}.put &&
       if [ -d ${kept} ]; then ${replaceFrom(kept, copy)} && rm -rf ${kept}; fi
     fi`,
  );
}

/** Puts files of a folder in the place of those that changed; nobody finds one missing meanwhile. */
function replaceFrom(source: string, copy: string): string {
  return `{ cd ${source} && xargs -0 -r sh -c 'for file; do
     if [ -e "$file" ]; then ln -f "$file" "${paths.media}/$file" || exit; fi
   done' sh <${copy}.changed; }`;
}

/** Whether media are kept for a generation. */
export async function hasMediaCopy(shell: Shell, generation: number): Promise<boolean> {
  const copy = copyOf(generation);
  return (await shell.run(`if [ -e ${copy} ] || [ -e ${copy}.how ]; then echo yes; fi`)) !== "";
}

/** Forgets what was kept for a generation; safe to repeat. */
export async function removeMediaCopy(shell: Shell, generation: number): Promise<void> {
  const copy = copyOf(generation);
  await shell.run(`rm -rf ${copy} ${copy}.*`);
}
