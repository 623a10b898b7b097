#!/bin/sh
# Prints the image's tags for a version, one a line: v12.1.3 becomes 12.1.3, 12.1, 12 and latest; v12.2.0-rc.1 only itself.
#   tags.sh v12.1.3
set -eu

version=${1#v}
case $version in
  *[!0-9A-Za-z.-]* | *..* | "") echo "tags.sh: \"$1\" is not a version such as v12.1.3" >&2; exit 1 ;;
esac
echo "$version"
case $version in *-*) exit 0 ;; esac
minor=${version%.*}
printf '%s\n%s\nlatest\n' "$minor" "${minor%.*}"
