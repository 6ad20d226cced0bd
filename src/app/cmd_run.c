/* SPDX-License-Identifier: MIT */
/* run: the daemon. */
#include <stdlib.h>
#include <unistd.h>

#include "app/daemon.h"
#include "base/log.h"

int jw_cmd_run(const struct jw_args *args)
{
	struct jw_daemon *daemon = jw_xcalloc(1, sizeof(*daemon));
	struct jw_err err;
	int code = 0;

	jw_log_level_set(args->values[JW_FLAG_QUIET] ? JW_LOG_WARNING : JW_LOG_INFO);
	if (getenv("JOURNAL_STREAM"))
		jw_log_form_set(JW_LOG_JOURNAL);
	if (jw_daemon_open(daemon, args, &err)) {
		jw_log(JW_LOG_ERROR, "%s", err.text);
		code = JW_EXIT_UNKNOWN;
	} else {
		jw_daemon_run(daemon);
		jw_log(JW_LOG_INFO, "ended");
	}
	jw_daemon_end(daemon);
	/* What hangs in a thread comes back to all of this, or to what exit() clears away. */
	if (daemon->is_hanging)
		_exit(code);
	free(daemon);
	return code;
}
