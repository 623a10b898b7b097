#!/bin/sh
# Prints what CHANGELOG.md says of a version.
#   notes.sh v12.1.0
set -eu

version=${1#v}
notes=$(awk -v version="${version%%-*}" '/^## / { found = ($2 == version) ; next } found' CHANGELOG.md)
if [ -z "$notes" ]; then
  echo "notes.sh: CHANGELOG.md has no section \"## $version\"" >&2
  exit 1
fi
printf '%s\n' "$notes" | sed '1{/^$/d}'
