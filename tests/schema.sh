#!/bin/sh
# SPDX-License-Identifier: MIT
# The JSON Schema of configurations against python3-jsonschema: it takes what jwtwatch takes, and refuses what one
# option alone has wrong. Each row is read by both.
. "${top_srcdir:?}/tests/tap.sh"

# Where the Debian packages are.
system_python=/usr/bin/python3
if ! "$system_python" -c 'import jsonschema, yaml' 2> "$work/err"; then
	not_ok "python3-jsonschema and python3-yaml are installed"
	plan
	exit 0
fi

"$JWTWATCH" schema > "$work/schema.json"
is "schema ends well" 0 $?
holds "the schema is a valid one, and takes the annotated configuration" \
	[ "$("$system_python" "$top_srcdir/tests/schema.py" "$work/schema.json" "$top_srcdir/conf/jwtwatch.yaml")" = \
		"$top_srcdir/conf/jwtwatch.yaml right" ]
holds "and those of the tests" [ "$(cd "$top_srcdir/tests/data/cli" && "$system_python" "$top_srcdir/tests/schema.py" \
	"$work/schema.json" targets.yaml rotation.yaml | tr '\n' ' ')" = "targets.yaml right rotation.yaml right " ]

page='name: page, check: html_file, path: /p'
program='name: program, check: command'
api='name: api, check: token_endpoint, url: "http://h/"'
# right|wrong NAME|what the file holds: \n is a line's end.
cat > "$work/rows" << END
right|a page|targets: [{$page}]
right|an endpoint|targets: [{$api}]
right|a server|targets: [{name: lk, check: livekit, url: wss://h}]
right|no targets yet|targets: []
right|includes alone|include: [conf.d/*.yaml]
right|one include|include: conf.d/*.yaml
wrong|an include that is a mapping|include: {a: b}
wrong|an include that is empty|include: ['']
wrong|an unknown section|target: [{$page}]
wrong|targets as a mapping|targets: {page: {check: html_file}}
wrong|a target as a text|targets: [page]
wrong|a target without a name|targets: [{check: html_file, path: /p}]
wrong|a target without a check|targets: [{name: page, path: /p}]
wrong|a check that there isn't|targets: [{name: page, check: html, path: /p}]
right|a daemon|daemon: {listen: ["*:1", "unix:/p"], state: /p}\ntargets: []
right|a daemon at one address|daemon: {listen: "h:1"}\ntargets: []
right|a daemon with other names|daemon: {hosts: [a.example.org, b]}\ntargets: []
wrong|an unknown option of the daemon|daemon: {lisen: "h:1"}\ntargets: []
right|a module|modules: {m: {check: token_endpoint, allow: "https://h/*", timeout: 3s}}\ntargets: []
wrong|a module without allow|modules: {m: {check: token_endpoint}}\ntargets: []
wrong|a module with a URL|modules: {m: {check: livekit, allow: "https://h/*", url: "https://h/"}}\ntargets: []
wrong|a module of files|modules: {m: {check: html_file, allow: "https://h/*"}}\ntargets: []
wrong|a module with a name|modules: {m: {check: livekit, allow: "https://h/*", name: n}}\ntargets: []
right|an interval|targets: [{$page, interval: 30d, retry_interval: 1s, attempts: 100}]
wrong|too long an interval|targets: [{$page, interval: 31d}]
wrong|no attempts|targets: [{$page, attempts: 0}]
wrong|a page without a path|targets: [{name: page, check: html_file}]
wrong|an endpoint without a URL|targets: [{name: api, check: token_endpoint}]
wrong|an unknown option|targets: [{$page, pth: /p}]
wrong|an option of another check|targets: [{$page, url: "http://h/"}]
wrong|an option of tokens for a server|targets: [{name: lk, check: livekit, url: wss://h, room: r}]
wrong|an empty name|targets: [{name: '', check: html_file, path: /p}]
wrong|a name like an option|targets: [{name: -x, check: html_file, path: /p}]
right|a name that is a number|targets: [{name: 7, check: html_file, path: /p}]
wrong|an empty path|targets: [{name: page, check: html_file, path: ''}]
wrong|a path that is a list|targets: [{name: page, check: html_file, path: [/p]}]
wrong|no value|targets: [{$page, pattern: }]
right|a duration|targets: [{$page, timeout: 1m30s}]
right|a short duration|targets: [{$page, timeout: 500ms}]
right|the longest duration|targets: [{$page, timeout: 300s}]
right|the longest duration in minutes|targets: [{$page, timeout: 5m}]
right|zeros in front|targets: [{$page, timeout: 0001s}]
wrong|too long a duration|targets: [{$page, timeout: 301s}]
wrong|too long a duration in minutes|targets: [{$page, timeout: 6m}]
wrong|too long a duration in hours|targets: [{$page, timeout: 1h}]
wrong|much too long a duration|targets: [{$page, timeout: 900s}]
wrong|a duration without a unit|targets: [{$page, timeout: 10}]
wrong|a duration of nothing|targets: [{$page, timeout: 0s}]
wrong|an empty duration|targets: [{$page, timeout: ''}]
wrong|a duration in the wrong order|targets: [{$page, timeout: 1s1m}]
wrong|a duration with blanks|targets: [{$page, timeout: 1m 1s}]
wrong|milliseconds among seconds|targets: [{$page, leeway: 500ms}]
right|no leeway at all|targets: [{$page, leeway: 0s}]
right|the most leeway|targets: [{$page, leeway: 3600s}]
wrong|too much leeway|targets: [{$page, leeway: 3601s}]
right|a year|targets: [{$page, max_lifetime: 52w1d}]
right|true|targets: [{$page, enabled: false}]
wrong|neither true nor false|targets: [{$page, enabled: maybe}]
right|a choice|targets: [{$page, select: first}]
wrong|no choice|targets: [{$page, select: frist}]
right|a size|targets: [{$page, max_size: 64KiB}]
right|a size as a number|targets: [{$page, max_size: 4096}]
right|the largest size|targets: [{$page, max_size: 1GiB}]
wrong|a size of nothing|targets: [{$page, max_size: 0}]
wrong|too large a size|targets: [{$page, max_size: 2GiB}]
wrong|too large a number|targets: [{$page, max_size: 1073741825}]
wrong|another unit of size|targets: [{$page, max_size: 5 MB}]
right|a threshold|targets: [{$page, warning: 2h}]
right|a share|targets: [{$page, warning: 12.5%}]
right|the lesser of two|targets: [{$page, warning: 'min(1h, 20%)'}]
right|a range|targets: [{$page, warning: '3600:'}]
right|a range from below|targets: [{$page, warning: '@~:600'}]
right|a range with decimals|targets: [{$page, warning: '-1.5:10.25', critical: ':5'}]
right|a range inside|targets: [{$page, warning: '@600'}]
wrong|a threshold as a bare number|targets: [{$page, warning: 3600}]
wrong|a threshold as a bare text|targets: [{$page, warning: '3600'}]
wrong|a threshold in words|targets: [{$page, warning: soon}]
wrong|three parts|targets: [{$page, warning: 'min(1h, 20%, 5m)'}]
wrong|a range of nothing|targets: [{$page, warning: ':'}]
wrong|minus infinity alone|targets: [{$page, warning: '@~'}]
wrong|a range with units|targets: [{$page, warning: '1h:'}]
right|a key|keys: {k: {issuer: i, secret: {env: A}}}\ntargets: [{$page, key: k}]
right|two keys|keys: {k: {secret: {file: a}}, l: {secret: {credential: b}}}\ntargets: [{$page, key: [k, l]}]
right|a secret of a .env file|keys: {k: {secret: {env_file: .env, name: A}}}\ntargets: []
right|a plain secret|keys: {k: {secret: text}}\ntargets: []
wrong|a key without a secret|keys: {k: {issuer: i}}\ntargets: []
wrong|an unknown option of a key|keys: {k: {secret: {env: A}, kid: x}}\ntargets: []
wrong|a .env file without a name|keys: {k: {secret: {env_file: .env}}}\ntargets: []
wrong|a secret by two ways|keys: {k: {secret: {env: A, file: b}}}\ntargets: []
wrong|no name of a variable|keys: {k: {secret: {env: A-B}}}\ntargets: []
wrong|a variable in a secret|keys: {k: {secret: 'x\${Y}'}}\ntargets: []
wrong|an empty secret|keys: {k: {secret: ''}}\ntargets: []
wrong|a secret as it was printed|keys: {k: {secret: (hidden)}}\ntargets: []
right|headers|targets: [{$api, headers: {Accept: text/html, Authorization: {env: A}}}]
wrong|a header with a blank|targets: [{$api, headers: {'A B': c}}]
right|a program|targets: [{$program, command: [lk, '', -x, 1], env: {A: {env: A}, B: b}}]
wrong|a program as a text|targets: [{$program, command: lk token}]
wrong|a program without a name|targets: [{$program, command: ['', x]}]
wrong|a program of no words|targets: [{$program, command: []}]
wrong|no program|targets: [{$program}]
wrong|a variable with a dash|targets: [{$program, command: [lk], env: {A-B: c}}]
right|a sink|sinks: {s: {type: nrdp, url: "https://n/", token: {file: t}, host: h}}\ntargets: []
wrong|a sink without a type|sinks: {s: {url: "https://n/"}}\ntargets: []
wrong|a sink of no type|sinks: {s: {type: email}}\ntargets: []
wrong|a sink without what it needs|sinks: {s: {type: nrdp, url: "https://n/"}}\ntargets: []
right|a webhook|sinks: {s: {type: webhook, url: "http://h/?k=v", headers: {A: b}, timeout: 1s}}\ntargets: []
right|a command|sinks: {s: {type: command, command: [c, d], env: {A: {file: p}}}}\ntargets: []
right|a textfile|sinks: {s: {type: textfile, path: /p.prom}}\ntargets: []
wrong|a webhook's host|sinks: {s: {type: webhook, url: "http://h/", host: h}}\ntargets: []
wrong|a command's service|sinks: {s: {type: command, command: [c], service: s}}\ntargets: []
wrong|a command as a text|sinks: {s: {type: command, command: c}}\ntargets: []
wrong|another sink's option|sinks: {s: {type: command_file, path: /p, url: "https://n/"}}\ntargets: []
right|statuses|targets: [{$api, status: [200, 201]}]
right|one status|targets: [{$api, status: 200}]
right|a server of an answer|targets: [{$api, accepted_by: from_response}]
right|a URL in capitals|targets: [{$page, accepted_by: WSS://host}]
wrong|a URL of another kind|targets: [{$page, accepted_by: ftp://host}]
wrong|a URL without a scheme|targets: [{$page, accepted_by: host:7880}]
wrong|a URL with a variable|targets: [{$page, accepted_by: 'ws://\${HOST}'}]
wrong|a URL that was masked|targets: [{$api, accepted_by: 'ws://***@h'}]
wrong|a runbook with a variable|targets: [{$page, runbook: 'https://\${W}/x'}]
right|labels|targets: [{$page, labels: {team: voice, n: 1}}]
wrong|a label that Prometheus has|targets: [{$page, labels: {__x: y}}]
wrong|a label with a dash|targets: [{$page, labels: {a-b: y}}]
right|severities|targets: [{$page, severity: {file_missing: unknown}}]
wrong|a severity of ok|targets: [{$page, severity: {file_missing: ok}}]
wrong|a severity of no cause|targets: [{$page, severity: {file_mising: unknown}}]
right|grants|targets: [{$page, forbid_grants: [roomAdmin]}]
wrong|no grant|targets: [{$page, forbid_grants: [roomAdmn]}]
right|renewing|keys: {k: {secret: {env: A}}}\ntargets: [{$page, key: k, renew: {ttl: 12h, before: 25%, also: [a, b], attributes: {lk.a: b}}}]
right|renewing with nothing said|keys: {k: {secret: {env: A}}}\ntargets: [{$page, key: k, renew: {}}]
right|renewing by a program|targets: [{$page, renew: {from: run, command: [a, b], env: {A: {env: B}}, write: in_place}}]
wrong|renewing from nowhere|targets: [{$page, renew: {from: hope}}]
wrong|an unknown option of renew|targets: [{$page, renew: {from: run, command: [a], comand: [b]}}]
wrong|renew as a word|targets: [{$page, renew: mint}]
wrong|renew of no time|keys: {k: {secret: {env: A}}}\ntargets: [{$page, key: k, renew: {ttl: 0s}}]
right|defaults|defaults: {timeout: 5s, warning: 1h, room: no}\ntargets: []
wrong|a name in defaults|defaults: {name: x}\ntargets: []
wrong|an option of a check in defaults|defaults: {path: /p}\ntargets: []
wrong|an unknown option in defaults|defaults: {interval: 5}\ntargets: []
END

mkdir "$work/files"
count=0
while IFS='|' read -r answer name text; do
	count=$((count + 1))
	file=$(printf '%s/files/%03d.yaml' "$work" "$count")
	printf '%b\n' "$text" > "$file"
	echo "$file $answer" >> "$work/wanted"
done < "$work/rows"
"$system_python" "$top_srcdir/tests/schema.py" "$work/schema.json" "$work"/files/*.yaml > "$work/answers"

while IFS='|' read -r answer name text; do
	read -r file by_schema <&3
	"$JWTWATCH" config -f "$file" > "$work/out" 2> "$work/err"
	status=$?
	case $status in
	0) by_program=right ;;
	1) by_program=wrong ;;
	*) by_program="exit code $status" ;;
	esac
	is "$name is $answer" "$answer by the schema, $answer by jwtwatch" "$by_schema by the schema, $by_program by jwtwatch"
done < "$work/rows" 3< "$work/answers"

plan
