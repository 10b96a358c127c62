#!/bin/sh
# Copies of a site's media, as links or reflinks beside the files: media.sh COMMAND MEDIA GENERATION [FROM]
# A copy is the folder MEDIA/.updater/gGENERATION. Beside it: .how (what cp has to be told), .since (when it was begun),
# .unpacked (the media of another day), .gone, .changed and .put (names, each ended by NUL: what a comparison found,
# what was put back), .aside (what was in the way of that).
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

# Whether the folder is ours, who are root. No application can have made such a one, and in the sticky folder of media none
# can put another in its place; what it makes under this name is not looked into.
is_ours() {
  [ "$(stat -c '%u %a %F' "$folder" 2>/dev/null)" = "$(id -u) 700 directory" ]
}

make_folder() {
  if is_ours; then return; fi
  rm -rf "$folder"
  mkdir -m 700 "$folder"
}

# Copies the media, which takes no room. Users may be at work: what comes later is for `add_new`.
take() {
  remove
  make_folder
  mkdir "$copy"
  note_how
  # Some file systems know a moment to a second.
  touch -d '2 seconds ago' "$copy.since"
  add_all
}

add_all() {
  cd "$media"
  tolerant find . -mindepth 1 -maxdepth 1 ! -name .updater -exec cp -a -n "$(cat "$copy.how")" -t "$copy" {} +
}

# Adds what has come since, while users wait: of folders that have not changed no file is looked at.
add_new() {
  touch "$copy.now"
  # A clock that was set back meanwhile tells nothing.
  if [ -n "$(find "$copy.since" -newer "$copy.now")" ]; then
    add_all
    return
  fi
  cd "$media"
  find . -path ./.updater -prune -o -type d -cnewer "$copy.since" -print0 >"$copy.folders"
  tolerant xargs -0 -r -a "$copy.folders" sh -c '
    how=$1 copy=$2
    shift 2
    for folder; do
      if [ -d "$copy/$folder" ]; then
        find "$folder" -mindepth 1 -maxdepth 1 ! -type d -exec cp -a -n --parents "$how" -t "$copy" {} +
      else
        cp -a -n --parents "$how" -t "$copy" "$folder"
      fi
    done' sh "$(cat "$copy.how")" "$copy"
}

# A file that users delete at this moment is no reason to fail.
tolerant() {
  failed=$("$@" 2>&1 | grep -v 'No such file or directory' | head -n 3)
  echo "$failed"
  test -z "$failed"
}

# Makes room for the media of another day, in the form of a copy; prints the folder for what they come out of.
begin_foreign() {
  remove
  make_folder
  # First comes what tells that there is something to remove.
  note_how
  mkdir "$copy.unpacked"
  echo "$copy.unpacked"
}

# Takes the media out of that folder: they are whole.
accept_foreign() {
  mv -T "$copy.unpacked$media" "$copy"
}

# Lets what `restore` kept for the generation FROM be compared and put back like any copy.
keep_replaced() {
  cp "$copy.how" "$kept.how"
}

# A function that says whether something is in the way of a file of the media, and in `path` what: the first on the way to it
# that is no folder, or what stands in its place and is no file. A link, which an application may have made, is neither.
in_the_way='in_the_way() {
  path=. rest=${1#./}
  while [ "$rest" != "${rest#*/}" ]; do
    path=$path/${rest%%/*} rest=${rest#*/}
    if [ -L "$path" ] || [ ! -d "$path" ]; then
      [ -L "$path" ] || [ -e "$path" ]
      return
    fi
  done
  path=$1
  [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }
}'

# Notes what of the copy is gone from the media or was changed since.
compare() {
  note_differences same_times
}

# The same whatever the times say, which an application may set.
compare_content() {
  note_differences same_content
}

