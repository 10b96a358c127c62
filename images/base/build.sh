#!/bin/sh
# A minimal Debian 12 from the packages of the mirror this machine already uses, as a tar:
#   images/base/build.sh base.tar && docker import base.tar biomaid-updater/base:12
# Needs mmdebstrap, and root unless user namespaces are set up for it.
set -eu
out=${1:?usage: build.sh OUT.tar}
suite=bookworm

# apt knows what its sources really are, whatever they are called and however they are written down.
sources() {
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '
      $1 == "Debian" && ($2 == suite || index($2, suite "-") == 1) && $2 !~ /backports|proposed/ && $3 ~ /^https?:/ {
        print "deb", $3, $4, $5
      }' | sort -u
}
list=$(sources)
if [ -z "$list" ] && [ "$(id -u)" = 0 ]; then
  apt-get update -qq >&2
  list=$(sources)
fi

# How this machine reaches its mirror holds for the images built on this one too. A proxy
# with a password in it is left out: no secret belongs in an image.
set --
while read -r option; do
  [ -z "$option" ] || set -- "$@" --aptopt="$option"
done <<OPTIONS
$(apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-(Valid-Until|Date)) ' | grep -v @ || true)
OPTIONS

# Without a source of its own suite the list is empty, and mmdebstrap takes Debian's default mirror.
# The path rules stay in the image and keep the layers above as small.
# usr-is-merged stands in for usrmerge, which would bring the whole of Perl.
printf '%s\n' "$list" | mmdebstrap --quiet --variant=minbase "$@" \
  --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=ca-certificates,usr-is-merged \
  --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/i18n/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/* "$1"/var/log/*' \
  "$suite" "$out" ${list:+-}
