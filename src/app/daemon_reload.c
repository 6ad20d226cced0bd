/* SPDX-License-Identifier: MIT */
/* A new configuration, all or nothing: read beside the loop, put in force by it. */
#include <string.h>

#include "app/daemon.h"
#include "base/log.h"

#define SAYS_MAX ((size_t)64 * 1024)
#define READ_MS 30000

/* Owned by the thread while it reads; outlives the daemon where that hangs. */
struct jw_reload {
	struct jw_daemon *daemon;
	const struct jw_args *args;
	struct jw_job *job;
	struct jw_visit
		*visit; /* who asked by POST and waits for what comes of it; NULL: nobody */
	struct jw_errors errors;
	struct jw_config *config;
	enum jw_cause cause;
};

static void reload_free(void *context)
{
	struct jw_reload *reload = context;

	jw_config_free(reload->config);
	jw_buf_done(&reload->errors.text);
	free(reload);
}

static void read_config(void *context)
{
	struct jw_reload *reload = context;

	reload->cause =
		jw_app_config(reload->args, jw_adapter_clock.monotonic_ms(NULL) + READ_MS,
			      &reload->errors, &reload->config);
}

static void gone(void *context)
{
	struct jw_reload *reload = context;

	reload->visit = NULL;
}

static void answer(struct jw_reload *reload, int status, const char *says)
{
	if (reload->visit)
		jw_route_say(reload->daemon, reload->visit, status, "%s", says);
}

static void refuse(struct jw_reload *reload, const char *says)
{
	jw_autobuf struct jw_buf text = JW_BUF(SAYS_MAX);

	reload->daemon->was_reload_good = false;
	jw_log(JW_LOG_ERROR, "the new configuration is wrong, so the old one stays in force:");
	jw_buf_text(&text, "The new configuration is wrong, so the old one stays in force.\n");
	if (says) {
		jw_log(JW_LOG_ERROR, "%s", says);
		jw_buf_text(&text, says);
		jw_buf_char(&text, '\n');
	} else {
		jw_app_say_errors(&reload->errors);
		jw_buf_str(&text, jw_str_head(jw_buf_get(&reload->errors.text), SAYS_MAX / 2));
	}
	answer(reload, 500, text.ptr);
}

static bool are_same(const char *const *a, const char *const *b)
{
	for (; *a && *b && !strcmp(*a, *b); a++)
		b++;
	return !*a && !*b;
}

static void say_it_waits(const char *option, struct jw_buf *says)
{
	JW_LOG_EVENT(JW_LOG_WARNING,
		     "an option has changed that takes effect only when jwtwatch run is "
		     "started anew",
		     {.key = "option", .text = option});
	jw_buf_printf(says,
		      "%s has changed, which takes effect only when jwtwatch run is started "
		      "anew.\n",
		      option);
}

/* What is read at the start only. */
static void say_what_stays(const struct jw_daemon *daemon, const struct jw_config *config,
			   struct jw_buf *says)
{
	const char *state = config->daemon.state;

	if (daemon->listens && !are_same(daemon->listens, config->daemon.listen))
		say_it_waits("daemon.listen", says);
	if (daemon->state && (!state || strcmp(state, daemon->state->path) != 0))
		say_it_waits("daemon.state", says);
}

static void accept(struct jw_reload *reload)
{
	jw_autobuf struct jw_buf says = JW_BUF(SAYS_MAX);
	struct jw_daemon *daemon = reload->daemon;
	struct jw_config *config = reload->config;

	reload->config = NULL;
	jw_app_warn_plain_secrets(config);
	jw_daemon_configure(daemon, config);
	daemon->was_reload_good = true;
	daemon->reloaded_at = daemon->world.clock->wall(daemon->world.clock->self);
	jw_log(JW_LOG_INFO, "the configuration was read again: %zu targets",
	       jw_monitor_count(daemon->monitor));
	jw_buf_text(&says, "The new configuration is in force.\n");
	say_what_stays(daemon, config, &says);
	answer(reload, 200, says.ptr);
}

static void start(struct jw_daemon *daemon, struct jw_visit *visit);

static void read_done(void *context)
{
	struct jw_reload *reload = context;
	struct jw_daemon *daemon = reload->daemon;
	struct jw_err err;

	daemon->reload = NULL;
	if (reload->cause)
		refuse(reload, NULL);
	else if (jw_daemon_check_config(reload->config, &err) ||
		 jw_token_api_check(daemon, reload->config, &err))
		refuse(reload, err.text);
	else
		accept(reload);
	reload_free(reload);
	jw_daemon_trim_soon(daemon);
	jw_adapter_notify("READY=1");
	if (daemon->is_reload_due && !daemon->reload)
		start(daemon, NULL);
}

static void start(struct jw_daemon *daemon, struct jw_visit *visit)
{
	struct jw_reload *reload = jw_xcalloc(1, sizeof(*reload));

	daemon->is_reload_due = false;
	reload->daemon = daemon;
	reload->args = daemon->args;
	reload->visit = visit;
	if (visit)
		daemon->server.on_gone(visit, gone, reload);
	daemon->reload = reload;
	jw_adapter_notify("RELOADING=1");
	reload->job = daemon->work.start(daemon->work.self, read_config, read_done, reload);
	if (reload->job)
		return;
	daemon->reload = NULL;
	refuse(reload, "it can't be read now: too many files hang already");
	reload_free(reload);
	jw_adapter_notify("READY=1");
}

/* One that is under way may have read the file already: then another one follows. */
void jw_daemon_reload(struct jw_daemon *daemon, struct jw_visit *visit)
{
	if (daemon->is_ending)
		return;
	if (daemon->reload) {
		daemon->is_reload_due = true;
		if (visit)
			jw_route_say(daemon, visit, 202,
				     "The configuration is being read already, and will be "
				     "read once more behind that.\n");
		return;
	}
	start(daemon, visit);
}

void jw_daemon_reload_end(struct jw_daemon *daemon)
{
	if (!daemon->reload)
		return;
	daemon->work.leave(daemon->reload->job, reload_free);
	daemon->reload = NULL;
}
