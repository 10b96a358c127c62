# The updater itself. Needs BuildKit (built into Engine 20.10) and the image of `npm run setup`; ca-bundle.crt,
# which the set-up leaves beside this file, is used when it is there and never becomes part of the image.
ARG BASE=biomaid-updater/base:12

# The pattern makes the bundle optional; package.json is there because a COPY needs at least one file.
FROM ${BASE} AS trust
COPY ca-bundle.cr[t] package.json /trust/

FROM ${BASE} AS dependencies
RUN --mount=type=bind,from=trust,source=/trust,target=/trust \
    ca=$(ls /trust/ca-bundle.crt 2>/dev/null || true) \
 && apt-get update -qq ${ca:+-o Acquire::https::CAInfo=$ca} \
 && apt-get install -qq -y --no-install-recommends ${ca:+-o Acquire::https::CAInfo=$ca} npm >/dev/null
WORKDIR /app
COPY package.json package-lock.json ./
# Debian's npm runs on an older Node; the packages it fetches bring the right one, and leave a second copy behind.
RUN --mount=type=bind,from=trust,source=/trust,target=/trust \
    --mount=type=cache,target=/root/.npm \
    export NODE_EXTRA_CA_CERTS=/trust/ca-bundle.crt \
 && npm ci --omit=dev --no-audit --no-fund --loglevel=error \
 && rm -rf node_modules/node/node_modules \
 && node_modules/.bin/node --version

FROM ${BASE}
# Git's package wants all of Perl (46 MB), which nothing done here needs. The repositories mounted for the
# updater belong to somebody else on the host, which Git would refuse.
RUN --mount=type=bind,from=trust,source=/trust,target=/trust \
    ca=$(ls /trust/ca-bundle.crt 2>/dev/null || true) \
 && apt-get update -qq ${ca:+-o Acquire::https::CAInfo=$ca} \
 && apt-get install -qq -y --no-install-recommends ${ca:+-o Acquire::https::CAInfo=$ca} \
      -o DPkg::Options::='--path-exclude=/usr/share/perl/*' \
      -o DPkg::Options::='--path-exclude=/usr/lib/*/perl/*' \
      -o DPkg::Options::='--path-exclude=/usr/lib/*/libperl.so*' \
      git openssh-client >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
 && git config --system safe.directory '*'
LABEL biomaid-updater.role=image
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json package-lock.json Dockerfile ./
COPY bin bin
COPY images images
COPY src src
# The gate runs from this image as a user without an account, whatever the modes in the checkout.
RUN chmod -R a+rX bin images src Dockerfile *.json
ENV PATH=/app/node_modules/.bin:$PATH
# What is compiled when these commands are loaded is kept for every container to come.
RUN for command in status 'swap 0 --foreground' 'init 0 --foreground' 'rehearse 0 --foreground' 'restore 0 --foreground'; do \
      bin/updater --config /nowhere $command >/dev/null 2>&1 || test $? -eq 2 || exit 1; \
    done
# Root, because whoever may use the engine's socket is root on the host anyway, and the group that owns
# the socket has another number on every host.
ENTRYPOINT ["/app/bin/updater"]
