package reach

import (
	"net"
	"strings"
	"text/template"
)

// Front is what a reverse proxy must know of this program.
type Front struct {
	Name     string // that the world calls: "shop.example.com"
	Upstream string // the webhook's own address: "127.0.0.1:8000"
	Path     string // of the webhook
	// CertFile and KeyFile are for nginx, which does not get certificates by
	// itself; Caddy does, unless they are given and IsOwn is set.
	CertFile, KeyFile string
	IsOwn             bool
	Port              string // of https; "" = 443
	// MetaCAFile, if not empty, is where the proxy finds the authority of Meta's
	// client certificate: it lets nobody else call the webhook.
	MetaCAFile string
}

// UpstreamOf is how a proxy on the same machine reaches a bound address.
func UpstreamOf(bound string) string {
	host, port, err := net.SplitHostPort(bound)
	if err != nil {
		return bound
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// Both proxies hand on two paths and nothing else, so that the dashboard cannot
// be reached through them even if the address below were the wrong one. A call
// with the header of our live check is let through without Meta's certificate:
// Astromesh turns it away itself where the mark is not its own.
const caddyText = `{{.Name}}{{with .Apart}}:{{.}}{{end}} {
{{- if .IsOwn}}
	tls {{.CertFile}} {{.KeyFile}}{{if .MetaCAFile}} {
		client_auth {
			mode verify_if_given
			trusted_ca_cert_file {{.MetaCAFile}}
		}
	}{{end}}
{{- else if .MetaCAFile}}
	tls {
		client_auth {
			mode verify_if_given
			trusted_ca_cert_file {{.MetaCAFile}}
		}
	}
{{- end}}
	request_body {
		max_size 3MB
	}
	@astromesh path {{.Path}} /healthz
{{- if .MetaCAFile}}
	@stranger {
		path {{.Path}}
		not header {{.CheckHeader}} *
		not vars_regexp {http.request.tls.client.subject} (^|,)CN={{.MetaPattern}}(,|$)
	}
{{- end}}
	route {
{{- if .MetaCAFile}}
		respond @stranger 403
{{- end}}
		reverse_proxy @astromesh {{.Upstream}}
		respond 404
	}
}
`

const nginxText = `server {
	listen {{.Port}} ssl;
	server_name {{.Name}};
	ssl_certificate {{.CertFile}};
	ssl_certificate_key {{.KeyFile}};
	client_max_body_size 3m;
{{- if .MetaCAFile}}
	ssl_client_certificate {{.MetaCAFile}};
	ssl_verify_client optional;
	ssl_verify_depth 3;
{{- end}}

	location = {{.Path}} {
{{- if .MetaCAFile}}
		set $caller "$ssl_client_verify:$ssl_client_s_dn:$http_{{.CheckVariable}}";
		if ($caller !~ "^(SUCCESS:(.*,)?CN={{.MetaPattern}}[,:]|NONE::.)") {
			return 403;
		}
{{- end}}
		proxy_pass http://{{.Upstream}};
		proxy_http_version 1.1;
		proxy_set_header Host $host;
		proxy_set_header X-Forwarded-For $remote_addr;
		proxy_set_header X-Forwarded-Proto https;
	}
	location = /healthz {
		proxy_pass http://{{.Upstream}};
	}
	location / {
		return 404;
	}
}
`

// Caddy gives the lines for a Caddyfile.
func (f Front) Caddy() string { return f.write(caddyText) }

// Nginx gives the lines for a file in nginx's sites.
func (f Front) Nginx() string { return f.write(nginxText) }

func (f Front) write(text string) string {
	apart := f.Port // Caddy has it behind the name, unless it is the usual one
	if f.Port == "" || f.Port == "443" {
		f.Port, apart = "443", ""
	}
	if f.CertFile == "" {
		f.CertFile, f.KeyFile = "/etc/letsencrypt/live/"+f.Name+"/fullchain.pem", "/etc/letsencrypt/live/"+f.Name+"/privkey.pem"
	}
	var out strings.Builder
	t := template.Must(template.New("").Parse(text))
	err := t.Execute(&out, map[string]any{
		"Name": f.Name, "Upstream": f.Upstream, "Path": f.Path, "CertFile": f.CertFile, "KeyFile": f.KeyFile,
		"IsOwn": f.IsOwn, "Apart": apart, "Port": f.Port, "MetaCAFile": f.MetaCAFile, "CheckHeader": CheckHeader,
		"CheckVariable": strings.ToLower(strings.ReplaceAll(CheckHeader, "-", "_")),
		"MetaPattern":   strings.ReplaceAll(MetaName, ".", `\.`),
	})
	if err != nil { // the texts above are part of the program
		return ""
	}
	return out.String()
}
