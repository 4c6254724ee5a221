{{- define "labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
app.kubernetes.io/part-of: partage-data
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
partage/country: {{ .root.Values.country }}
{{- end }}

{{/* An uninstall leaves it, and so does a pruning Argo. It must stand here: Helm reads the template, not the live object. */}}
{{- define "keep" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false,Delete=false
argocd.argoproj.io/sync-wave: "-1"
{{- end }}

{{- define "profile" -}}
{{- $name := ternary "small" .Values.profile (eq .Values.environment "staging") -}}
{{ get .Values.profiles $name | toJson }}
{{- end }}

{{/* The databases of a cell: one a service. */}}
{{- define "databases" -}}
{{ dict "names" (keys .Values.topology.services | sortAlpha) | toJson }}
{{- end }}

{{/* A quantity as a whole number: millicores for CPU, mebibytes for memory. */}}
{{- define "milli" -}}
{{ if hasSuffix "m" . }}{{ trimSuffix "m" . | int }}{{ else }}{{ mul (int .) 1000 }}{{ end }}
{{- end }}
{{- define "mebi" -}}
{{- if hasSuffix "Ti" . }}{{ mul (trimSuffix "Ti" . | int) 1048576 }}{{ else if hasSuffix "Gi" . }}{{ mul (trimSuffix "Gi" . | int) 1024 }}{{ else }}{{ trimSuffix "Mi" . | int }}{{ end -}}
{{- end }}
