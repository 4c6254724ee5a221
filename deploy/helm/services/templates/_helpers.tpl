{{/* Names, labels, and what every pod has in common. Each takes a dict of root, service and part. */}}

{{- define "name" -}}
{{ if eq .part "gateway" }}gateway{{ else }}{{ .service }}-{{ .part }}{{ end }}
{{- end }}

{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/part-of: partage
app.kubernetes.io/version: {{ .root.Values.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
partage/country: {{ .root.Values.country }}
{{- end }}

{{- define "selector" -}}
app.kubernetes.io/name: {{ .service }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "common-labels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: partage
app.kubernetes.io/version: {{ .Values.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- if .Values.country }}
partage/country: {{ .Values.country }}
{{- end }}
{{- end }}

{{- define "image" -}}
{{- $image := .root.Values.image -}}
{{- $digest := get $image.digests .service -}}
{{ $image.registry }}/{{ .service }}:{{ $image.tag }}{{ with $digest }}@{{ . }}{{ end }}
{{- end }}

{{/* What a service works with: one worker, or one that consumes (worker) and one that does the rest (tasks). */}}
{{- define "workers" -}}
{{- $own := get .root.Values.services .service | default dict -}}
{{ ternary (dict "worker" (list "--parts" "consume") "tasks" (list "--parts" "relay,effects,deadlines,reconcile")) (dict "worker" list) ($own.apart | default false) | toJson }}
{{- end }}

{{/* The size of a part: the service's own profile, else the country's; staging is always small. */}}
{{- define "size" -}}
{{- $values := .root.Values -}}
{{- $own := ternary $values.gateway (get $values.services .service | default dict) (eq .part "gateway") -}}
{{- $profile := ternary "small" ($own.profile | default $values.profile) (eq $values.environment "staging") -}}
{{ get (get $values.profiles $profile) (ternary "worker" .part (eq .part "tasks")) | toJson }}
{{- end }}

{{- define "generation" -}}
{{ (get .root.Values.services .service | default dict).generation | default 1 }}
{{- end }}

{{- define "database" -}}
{{ .service }}-pg-{{ include "generation" . }}
{{- end }}

{{- define "host" -}}
{{- $labels := splitList "." .Values.host -}}
{{ first $labels }}{{ with .Values.subdomain }}.{{ . }}{{ end }}.{{ rest $labels | join "." }}
{{- end }}

{{- define "pod" -}}
serviceAccountName: {{ .service }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "container-security" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "resources" -}}
{{- $size := include "size" . | fromJson -}}
resources:
  requests: {cpu: {{ $size.cpu }}, memory: {{ $size.memory }}}
  limits: {memory: {{ $size.memory }}}
{{- end }}

{{/* Over zones, then over hosts; a rollout is spread by itself. */}}
{{- define "spread" -}}
topologySpreadConstraints:
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}

{{/* Started: it has built what it needs. Ready: the schema is there, not draining. Live: its loop turns. */}}
{{- define "probes" -}}
startupProbe:
  httpGet: {path: /startz, port: http}
  periodSeconds: 2
  timeoutSeconds: 3
  # A worker waits ten minutes for its migrations.
  failureThreshold: {{ ternary 330 60 (has .part (list "worker" "tasks")) }}
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 4
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /livez, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{/* What the three programs of a service share; each variable is one that they read (a test compares). */}}
{{- define "service-environment" -}}
envFrom:
  - configMapRef: {name: {{ .service }}}
env:
  - name: DATABASE_URL
    valueFrom: {secretKeyRef: {name: {{ include "database" . }}-app, key: uri}}
  {{- if eq .service "invoicing" }}
  - name: LINK_KEY
    valueFrom: {secretKeyRef: {name: invoicing-keys, key: link-key}}
  {{- end }}
  {{- if eq .service "payroll" }}
  - name: DATA_KEY
    valueFrom: {secretKeyRef: {name: payroll-keys, key: data-key}}
  {{- end }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: database-ca, mountPath: /var/run/partage/database, readOnly: true}
  - {name: kafka-ca, mountPath: /var/run/partage/kafka-ca, readOnly: true}
  - {name: kafka-user, mountPath: /var/run/partage/kafka, readOnly: true}
  {{- if eq .service "payroll" }}
  - {name: keys, mountPath: /var/run/partage/keys, readOnly: true}
  {{- end }}
{{- end }}

{{- define "service-volumes" -}}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  - name: database-ca
    secret: {secretName: {{ include "database" . }}-ca, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
  - name: kafka-ca
    secret: {secretName: {{ .root.Values.kafka.cluster }}-cluster-ca-cert, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
  - name: kafka-user
    secret: {secretName: {{ .service }}, defaultMode: 0440, items: [{key: user.crt, path: user.crt}, {key: user.key, path: user.key}]}
  {{- if eq .service "payroll" }}
  - name: keys
    secret: {secretName: payroll-keys, defaultMode: 0440, items: [{key: authority-client-key, path: authority-client-key.pem}]}
  {{- end }}
{{- end }}
