/** The releases that the renderer is built of, as `tools/render/go.mod` pins them: Kustomize 5.8.1 has this API. */
export const rendererVersions = {
  kustomize: '5.8.1',
  kustomizeApi: '0.21.1',
  helm: '3.20.2',
} as const;
