#!/bin/sh
# The tests use real browsers, a real PostgreSQL, a real IMAP server, fonts with Chinese characters,
# systemd's reader of units, and a reader of the codes on paper. Chromium of 2020 comes with npm and needs
# libraries that the Chromium of today brings along.
# Whatever is missing is installed where we may, and named in one line where we may not.
set -eu
missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v firefox-esr >/dev/null || missing="$missing firefox-esr"
command -v WebKitWebDriver >/dev/null || missing="$missing webkit2gtk-driver"
command -v Xvfb >/dev/null || missing="$missing xvfb"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing="$missing fonts-noto-cjk fontconfig"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
command -v zbarimg >/dev/null || missing="$missing zbar-tools"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing$missing …"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/tmp/lianxin-apt.log 2>&1 && exit 0
  tail -n 5 /tmp/lianxin-apt.log
fi
echo "The tests need$missing. On Debian: apt-get install$missing"
exit 1
