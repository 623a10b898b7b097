#!/bin/sh
# Installs WhiteStat as a service of systemd, or installs it anew after an update. Run it as root from a clone in which
# WhiteStat was started or built once (npm start, npm run build):
#
#   sudo deploy/systemd/install.sh              installs and starts it
#   sudo deploy/systemd/install.sh --uninstall  removes it; what it has measured stays in /var/lib/whitestat
#
#   NODE=/path/to/node    another Node (22.18 or newer) than the one found
#   DESTDIR=/some/root    puts the files below that folder, and leaves users, packages and services alone
set -eu

destdir=${DESTDIR:-}
source=$(cd "$(dirname "$0")/../.." && pwd)
program=$destdir/usr/local/lib/whitestat
unit=$destdir/etc/systemd/system/whitestat.service
defaults=$destdir/etc/default/whitestat

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# Whether that Node runs the product: node:sqlite without a flag is there since 22.18's line.
fits() {
  [ -x "$1" ] && "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)'
}

has_systemd() {
  [ -z "$destdir" ] && [ -d /run/systemd/system ]
}

uninstall() {
  if has_systemd; then systemctl disable --now whitestat.service 2> /dev/null || true; fi
  rm -rf "$program" "$unit"
  if has_systemd; then systemctl daemon-reload; fi
  echo "WhiteStat is removed. Its figures are in /var/lib/whitestat, its environment in /etc/default/whitestat, and user whitestat is left: delete them if nobody wants them."
}

case ${1:-} in
  '') ;;
  --uninstall) [ -n "$destdir" ] || [ "$(id -u)" = 0 ] || fail "only root may remove a service: sudo $0 --uninstall"; uninstall; exit 0 ;;
  *) fail "there is no option $1. Allowed: --uninstall" ;;
esac

[ -n "$destdir" ] || [ "$(id -u)" = 0 ] || fail "only root may install a service: sudo $0"
[ -f "$source/dist/whitestat.mjs" ] || fail "$source/dist is not built. As yourself, not as root: (cd $source && npm run build)"

# The Node that came with the npm packages is the tested one; it is copied, for the clone may go.
node=${NODE:-}
copied=
if [ -z "$node" ] && fits "$source/node_modules/node/bin/node"; then
  copied=$source/node_modules/node/bin/node
  node=/usr/local/lib/whitestat/node
elif [ -z "$node" ]; then
  node=$(command -v node || true)
fi
[ -n "$copied" ] || { [ -n "$node" ] && fits "$node"; } \
  || fail "Node.js 22.18 or newer is needed${node:+, and $node is older}. Install it, name it (NODE=/path/to/node $0), or use the container image, which has one."

if [ -z "$destdir" ]; then
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
fi

# Beside it first, then in its place: what fails on the way leaves the old one as it was.
rm -rf "$program.new"
mkdir -p "$program.new" "$(dirname "$unit")" "$(dirname "$defaults")"
cp -R "$source/dist/." "$program.new/"
rm -f "$program.new/.stamp"
if [ -n "$copied" ]; then cp "$copied" "$program.new/node"; fi
chmod -R u=rwX,go=rX "$program.new"
rm -rf "$program.old"
if [ -d "$program" ]; then mv "$program" "$program.old"; fi
mv "$program.new" "$program"
rm -rf "$program.old"

sed "s,@NODE@,$node," "$source/deploy/systemd/whitestat.service" > "$unit"
chmod 644 "$unit"
if [ ! -e "$defaults" ]; then
  cat > "$defaults" <<'DEFAULTS'
# Seeds /var/lib/whitestat/WhiteStatConfig.json at its first start. Afterwards that file wins.
#TZ=Europe/Berlin
#DARKSTAT_URL=http://192.168.1.5:667
#HOST_INTERFACE=eth0
#SERVER_PORT=777
DEFAULTS
  chmod 644 "$defaults"
fi

if has_systemd; then
  systemctl daemon-reload
  systemctl enable whitestat.service
  systemctl restart whitestat.service
  echo "WhiteStat runs: http://$(hostname):777/. How it is: systemctl status whitestat. What it says: journalctl -u whitestat"
elif [ -z "$destdir" ]; then
  echo "WhiteStat is installed, but systemd does not run here: systemctl enable --now whitestat where it does."
else
  echo "The files are below $destdir."
fi
