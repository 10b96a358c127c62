#!/bin/sh
# PROXY_PORT: port to listen on (8080). PROXY_SERVER_NAME: host names, for the log of nginx alone
# ("_"): a request for any other name is passed on, the application's ALLOWED_HOSTS decides.
set -eu
port=${PROXY_PORT:-8080}
names=${PROXY_SERVER_NAME:-_}

case $port in
  *[!0-9]*) echo "PROXY_PORT is not a number: $port" >&2; exit 2 ;;
esac
case $names in
  *[!A-Za-z0-9.\ _-]*) echo "PROXY_SERVER_NAME is not a list of host names: $names" >&2; exit 2 ;;
esac

printf 'listen %s default_server backlog=4096;\nserver_name %s;\n' "$port" "$names" >/run/nginx/listen.conf
# Bodies that an nginx killed half-way left behind.
find /var/lib/nginx -type f -delete
# As many connections as the engine allows: a held one takes two files, a big body a third.
ulimit -Sn "$(ulimit -Hn)"
# -e: the compiled-in log file is on the read-only root.
exec nginx -e stderr