note_differences() {
  cd "$copy"
  : >"$copy.changed"
  find . -type f -exec sh -c "$in_the_way"'
    same_times() { [ ! "$1" -nt "$2" ] && [ ! "$1" -ot "$2" ]; }
    # What is put in its place meanwhile is neither followed nor waited for.
    same_content() { dd if="$1" iflag=nofollow,nonblock bs=1M status=none 2>/dev/null | cmp -s - "$2"; }
    media=$1 copy=$2 same=$3
    shift 3
    cd "$media" || exit
    for file; do
      if in_the_way "$file" || [ ! -e "$file" ]; then
        printf "%s\0" "$file"
      elif [ ! "$file" -ef "$copy/$file" ] && ! "$same" "$file" "$copy/$file"; then
        printf "%s\0" "$file" >>"$copy.changed"
      fi
    done' sh "$media" "$copy" "$1" {} + >"$copy.gone"
}

forget_comparison() {
  rm -f "$copy.gone" "$copy.changed" "$copy.put"
}

noted() {
  cat "$copy.gone" "$copy.changed"
}

# Passes on the names of files that are there, or (with !) are not.
those() {
  xargs -0 -r sh -c '
    there=$1
    shift
    for file; do
      if [ $there -e "$file" ]; then printf "%s\0" "$file"; fi
    done' sh "$1"
}

# Moves aside what is in the way of what `compare` noted: a folder to what is kept for FROM; all else beside that, since one
# day it would be in the way of what has come back.
clear_way() {
  mkdir -p "$kept.aside"
  cd "$media"
  noted | xargs -0 -r sh -c "$in_the_way"'
    kept=$1
    shift
    for file; do
      in_the_way "$file" || continue
      to=$kept
      if [ -L "$path" ] || [ ! -d "$path" ]; then to=$(mktemp -d "$kept.aside/XXXXXX") || exit; fi
      mkdir -p "$to/${path%/*}" && mv -T "$path" "$to/$path" || exit
    done' sh "$kept"
}

# Undoes that. Folders that came in the place of something are empty by now.
bring_back() {
  cd "$kept"
  noted | xargs -0 -r sh -c '
    media=$1
    shift
    for file; do
      if [ -d "$file" ] && [ ! -e "$media/$file" ]; then mv -T "$file" "$media/$file" || exit; fi
    done' sh "$media"
  if [ ! -d "$kept.aside" ]; then return; fi
  cd "$kept.aside"
  find . -mindepth 2 ! -type d -exec sh -c '
    media=$1
    shift
    for one; do
      name=$media/${one#./*/}
      if [ ! -L "$name" ] && [ -d "$name" ]; then find "$name" -depth -type d -empty -delete; fi
      mv -T -n "$one" "$name" || exit
    done' sh "$media" {} +
}

# Puts files of a folder in the place of those that changed; no request finds one missing meanwhile.
replace_from() {
  cd "$1"
  xargs -0 -r sh -c '
    media=$1
    shift
    for file; do
      if [ -f "$file" ]; then ln -fT "$file" "$media/$file" || exit; fi
    done' sh "$media" <"$copy.changed"
}

# Puts back what `compare` noted; what is changed back is kept for FROM.
restore() {
  mkdir -p "$kept"
  # There is something to undo from here on.
  : >"$copy.put"
  clear_way
  cd "$media"
  how=$(cat "$copy.how")
  those '' <"$copy.changed" | xargs -0 -r cp -a --link --parents -t "$kept"
  noted | those ! >"$copy.put"
  cd "$copy"
  xargs -0 -r cp -a "$how" --parents -t "$media" <"$copy.put"
  replace_from "$copy"
}

# Undoes `restore`, from wherever it stopped.
remove_restored() {
  if [ ! -e "$copy.put" ]; then return; fi
  cd "$media"
  xargs -0 -r rm -f <"$copy.put"
  if [ -d "$kept" ]; then
    replace_from "$kept"
    bring_back
    rm -rf "$kept" "$kept.aside"
  fi
  # Done again once users are back, it must not take a file of that name that they have sent since.
  rm -f "$copy.put"
}

exists() {
  if ! is_ours; then return; fi
  if [ -e "$copy" ] || [ -e "$copy.how" ]; then echo yes; fi
}

# Forgets what is kept for the generation; safe to repeat.
remove() {
  if is_ours; then rm -rf "$copy" "$copy".*; fi
}

"$1"
