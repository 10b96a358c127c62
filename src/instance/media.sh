#!/bin/sh
# Copies of a site's media, as links or reflinks beside the files: media.sh COMMAND MEDIA GENERATION [FROM]
# A copy is the folder MEDIA/.updater/gGENERATION. Beside it: .how (what cp has to be told), .unpacked (the media of
# another day), .gone, .changed and .put (names, each ended by NUL: what a comparison found, what was put back).
set -eu
media=$2
folder=$media/.updater
copy=$folder/g$3
kept=$folder/g${4:-}

# Finds out whether the file system has reflinks.
note_how() {
  echo . >"$copy.how"
  how=--link
  if cp --reflink=always "$copy.how" "$copy.try" 2>/dev/null; then how=--reflink=always; fi
  echo $how >"$copy.next"
  rm -f "$copy.try"
  mv -T "$copy.next" "$copy.how"
}

begin() {
  [ -d "$folder" ] || mkdir -m 700 "$folder"
  mkdir "$copy"
  note_how
}

# Adds what is not in the copy yet. A file that users delete at this moment is no reason to fail.
complete() {
  cd "$media"
  how=$(cat "$copy.how")
  failed=$(find . -mindepth 1 -maxdepth 1 ! -name .updater -exec cp -a -n "$how" -t "$copy" {} + 2>&1 |
    grep -v 'No such file or directory' | head -n 3)
  echo "$failed"
  test -z "$failed"
}

# First comes what tells that there is something to remove.
begin_foreign() {
  [ -d "$folder" ] || mkdir -m 700 "$folder"
  note_how
  mkdir "$copy.unpacked"
}

accept_foreign() {
  mv -T "$copy.unpacked$media" "$copy"
}

keep_replaced() {
  cp "$copy.how" "$kept.how"
}

compare() {
  cd "$copy"
  : >"$copy.changed"
  find . -type f -exec sh -c '
    media=$1 changed=$2
    shift 2
    for file; do
      now=$media/$file
      if [ ! -e "$now" ]; then
        printf "%s\0" "$file"
      elif [ ! "$now" -ef "$file" ] && { [ "$now" -nt "$file" ] || [ "$now" -ot "$file" ]; }; then
        printf "%s\0" "$file" >>"$changed"
      fi
    done' sh "$media" "$copy.changed" {} + >"$copy.gone"
}

forget_comparison() {
  rm -f "$copy.gone" "$copy.changed" "$copy.put"
}

# Puts files of a folder in the place of those that changed; no request finds one missing meanwhile.
replace_from() {
  cd "$1"
  xargs -0 -r sh -c '
    media=$1
    shift
    for file; do
      if [ -e "$file" ]; then ln -f "$file" "$media/$file" || exit; fi
    done' sh "$media" <"$copy.changed"
}

restore() {
  mkdir -p "$kept"
  cd "$media"
  how=$(cat "$copy.how")
  xargs -0 -r cp -a --link --parents -t "$kept" <"$copy.changed"
  xargs -0 -r sh -c 'for file; do [ -e "$file" ] || printf "%s\0" "$file"; done' sh \
    <"$copy.gone" >"$copy.put"
  cd "$copy"
  xargs -0 -r cp -a "$how" --parents -t "$media" <"$copy.put"
  replace_from "$copy"
}

remove_restored() {
  if [ ! -e "$copy.put" ]; then return; fi
  cd "$media"
  xargs -0 -r rm -f <"$copy.put"
  if [ -d "$kept" ]; then
    replace_from "$kept"
    rm -rf "$kept"
  fi
}

exists() {
  if [ -e "$copy" ] || [ -e "$copy.how" ]; then echo yes; fi
}

remove() {
  rm -rf "$copy" "$copy".*
}

"$1"
