#!/bin/sh
# Makes a backup of a running server, and proves that it can be restored: a second server loads the copy, and
# what it has is compared with what the first one had.
#
#   backup-drill.sh [port] [folder for backups]        (6379, ./backups)
#
# REDISCLI_AUTH is the password, WADI the program (`wadi`), DRILL_PORT a free port for the second server.
# Where DEBUG is allowed and nobody writes meanwhile, whole datasets are compared (DEBUG DIGEST), else the
# numbers of keys.

set -eu

port=${1:-6379}
backups=${2:-backups}
wadi=${WADI:-wadi}
drill_port=${DRILL_PORT:-16379}
work=$(mktemp -d)
server=

fail() {
  echo "backup drill: $*" >&2
  exit 1
}

clean() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

# $wadi may be a program with arguments, so it is not quoted.
source_cli() { $wadi cli -p "$port" "$@"; }
drill_cli() { env -u REDISCLI_AUTH $wadi cli -p "$drill_port" "$@"; }
setting() { source_cli CONFIG GET "$1" | sed -n 2p; }
field() { tr -d '\r' | sed -n "s/^$1://p"; }
keys() { tr -d '\r' | sed -n 's/^\(db[0-9]*:keys=[0-9]*\).*/\1/p'; }

command -v "${wadi%% *}" >/dev/null || fail "there is no program ${wadi%% *}: WADI names it"
[ "$(source_cli PING 2>/dev/null)" = PONG ] || fail "nobody answers at port $port"

# 1. A snapshot, which must succeed.
digest_before=$(source_cli DEBUG DIGEST)
keys_before=$(source_cli INFO keyspace | keys)
saves=$(source_cli INFO persistence | field rdb_saves)
source_cli BGSAVE SCHEDULE >/dev/null
tries=0
while [ "$(source_cli INFO persistence | field rdb_saves)" = "$saves" ]; do
  [ "$(source_cli INFO persistence | field rdb_last_bgsave_status)" = ok ] || fail 'BGSAVE failed'
  tries=$((tries + 1))
  [ "$tries" -lt "${DRILL_SECONDS:-600}" ] || fail 'BGSAVE takes too long'
  sleep 1
done
digest_after=$(source_cli DEBUG DIGEST)

# 2. The copy: under its name only when it is whole. The file is replaced by renaming, so it never changes.
mkdir -p "$backups"
backup="$backups/dump-$(date -u +%Y%m%dT%H%M%SZ).rdb"
cp "$(setting dir)/$(setting dbfilename)" "$backup.part"
mv "$backup.part" "$backup"

# 3. Every byte of it is read.
$wadi check-rdb "$backup" >"$work/check.txt" || {
  cat "$work/check.txt" >&2
  fail "$backup is damaged"
}

# 4. A server of its own restores it.
mkdir "$work/data"
cp "$backup" "$work/data/dump.rdb"
$wadi --port "$drill_port" --bind 127.0.0.1 --dir "$work/data" --save '' \
  --enable-debug-command yes >"$work/log.txt" 2>&1 &
server=$!
tries=0
until [ "$(drill_cli PING 2>/dev/null)" = PONG ]; do
  kill -0 "$server" 2>/dev/null || {
    cat "$work/log.txt" >&2
    fail 'the copy does not load'
  }
  tries=$((tries + 1))
  [ "$tries" -lt "${DRILL_SECONDS:-600}" ] || fail 'loading takes too long'
  sleep 1
done

# 5. What it has is what the first server had.
restored=$(drill_cli DEBUG DIGEST)
keys_restored=$(drill_cli INFO keyspace | keys)
case $digest_before in
"$digest_after")
  case $digest_before in
  ERR*) [ "$keys_restored" = "$keys_before" ] || fail 'the restored server has other keys' ;;
  *) [ "$restored" = "$digest_before" ] || fail 'the restored dataset is another' ;;
  esac
  ;;
*) echo 'backup drill: the dataset changed meanwhile, so it was not compared' ;;
esac
echo "backup drill: $backup is good ($(drill_cli DBSIZE) keys in database 0)"
