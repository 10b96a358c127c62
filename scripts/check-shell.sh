#!/bin/sh
# What `npm run check` does with shell: shellcheck, which is a package of Debian's.
set -eu
cd "$(dirname "$0")/.."
if ! command -v shellcheck >/dev/null; then
  echo "npm run check needs shellcheck. Type: apt-get install shellcheck" >&2
  exit 1
fi
git ls-files -z '*.sh' bin/updater .ci/run 'docs/hooks/*' | xargs -0 shellcheck
