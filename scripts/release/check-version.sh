#!/bin/sh
# Whether a tag, the package, the Dockerfile and the changelog speak of one version.
#   check-version.sh v12.1.0
set -eu

version=${1#v}
fail() {
  echo "check-version.sh: $*" >&2
  exit 1
}
grep -q "^  \"version\": \"$version\",$" package.json || fail "package.json is not of version $version"
grep -q "^ARG VERSION=$version$" Dockerfile || fail "Dockerfile is not of version $version"
case $version in *-*) exit 0 ;; esac
scripts/release/notes.sh "$1" > /dev/null
