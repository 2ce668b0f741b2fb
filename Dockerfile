# The bundle on Node 24, without a shell or a package manager. `npm ci && npm run tools && npm run build` makes what
# it copies; then `docker build -t meshgate:0.1.0 .`
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
FROM ${BASE}

ARG REVISION=unknown
LABEL org.opencontainers.image.title="meshgate" \
      org.opencontainers.image.description="One set of Istio mesh policies, held at review, admission and drift." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /app
COPY package.json LICENSE CHANGELOG.md ./
COPY bin ./bin
COPY deploy/charts ./deploy/charts
COPY dist/meshgate.mjs dist/render-worker.mjs dist/render.wasm dist/THIRD-PARTY-LICENSES.txt dist/sbom.cdx.json ./dist/
COPY dist/chunks ./dist/chunks

ENV NODE_ENV=production
# As numbers, so that the kubelet can tell that it is not root.
USER 65532:65532
EXPOSE 8443
STOPSIGNAL SIGTERM
# The heap takes its share of the container's memory; the rest is for buffers, and for what V8 holds of young objects:
# three times 16 MB, where it would take three times 64 while a large cluster is read.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size-percentage=70", "--max-semi-space-size=16", "/app/bin/meshgate.mjs"]
CMD ["--help"]
