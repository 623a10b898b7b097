#!/bin/sh
# Pulls an image for each processor into the store that the image's tests look into, under the names they look for.
#   pull-image.sh NAME@DIGEST
set -eu

image=$1
work=${WHITESTAT_IMAGES:?}
store() {
  podman --root "$work/store" --runroot "$work/run" --storage-driver overlay "$@"
}
mkdir -p "$work"
for pair in amd64:amd64 arm64:arm64 armhf:arm/v7; do
  # By the id that it prints: all three have the same digest.
  id=$(store pull --quiet --platform "linux/${pair#*:}" "$image" | tail -n 1)
  store tag "$id" "localhost/whitestat:${pair%:*}"
done
store tag localhost/whitestat:amd64 localhost/whitestat:latest
store images
