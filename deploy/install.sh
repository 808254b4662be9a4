#!/bin/sh
# Installs Lianxin on Debian, or upgrades it: as root, from an unpacked copy of the program that is not
# /srv/lianxin itself. It can be run again at any time; settings and data are never replaced.
#
#   ROOT=/some/folder   puts everything below that folder, as the user who runs it, without packages,
#                       users and systemd: to look at it, and for the tests
#   VENV=/some/.venv    uses this Python environment instead of installing one
#   PIP_INDEX_URL=…, npm_config_registry=…   mirrors of PyPI and npm; every package is checked by its hash
set -eu
umask 022
ROOT=${ROOT:-}
VENV=${VENV:-}
SOURCE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
PROGRAM=$ROOT/srv/lianxin
ETC=$ROOT/etc/lianxin
DATA=$ROOT/var/lib/lianxin
BACKUPS=$ROOT/var/backups/lianxin
UNITS=$ROOT/etc/systemd/system
COMMAND=$ROOT/usr/local/bin/lianxin
LOG=$ROOT/var/log/lianxin-install.log
PARTS="domain push web templates static deploy docs pyproject.toml requirements.lock package.json package-lock.json
  LICENSE README.md SECURITY.md CHANGELOG.md"
PACKAGES="python3 python3-venv npm ca-certificates curl"
# Kilobytes that a new version beside the old one needs.
ROOM=1000000
IS_STOPPED=

say() { printf '%s\n' "$*"; }

fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

tell() {
  "$@" >>"$LOG" 2>&1
}

# Whatever ends this: no half program, and what was served is served again.
tidy() {
  [ -e "$PROGRAM" ] || [ ! -e "$PROGRAM.before" ] || mv "$PROGRAM.before" "$PROGRAM"
  rm -rf "$PROGRAM.new"
  if [ -n "$IS_STOPPED" ]; then
    systemctl start lianxin || printf 'install.sh: lianxin does not start: journalctl -u lianxin\n' >&2
  fi
}

only_one() {
  mkdir -p "$ROOT/run/lock" "$ROOT/var/log"
  exec 9>"$ROOT/run/lock/lianxin-install.lock"
  flock -n 9 || fail "another install.sh is running. Wait for it."
  : >"$LOG"
}

