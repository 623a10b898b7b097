#!/bin/sh
# Installs WhiteStat as a service of systemd, or updates the installed one in place. Run it as root, from an unpacked archive
# (whitestat-VERSION-linux-ARCH.tar.xz) or from a clone in which WhiteStat was built (npm run build):
#
#   sudo ./install.sh                                      installs and starts it
#   sudo /opt/whitestat/install.sh --uninstall   removes it; what it has measured stays in /var/lib/whitestat
#
#   NODE=/path/to/node    with a clone: another Node (22.18 or newer) than the one found
#   DESTDIR=/some/root    puts the files below that folder, and leaves users, packages and services alone
set -eu

destdir=${DESTDIR:-}
here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/whitestat
program=$destdir$prefix
unit=$destdir/etc/systemd/system/whitestat.service
defaults=$destdir/etc/default/whitestat
command=$destdir/usr/local/bin/whitestat

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# Whether that Node runs the product: node:sqlite without a flag is there since 22.18's line.
# Asked for a word: a shell "runs" an empty file, as a download that broke off leaves one, and is content.
fits() {
  [ -x "$1" ] && [ "$("$1" -p 'const [a, b] = process.versions.node.split(".").map(Number); a > 22 || (a === 22 && b >= 18) ? "fits" : "old"')" = fits ]
}

has_systemd() {
  [ -z "$destdir" ] && [ -d /run/systemd/system ]
}

uninstall() {
  if has_systemd; then
    systemctl disable --now whitestat.service 2> /dev/null || true
    nft list tables netdev 2> /dev/null | grep -E "^table netdev whitestat(-|$)" | sed "s/^/delete /" | nft -f - 2> /dev/null || true
  fi
  rm -rf "$program" "$unit" "$command"
  if has_systemd; then systemctl daemon-reload; fi
  echo "WhiteStat is removed. Its data in /var/lib/whitestat, its settings in /etc/default/whitestat and user whitestat are left: delete them if nobody wants them."
}

case ${1:-} in
  '') ;;
  --uninstall) [ -n "$destdir" ] || [ "$(id -u)" = 0 ] || fail "only root may remove a service: sudo $0 --uninstall"; uninstall; exit 0 ;;
  *) fail "unknown option $1. Allowed: --uninstall" ;;
esac

[ -n "$destdir" ] || [ "$(id -u)" = 0 ] || fail "only root may install a service: sudo $0"
if [ -z "$destdir" ] && [ -e /usr/lib/whitestat/app ]; then
  fail "the Debian package whitestat is installed. Update that instead, or remove it first: apt-get remove whitestat"
fi

[ "$here" != "$program" ] || fail "this one removes only (--uninstall). To update, run install.sh of the new archive."

# Beside it first, then in its place: what fails on the way leaves the old one as it was.
new=$program.new
rm -rf "$new"
mkdir -p "$new" "$(dirname "$unit")" "$(dirname "$defaults")" "$(dirname "$command")"
if [ -f "$here/whitestat/app/whitestat.mjs" ]; then
  cp -R "$here/whitestat/." "$new/"
else
  source=$(cd "$here/../.." && pwd)
  [ -f "$source/dist/whitestat.mjs" ] || fail "$source/dist is not built. As yourself, not as root: (cd $source && npm run build)"
  mkdir "$new/app" "$new/bin"
  cp -R "$source/dist/." "$new/app/"
  rm -f "$new/app/.stamp"
  cp "$source/deploy/package/whitestat" "$new/bin/whitestat"
  # The Node that came with the npm packages is the tested one. It is copied, for the clone may go.
  for own in "$source"/node_modules/node-linux-*/bin/node; do
    if [ -z "${NODE:-}" ] && fits "$own" 2> /dev/null; then cp "$own" "$new/bin/node"; fi
  done
  if [ ! -e "$new/bin/node" ]; then
    node=${NODE:-$(command -v node || true)}
    { [ -n "$node" ] && fits "$node"; } \
      || fail "Node.js 22.18 or newer is needed${node:+, and $node is older}. Install it, name it (NODE=/path/to/node $0), or use the archive or the Debian package, which bring their own."
    ln -s "$node" "$new/bin/node"
  fi
fi
cp "$0" "$new/install.sh"
chmod 755 "$new/install.sh"
find "$new" -type d -exec chmod 755 {} +
find "$new" -type f -exec chmod u=rwX,go=rX {} +

if [ -z "$destdir" ]; then
  if ! command -v nft > /dev/null && [ ! -x /usr/sbin/nft ]; then
    if command -v apt-get > /dev/null && [ "${WHITESTAT_NO_INSTALL:-}" != 1 ]; then
      echo "Installing nftables, by which the kernel counts: apt-get install nftables"
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nftables \
        || echo "That failed. Without it darkstat counts."
    else
      echo "nftables is missing: install it for the kernel's exact counters; without it darkstat counts."
    fi
  fi
  if ! command -v darkstat > /dev/null && [ ! -x /usr/sbin/darkstat ]; then
    if command -v apt-get > /dev/null && [ "${WHITESTAT_NO_INSTALL:-}" != 1 ]; then
      echo "Installing darkstat, which counts the packets: apt-get install darkstat"
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends darkstat \
        || echo "That failed. Install darkstat later, or set DARKSTAT_URL in /etc/default/whitestat."
    else
      echo "darkstat is missing: install it, or set DARKSTAT_URL in /etc/default/whitestat."
    fi
  fi
  if ! id -u whitestat > /dev/null 2>&1; then
    useradd --system --user-group --home-dir /var/lib/whitestat --no-create-home --shell /usr/sbin/nologin whitestat
  fi
  install -d -o whitestat -g whitestat -m 0700 /var/lib/whitestat
  # A store that was put there before, for example the Python WhiteStat's, is still root's. No file that has another name
  # elsewhere: whoever breaks into the service could have linked it here.
  find /var/lib/whitestat -xdev -user root \( -type d -o -type f -links 1 \) -exec chown whitestat:whitestat {} +
fi

rm -rf "$program.old"
if [ -d "$program" ]; then mv "$program" "$program.old"; fi
mv "$new" "$program"
if [ -z "$destdir" ] && ! "$program/bin/node" --version > /dev/null 2>&1; then
  rm -rf "$program"
  if [ -d "$program.old" ]; then mv "$program.old" "$program"; fi
  fail "this archive is for another processor than this machine ($(uname -m)), or for a newer system. What was installed is left as it was."
fi
rm -rf "$program.old"

sed "s,@PREFIX@,$prefix,g" "$here/whitestat.service" > "$unit"
chmod 644 "$unit"
ln -sf "$prefix/bin/whitestat" "$command"
if [ ! -e "$defaults" ]; then
  for template in "$here/default" "$here/../package/default"; do
    if [ -f "$template" ]; then cp "$template" "$defaults"; fi
  done
  chmod 644 "$defaults"
fi

if has_systemd; then
  systemctl daemon-reload
  systemctl enable whitestat.service
  systemctl restart whitestat.service
  echo "WhiteStat runs: http://$(hostname):777/. State: systemctl status whitestat. Log: journalctl -u whitestat"
elif [ -z "$destdir" ]; then
  echo "WhiteStat is installed, but systemd does not run here: systemctl enable --now whitestat where it does."
else
  echo "The files are below $destdir."
fi
