#!/bin/sh
# Puts into a folder what WhiteStat needs of Debian, file by file: programs, the libraries they name, Node's own
# scripts, time zones, certificates, and who is who. Runs in the Dockerfile's stage that has the packages installed.
#   sh assemble.sh FOLDER
set -eu

target=$1

# Copies a file with the links that lead to it. Folders are resolved first: /lib is a link to /usr/lib.
take() {
  set -- "$(readlink -f "$(dirname "$1")")/$(basename "$1")"
  if [ -e "$target$1" ] || [ -L "$target$1" ]; then return; fi
  mkdir -p "$target$(dirname "$1")"
  cp -a "$1" "$target$1"
  printf '%s\n' "$1" >> "$target.files"
  if [ -L "$1" ]; then
    case $(readlink "$1") in
      /*) take "$(readlink "$1")" ;;
      *) take "$(dirname "$1")/$(readlink "$1")" ;;
    esac
  fi
}

# A program with every library that the loader would load for it.
take_program() {
  take "$1"
  ldd "$1" > "$target.ldd"
  if grep 'not found' "$target.ldd"; then
    echo "assemble.sh: $1 names a library that isn't there (see above)" >&2
    exit 1
  fi
  for library in $(sed -n -e 's/.* => \(\/[^ ]*\) .*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' "$target.ldd"); do
    take "$library"
  done
}

mkdir -p "$target"
: > "$target.files"
for folder in bin sbin lib lib64; do
  if [ -L "/$folder" ]; then
    mkdir -p "$target/usr/$folder"
    cp -a "/$folder" "$target/$folder"
  fi
done

for program in node darkstat nft tini setpriv busybox; do
  take_program "$(command -v "$program")"
done

# Debian's Node reads some of its own modules (fetch among them) from files, and has their paths in its library.
for library in "$target"/usr/lib/*/libnode.so.*; do
  for script in $(grep -aoE '/usr/share/nodejs/[A-Za-z0-9_./-]+\.js' "$library" | sort -u); do
    if [ -e "$script" ]; then take "$script"; fi
  done
done

for path in /etc/ssl/certs/ca-certificates.crt /usr/lib/ssl/cert.pem /usr/lib/ssl/openssl.cnf /usr/lib/os-release \
  /etc/os-release /etc/debian_version /etc/nsswitch.conf; do
  if [ -e "$path" ]; then take "$path"; fi
done
# Without the copies that count leap seconds or bear another name.
mkdir -p "$target/usr/share/zoneinfo"
cp -a /usr/share/zoneinfo/. "$target/usr/share/zoneinfo/"
rm -rf "$target/usr/share/zoneinfo/right" "$target/usr/share/zoneinfo/posix"
printf '%s\n' /usr/share/zoneinfo/tzdata.zi >> "$target.files"

# A shell and what one looks around with; the health check asks with nc.
for name in awk cat chown cp cut date df dirname du env false find free grep head hostname id ip kill less ln ls mkdir more mv nc \
  netstat nslookup ping printf ps pwd readlink realpath rm sed sh sleep sort stat tail tee top touch tr true umount uname \
  uniq vi wc wget which xargs; do
  if [ ! -e "$target/usr/bin/$name" ]; then ln -s busybox "$target/usr/bin/$name"; fi
done

# User 1000 is the first user of nearly every Raspberry Pi: a folder of theirs can be mounted as it is.
{
  grep -E '^(root|nobody|darkstat):' /etc/passwd | sed 's/:[^:]*$/:\/usr\/bin\/false/'
  echo 'whitestat:x:1000:1000:WhiteStat:/data:/usr/bin/false'
} > "$target/etc/passwd"
{
  grep -E '^(root|nogroup|darkstat):' /etc/group
  echo 'whitestat:x:1000:'
} > "$target/etc/group"
if [ ! -e "$target/etc/nsswitch.conf" ]; then
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' > "$target/etc/nsswitch.conf"
fi

# Mount points, so that a read-only root has them.
mkdir -p "$target/proc" "$target/sys" "$target/dev" "$target/run" "$target/root" "$target/mnt" "$target/var/tmp"
ln -s /run "$target/var/run"
install -d -m 1777 "$target/tmp" "$target/var/tmp"
install -d -o 1000 -g 1000 "$target/data"

# Which packages and versions these files are from, where scanners look for it, and their licences.
mkdir -p "$target/var/lib/dpkg/status.d"
sort -u "$target.files" | xargs dpkg -S 2> /dev/null | sed -e 's/: .*//' -e 's/:.*//' | sort -u > "$target.packages"
while read -r package; do
  # One version of it is installed, for one processor.
  dpkg-query -s "$package" > "$target/var/lib/dpkg/status.d/$package"
  if [ -e "/usr/share/doc/$package/copyright" ]; then
    mkdir -p "$target/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$target/usr/share/doc/$package/copyright"
  fi
done < "$target.packages"

# What is missing is to be missed now, and not by somebody's first start.
chroot "$target" /usr/bin/node -e '
  const { DatabaseSync } = require("node:sqlite");
  if (new DatabaseSync(":memory:").prepare("select 1 as one").get().one !== 1) throw new Error("SQLite");
  const berlin = new Intl.DateTimeFormat("en", { timeZone: "Europe/Berlin", hour: "numeric" });
  if (!berlin.format(0).startsWith("1")) throw new Error("time zones");
  if (typeof fetch !== "function" || require("node:tls").rootCertificates.length === 0) throw new Error("TLS");
'
chroot "$target" /usr/bin/setpriv --version
chroot "$target" /usr/bin/tini --version
chroot "$target" /usr/sbin/darkstat --version
# Under qemu, which builds for other processors, there is no netlink of netfilter: then it is enough that nft gets so far.
nft_says=$(chroot "$target" /usr/sbin/nft --version 2>&1) || case $nft_says in
  *"Unable to initialize Netlink socket"*) ;;
  *)
    echo "$nft_says" >&2
    exit 1
    ;;
esac
chroot "$target" /usr/bin/sh -c 'echo | nc -h 2>&1 | grep -q BusyBox'

# darkstat captures by right of its file, whoever runs it: NET_RAW for the packets, the others because it sets its user
# and groups even when they are what they are.
setcap cap_net_raw,cap_setgid,cap_setuid+ep "$target/usr/sbin/darkstat"
# Likewise nft, which keeps the table of counters: where the container may not have the right it isn't started at all.
setcap cap_net_admin+ep "$target/usr/sbin/nft"
# The one way to port 777 for a user that isn't root in the host's network. A copy, so that nothing else gets the right.
mkdir -p "$target/usr/lib/whitestat"
cp "$target/usr/bin/setpriv" "$target/usr/lib/whitestat/with-low-ports"
setcap cap_net_bind_service+ep "$target/usr/lib/whitestat/with-low-ports"
getcap -r "$target"
du -sk "$target"
