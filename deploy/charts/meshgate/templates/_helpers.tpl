{{/* Release names repeat the chart's where they can. */}}
{{- define "meshgate.name" -}}
{{- if contains "meshgate" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-meshgate" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "meshgate.selectorLabels" -}}
app.kubernetes.io/name: meshgate
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "meshgate.labels" -}}
{{ include "meshgate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: admission
app.kubernetes.io/part-of: meshgate
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "meshgate.metadata" -}}
name: {{ include "meshgate.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "meshgate.labels" . | nindent 2 }}
{{- end -}}

{{- define "meshgate.clusterMetadata" -}}
name: {{ include "meshgate.name" . }}
labels:
  {{- include "meshgate.labels" . | nindent 2 }}
{{- end -}}

{{- define "meshgate.tlsSecret" -}}
{{ include "meshgate.name" . }}-tls
{{- end -}}

{{/* Where Istio's own ConfigMap is. */}}
{{- define "meshgate.rootNamespace" -}}
{{- dig "mesh" "rootNamespace" "istio-system" .Values.config -}}
{{- end -}}

{{- define "meshgate.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "meshgate.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "meshgate.name" . }}
    namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "meshgate.spread" -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "meshgate.selectorLabels" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}
