{{- define "ix.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ix.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- /* of a dict of `root` and `part` */ -}}
{{- define "ix.selector" -}}
app.kubernetes.io/name: ix
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "ix.labels" -}}
{{ include "ix.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- define "ix.podMetadata" -}}
labels:
  {{- include "ix.labels" . | nindent 2 }}
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .root.Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* what every pod of ix has: an account that is not root, and files of secrets that its group alone reads */ -}}
{{- define "ix.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "ix.container" -}}
image: {{ include "ix.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- /* one of many on a node, or in a zone, where there are others */ -}}
{{- define "ix.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "ix.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}

{{- /* variables of a dict; those named last win */ -}}
{{- define "ix.settings" -}}
{{- range $name, $value := . }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end -}}

{{- /* the database: past the pooler for the one connection that listens, where there is one */ -}}
{{- define "ix.database" -}}
{{- if .root.Values.pooler.enabled }}
- {name: IX_POSTGRES_URL_FILE, value: /run/secrets/ix/{{ .part }}_pooled_url}
- {name: IX_LISTEN_URL_FILE, value: /run/secrets/ix/{{ .part }}_url}
{{- else }}
- {name: IX_POSTGRES_URL_FILE, value: /run/secrets/ix/{{ .part }}_url}
{{- end }}
{{- end -}}

{{- define "ix.mounts" -}}
volumeMounts:
  - {name: secrets, mountPath: /run/secrets/ix, readOnly: true}
  - {name: tmp, mountPath: /tmp}
{{- end -}}

{{- /* of a dict of `root`, `keys` and `tmp` */ -}}
{{- define "ix.volumes" -}}
volumes:
  - name: secrets
    secret:
      secretName: {{ .root.Values.secret }}
      defaultMode: 0440
      items:
        {{- range .keys }}
        - {key: {{ . }}, path: {{ . }}}
        {{- end }}
  - name: tmp
    emptyDir: {sizeLimit: {{ .tmp }}}
{{- end -}}
