#!/bin/sh
# Builds the image for all three processors by docker buildx, and pushes it under its digest alone: no name leads to it
# before it was tested. Prints "image=NAME@DIGEST". What was built on is the same for all stages, and named by its digest.
#   build-image.sh ghcr.io/OWNER/whitestat
set -eu

name=$1
base=docker.io/library/debian:forky-slim
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
metadata=$(mktemp)

# As JSON: a format that begins with {{.Manifest prints a table, whatever follows.
digest=$(docker buildx imagetools inspect "$base" --format '{{json .Manifest.Digest}}' | tr -d '"')
case $digest in sha256:*) ;; *) echo "build-image.sh: $base has no digest: $digest" >&2; exit 1 ;; esac
docker buildx build --platform linux/amd64,linux/arm64,linux/arm/v7 \
  --build-arg "DEBIAN=$base@$digest" --build-arg "VERSION=$version" --build-arg "REVISION=$(git rev-parse HEAD)" \
  --label "org.opencontainers.image.base.digest=$digest" \
  --label "org.opencontainers.image.source=https://github.com/${GITHUB_REPOSITORY:-avarghesein/WhiteStat}" \
  --provenance mode=max --sbom true --metadata-file "$metadata" \
  --output "type=image,name=$name,push-by-digest=true,name-canonical=true,push=true" . >&2
built=$(sed -n 's/.*"containerimage.digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' "$metadata")
rm -f "$metadata"
test -n "$built"
echo "image=$name@$built"
