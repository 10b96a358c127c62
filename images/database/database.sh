#!/bin/sh
# Runs PostgreSQL of one generation.
#   database.sh serve                  the cluster as it is (initialised first when there is none)
#   database.sh clone FOLDER SLOT      base backup of the database whose socket is in FOLDER
# GENERATION, DATABASE_NAME, DATABASE_ROLE come from the environment, perhaps FIRST_OID.
set -eu
umask 077

replication=/run/biomaid/replication/g$GENERATION

case "$1" in
clone)
  # A first try that was killed leaves a partial copy behind.
  rm -rf "$PGDATA"
  exec pg_basebackup --host="$2" --username=postgres --pgdata="$PGDATA" --write-recovery-conf \
    --wal-method=stream --checkpoint=fast --create-slot --slot="$3" --progress
  ;;
serve)
  if ! test -e "$PGDATA/PG_VERSION"; then
    rm -rf "$PGDATA.new"
    initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
      --auth=peer --data-checksums >/dev/null
    # What is made in it is not to have the number of something in another cluster by chance.
    [ -z "${FIRST_OID:-}" ] || pg_resetwal --next-oid="$FIRST_OID" "$PGDATA.new" >/dev/null
    mv "$PGDATA.new" "$PGDATA"
  fi
  [ -d "$replication" ] || mkdir -m 0700 "$replication"
  cat >/run/postgresql/pg_hba.conf <<HBA
local all           postgres            peer
local replication   postgres            peer
local "$DATABASE_NAME" "$DATABASE_ROLE" peer map=biomaid
HBA
  # The application's user may be that one role, and no other.
  echo "biomaid biomaid \"$DATABASE_ROLE\"" >/run/postgresql/pg_ident.conf
  exec postgres -D "$PGDATA" -c config_file=/etc/biomaid/postgresql.conf \
    -c unix_socket_directories="/run/postgresql,/run/biomaid/db,$replication"
  ;;
*)
  echo "database.sh: unknown command: $1" >&2
  exit 2
  ;;
esac
