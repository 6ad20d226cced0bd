#!/bin/sh
# SPDX-License-Identifier: MIT
# A real Nagios 4 and a real Icinga 2 for a shell test, which end with it. Sourced behind tap.sh and peers.sh;
# tests/schedulers.py says what is in their folders.

: "${work:?}" "${python:?}" "${top_srcdir:?}"

PATH=$PATH:/usr/sbin:/sbin

schedulers()
{
	"$python" "$top_srcdir/tests/schedulers.py" "$@"
}

# FOLDER: Nagios with the objects of FOLDER/objects.cfg, which may use the templates test-host and test-service, the
# command test-ok and the contact nobody. $USER1$ is FOLDER/plugins where there is such a folder.
start_nagios()
{
	start "$(basename "$1")" "$python" "$top_srcdir/tests/schedulers.py" nagios "$1"
}

# FOLDER: Icinga with the objects of FOLDER/objects.conf; the port of its API is left in $said. PluginDir is as above.
start_icinga()
{
	start "$(basename "$1")" "$python" "$top_srcdir/tests/schedulers.py" icinga "$1"
}

# FOLDER: NRPE with the commands of FOLDER/commands.cfg; its port is left in $said.
start_nrpe()
{
	start "$(basename "$1")" "$python" "$top_srcdir/tests/schedulers.py" nrpe "$1"
}

# nagios|icinga FOLDER HOST SERVICE [TEXT]: waits for a result (that says TEXT); it is left in $work/stored.
await_result()
{
	schedulers stored "$@" > "$work/stored" || echo '{}' > "$work/stored"
}

# FOLDER HOST SERVICE: Icinga checks it now; the result is left in $work/stored.
icinga_check()
{
	schedulers check "$@" > "$work/stored" || echo '{}' > "$work/stored"
}

# NAME: state, output, long_output, perfdata or check_type (0 active, 1 passive) of the result in $work/stored.
stored()
{
	schedulers field "$work/stored" "$1"
}

# At the end: all peers end, and what they write has been written.
stop_peers()
{
	exec 7>&-
	wait
}
