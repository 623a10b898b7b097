# One image for linux/amd64, linux/arm64 and linux/arm/v7 (why it is as it is: docs/decisions/0009-image.md).
#
#   docker build -t whitestat .                      for this machine; Docker before 23: DOCKER_BUILDKIT=1 docker build …
#   npm run images                                   for all three, also where there is no Docker engine

ARG DEBIAN=docker.io/library/debian:forky-slim
# The stage that has the built program in /app, or an image that has it: then no stage builds it.
ARG APP=build

# ── Docker's builder before BuildKit gets no further: it can't build for another processor, and loses darkstat's rights. ──
FROM ${DEBIAN} AS buildkit
ARG BUILDPLATFORM
RUN test -n "$BUILDPLATFORM" || { echo "This builder is too old. Use BuildKit, which this Docker has: DOCKER_BUILDKIT=1 docker build -t whitestat ." >&2; exit 1; }

# ── The program: the same files for every processor, so it is built on the one that builds. ──
FROM --platform=$BUILDPLATFORM ${DEBIAN} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends nodejs ca-certificates git
WORKDIR /src
# npm as this Debian's corepack knows it, by version and hash. Not npm ci: see scripts/lib/npm-packages.mjs. What packages
# want to run at their installation is left out: nothing that builds here needs it.
ENV COREPACK_DEFAULT_TO_LATEST=0 COREPACK_ENABLE_DOWNLOAD_PROMPT=0
COPY package.json package-lock.json ./
# Where the way to npm's registry is through a proxy that reads along: --secret id=certificates,src=FILE
RUN --mount=type=secret,id=certificates \
    NODE_EXTRA_CA_CERTS=/run/secrets/certificates corepack npm install --no-save --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs \
 && mkdir /app \
 && cp -a dist/. /app/ \
 && rm -f /app/.stamp

FROM ${APP} AS app

# ── The system: of Debian's packages only the files that run. ──
FROM ${DEBIAN} AS system
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      busybox ca-certificates darkstat libcap2-bin nftables nodejs tini tzdata
COPY deploy/image/assemble.sh /
RUN sh /assemble.sh /system

# ── The image. ──
FROM scratch
ARG VERSION=12.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="WhiteStat" \
      org.opencontainers.image.description="Daily bandwidth usage per device, from the counters of the kernel or of darkstat" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:forky-slim"
COPY --from=system /system /
COPY deploy/image/whitestat deploy/image/darkstat /usr/local/bin/
COPY --from=app /app /usr/lib/whitestat/app
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin \
    WHITESTAT_CONTAINER=1
# No USER: the entry point starts as root, gives the data store to its user and becomes that one. With --user it never is root.
EXPOSE 777
HEALTHCHECK --interval=60s --timeout=10s --start-period=120s --retries=3 CMD ["whitestat", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["whitestat"]
