#!/bin/sh
# PROXY_PORT: port to listen on (8080). PROXY_SERVER_NAME: host names, for the log of nginx alone
# ("_"): a request for any other name is passed on, the application's ALLOWED_HOSTS decides.
# PROXY_BARE_METAL: in front of a site that was installed by hand, behind its own nginx: what that has said of a request stays,
# and what is not here of /static/ and /media/ is looked for in the site's own folders, which PROXY_STATIC and PROXY_MEDIA say,
# relative to /bare-metal/static and /bare-metal/media, then asked of the application.
# PROXY_REHEARSAL: serve the rehearsal in slot 0 instead, under a banner with this text.
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
if test -n "${PROXY_BARE_METAL:-}"; then
  for kind in static media; do
    folder=${PROXY_STATIC:-}
    [ "$kind" = static ] || folder=${PROXY_MEDIA:-}
    case $folder in
      # What a path may hold, a configuration may not.
      '' | *[!A-Za-z0-9._/@+-]*)
        echo 'error_page 404 = @serving;' >"/run/nginx/missing-$kind.conf"
        continue
        ;;
    esac
    echo "error_page 403 404 = @machine_$kind;" >"/run/nginx/missing-$kind.conf"
    cat >"/run/nginx/as-it-came-$kind.conf" <<CONF
location @machine_$kind {
    root /bare-metal/$kind;
    rewrite ^/$kind/(.*)\$ /$folder/\$1 break;
    # The site's user writes there: a link of its own must not lead into what only the proxy sees.
    disable_symlinks on from=/bare-metal/$kind/;
    add_header X-Content-Type-Options nosniff;
    error_page 403 404 = @serving;
}
CONF
  done
  cat >/run/nginx/as-it-came.conf <<'CONF'
recursive_error_pages on;
client_max_body_size 0;
proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $http_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
proxy_set_header Accept-Encoding $accept_encoding;
CONF
fi
configuration=/etc/nginx/nginx.conf
if test -n "${PROXY_REHEARSAL:-}"; then
  case $PROXY_REHEARSAL in
    *[\'\"\\\$\<\>\&]*) echo "PROXY_REHEARSAL is not plain text" >&2; exit 2 ;;
  esac
  style="position:sticky;bottom:0;z-index:99999;margin:0;padding:.6em 1em;background:#7a1f00;color:#fff;font:bold 16px/1.4 sans-serif;text-align:center"
  printf "sub_filter '</body>' '<p role=\"note\" style=\"%s\">%s</p></body>';\n" "$style" "$PROXY_REHEARSAL" >/run/nginx/banner.conf
  configuration=/etc/nginx/rehearsal.conf
fi
# Bodies that an nginx killed half-way left behind.
find /var/lib/nginx -type f -delete
# As many connections as the engine allows: a held one takes two files, a big body a third.
# shellcheck disable=SC3045 # dash knows both
ulimit -Sn "$(ulimit -Hn)"
# -e: the compiled-in log file is on the read-only root.
exec nginx -e stderr -c "$configuration"
