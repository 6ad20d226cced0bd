#!/bin/sh
# SPDX-License-Identifier: MIT
# A real Prometheus or Alertmanager as a peer. Sourced behind peers.sh.

: "${work:?}" "${python:?}" "${top_srcdir:?}" "${said:=}"

# FOLDER: Prometheus with FOLDER/prometheus.yml. It is ready when this returns: its port is left in $prometheus, its process in
# $prometheus_pid, what it logs in FOLDER/log.
start_prometheus()
{
	start "$(basename "$1")" "$python" "$top_srcdir/tests/serve_prometheus.py" "$1"
	prometheus=$said
	prometheus_pid=$!
}

# FOLDER: the same for Alertmanager and FOLDER/alertmanager.yml; $alertmanager, $alertmanager_pid.
# shellcheck disable=SC2034
start_alertmanager()
{
	start "$(basename "$1")" "$python" "$top_srcdir/tests/serve_prometheus.py" "$1" alertmanager
	alertmanager=$said
	alertmanager_pid=$!
}

# PID: ends one of them before the test does, and waits until it is gone.
stop_prometheus()
{
	kill "$1" 2> /dev/null
	wait "$1"
}

# EXPRESSION: its series in order, a line each: VALUE {LABEL="VALUE",...}, without the name of the metric.
query()
{
	"$python" "$top_srcdir/tests/ask_prometheus.py" "$prometheus" "$1"
}

# EXPRESSION [SECONDS]: the same as soon as there is a series; fails, and prints nothing, when there is none by then (60).
query_until()
{
	"$python" "$top_srcdir/tests/ask_prometheus.py" "$prometheus" "$1" "${2:-60}"
}

# COUNT [SECONDS]: waits until so many targets were scraped, well or not; prints how many are up.
scraped()
{
	query_until "count(up) >= $1" "${2:-60}" > /dev/null && query 'sum(up)' | sed 's/ .*//'
}

# NAME EXPECTED EXPRESSION: a row: the values of the expression, on one line.
answers()
{
	is "$1" "$2" "$(query "$3" | sed 's/ .*//' | tr '\n' ' ' | sed 's/ $//')"
}