check_source() {
  [ -f "$SOURCE/web/__main__.py" ] || fail "$SOURCE is no copy of Lianxin."
  [ "$SOURCE" != "$PROGRAM" ] || fail "unpack the program elsewhere, such as in /root, and run it from there."
  [ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail "run it as root."
}

check_room() {
  mkdir -p "$ROOT/srv"
  free=$(df -Pk "$ROOT/srv" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$ROOM" ] || fail "only $((free / 1000)) MB are free below $ROOT/srv; $((ROOM / 1000)) MB are needed."
}

add_packages() {
  [ -z "$ROOT" ] || return 0
  missing=
  for package in $PACKAGES; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "Installing$missing …"
  command -v apt-get >/dev/null || fail "this is no Debian: install$missing in its own way, then run this again."
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # the names are words
  { tell apt-get update && tell apt-get install -y --no-install-recommends $missing; } ||
    fail "apt-get could not install$missing. Is there a network? See $LOG."
}

add_user() {
  [ -z "$ROOT" ] || return 0
  getent passwd lianxin >/dev/null || tell useradd --system --user-group --no-create-home \
    --home-dir /var/lib/lianxin --shell /usr/sbin/nologin lianxin || fail "the user lianxin cannot be made. See $LOG."
}

add_folders() {
  owned="-o lianxin -g lianxin" shared="-o root -g lianxin"
  [ -z "$ROOT" ] || owned='' shared=''
  # shellcheck disable=SC2086 # the options are words
  install -d $owned -m 0700 "$DATA" "$BACKUPS"
  # shellcheck disable=SC2086
  install -d $shared -m 0750 "$ETC"
  if [ ! -e "$ETC/lianxin.env" ]; then
    placed "$SOURCE/deploy/lianxin.env" >"$ETC/.lianxin.env"
    chmod 0640 "$ETC/.lianxin.env"
    [ -n "$ROOT" ] || chown root:lianxin "$ETC/.lianxin.env"
    mv "$ETC/.lianxin.env" "$ETC/lianxin.env"
    say "Settings: $ETC/lianxin.env"
  fi
}

# A file with the folders and the user of this installation.
placed() {
  if [ -z "$ROOT" ]; then
    cat "$1"
  else
    sed -e "s#/\(srv\|etc\|var/lib\|var/backups\)/lianxin#$ROOT&#g" -e "s#^user=lianxin#user=$(id -un)#" \
      -e "s#^User=lianxin#User=$(id -un)#" "$1"
  fi
}

# What this copy is, in one word: the hash of all its files.
mark() {
  # shellcheck disable=SC2086 # the parts are words
  (cd "$SOURCE" && find $PARTS -type f ! -path '*/__pycache__/*' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum)
}

build() {
  say "Copying the program …"
  rm -rf "$PROGRAM.new"
  mkdir -p "$PROGRAM.new"
  for part in $PARTS; do
    # With their times, so that what is compiled already stays valid.
    cp -R --preserve=timestamps "$SOURCE/$part" "$PROGRAM.new/" || fail "$part cannot be copied. Nothing was changed."
  done
  # Unpacked under root's own umask it could be readable by root alone, or writable by others.
  chmod -R a+rX,go-w "$PROGRAM.new"
  add_python
  add_browser_packages
  tell "$PROGRAM.new/.venv/bin/python" -m compileall -q "$PROGRAM.new/domain" "$PROGRAM.new/push" "$PROGRAM.new/web" ||
    fail "the program cannot be compiled. Nothing was changed. See $LOG."
  (cd "$PROGRAM.new" && tell .venv/bin/python -m web routes) ||
    fail "the program does not start. Nothing was changed. See $LOG."
  mark >"$PROGRAM.new/.installed"
}

add_python() {
  if [ -n "$VENV" ]; then
    ln -s "$VENV" "$PROGRAM.new/.venv"
    return 0
  fi
  say "Installing Python packages …"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed: Debian 12."
  tell python3 -m venv "$PROGRAM.new/.venv" || fail "Python's venv is missing: apt-get install python3-venv"
  tell "$PROGRAM.new/.venv/bin/python" -m pip install --disable-pip-version-check --require-hashes \
    -r "$PROGRAM.new/requirements.lock" ||
    fail "Python packages could not be fetched. Nothing was changed. Is there a network, or a mirror? See $LOG."
}

add_browser_packages() {
  # A copy that was prepared where there is a network brings them along.
  if [ -d "$SOURCE/node_modules/htmx.org" ]; then
    mkdir "$PROGRAM.new/node_modules"
    cp -R "$SOURCE/node_modules/htmx.org" "$PROGRAM.new/node_modules/"
    return 0
  fi
  say "Installing browser packages …"
  # Debian's npm asks for peers that the lock of a newer npm does not hold; nothing here needs them.
  (cd "$PROGRAM.new" && tell npm ci --omit=dev --legacy-peer-deps --no-audit --no-fund) ||
    fail "browser packages could not be fetched. Nothing was changed. Is there a network, or a mirror? See $LOG."
}

has_systemd() {
  [ -z "$ROOT" ] && [ -d /run/systemd/system ]
}

# A version that migrated the database cannot be left without the backup from before.
save_before() {
  [ -e "$PROGRAM/.installed" ] || return 0
  if has_systemd && systemctl is-active --quiet lianxin; then
    IS_STOPPED=yes
    systemctl stop lianxin
  fi
  data=$(sed -n 's/^LIANXIN_DATA=//p' "$ETC/lianxin.env" | tail -n 1)
  grep -q '^LIANXIN_DATABASE=.' "$ETC/lianxin.env" || [ -e "$data/lianxin.db" ] || return 0
  "$COMMAND" backup "$BACKUPS" || fail "no backup could be made. The program is as it was."
}

swap() {
  rm -rf "$PROGRAM.before"
  [ ! -e "$PROGRAM" ] || mv "$PROGRAM" "$PROGRAM.before"
  mv "$PROGRAM.new" "$PROGRAM"
}

add_units() {
  mkdir -p "$UNITS" "$(dirname "$COMMAND")"
  for unit in "$PROGRAM"/deploy/*.service "$PROGRAM"/deploy/*.timer; do
    placed "$unit" >"$UNITS/$(basename "$unit")"
  done
  placed "$PROGRAM/deploy/lianxin" >"$COMMAND.new"
  chmod 0755 "$COMMAND.new"
  mv "$COMMAND.new" "$COMMAND"
  ! has_systemd || systemctl daemon-reload
}

check_source
only_one
trap tidy EXIT
trap 'exit 1' HUP INT TERM
check_room
add_packages
add_user
add_folders
if [ -e "$PROGRAM/.installed" ] && [ "$(mark)" = "$(cat "$PROGRAM/.installed")" ]; then
  say "The program in $PROGRAM is this version already."
else
  build
  save_before
  swap
  say "Installed: $PROGRAM"
fi
add_units
say "Go on with docs/operations.md, or docs/operations.zh.md in Chinese."
