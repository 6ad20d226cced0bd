/* SPDX-License-Identifier: MIT */
/* The daemon's beginning, its signals, its end. */
#include "app/daemon.h"

#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "core/asks.h"

/* At once, and of these for targets whose last run timed out. bench/daemon builds with more of them. */
#ifndef SLOTS
#define SLOTS 512
#endif
#define SUSPECT_SLOTS (SLOTS / 2)
#define LARGE_BLOCK (128 * 1024)
#define DOUBTFUL_SLOTS (SLOTS / 4 * 3)
#define THREADS 8
#define THREADS_HANGING 64
#define REPORTERS_HANGING 4
#define SERVANTS 4
#define SERVANTS_HANGING 8
#define SOCKETS_MAX 16
#define STATE_MAX ((size_t)256 << 20)
#define FLUSH_MS 500

static void stop(struct jw_daemon *daemon)
{
	daemon->is_ending = true;
	daemon->loop->stop(daemon->loop->self);
}

static void on_signal(void *context, int number)
{
	struct jw_daemon *daemon = context;

	if (number == SIGHUP)
		jw_daemon_reload(daemon, NULL);
	else
		stop(daemon);
}

static void on_watchdog(void *context)
{
	struct jw_daemon *daemon = context;

	jw_adapter_notify("WATCHDOG=1");
	daemon->loop->arm(daemon->watchdog, daemon->watchdog_ms / 2);
}

static void on_warning(void *context, const char *text)
{
	(void)context;
	jw_log(JW_LOG_WARNING, "%s", text);
}

static enum jw_cause read_config(struct jw_daemon *daemon, struct jw_config **ret_config,
				 struct jw_err *err)
{
	struct jw_errors errors;
	enum jw_cause cause = jw_app_config(daemon->args, jw_daemon_now_ms(daemon) + 30000,
					    &errors, ret_config);

	if (cause) {
		jw_app_say_errors(&errors);
		jw_fail(err, cause, "the configuration can't be used, so nothing is watched");
	} else {
		jw_app_warn_plain_secrets(*ret_config);
		cause = jw_daemon_check_config(*ret_config, err);
	}
	jw_buf_done(&errors.text);
	return cause;
}

/* What a thread or a run would open at its first use is open before there are any. */
static enum jw_cause open_modules(struct jw_daemon *daemon, struct jw_err *err)
{
	struct jw_world *world = &daemon->world;

	daemon->loop = world->loop(world->loop_context, err);
	if (!daemon->loop || !world->crypto(world->crypto_context, err) ||
	    !world->net(world->net_context, err) || !world->exec(world->exec_context, err))
		return err->cause;
	return JW_OK;
}

static enum jw_cause open_adapters(struct jw_daemon *daemon, struct jw_err *err)
{
	enum jw_cause cause =
		jw_adapter_work(daemon->loop, THREADS, THREADS_HANGING, &daemon->work, err);

	if (!cause)
		cause = jw_adapter_work(daemon->loop, 1, REPORTERS_HANGING, &daemon->reporters,
					err);
	if (!cause)
		cause = jw_adapter_work(daemon->loop, SERVANTS, SERVANTS_HANGING,
					&daemon->servants, err);
	if (!cause)
		cause = jw_adapter_watcher(daemon->loop, &daemon->work, &daemon->watcher, err);
	if (!cause)
		cause = jw_adapter_alarm(daemon->loop, jw_daemon_on_pump, jw_daemon_on_pump,
					 daemon, &daemon->alarm, err);
	if (!cause)
		cause = jw_adapter_signals(daemon->loop, on_signal, daemon, err);
	return cause;
}

static const char *const *copied(struct jw_daemon *daemon, const char *const *texts)
{
	size_t count = 0;
	const char **copy;

	while (texts[count])
		count++;
	copy = jw_arena_alloc(&daemon->arena, (count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = jw_arena_text(&daemon->arena, jw_str_of(texts[i]));
	copy[count] = NULL;
	return copy;
}

static enum jw_cause listen_on(struct jw_daemon *daemon, const struct jw_config *config,
			       struct jw_err *err)
{
	int sockets[SOCKETS_MAX];
	size_t count = jw_adapter_sockets(sockets, SOCKETS_MAX);
	enum jw_cause cause = JW_OK;

	for (size_t i = 0; i < count && !cause; i++)
		cause = daemon->server.adopt(daemon->server.self, sockets[i], err);
	if (count)
		return cause;
	daemon->listens = copied(daemon, config->daemon.listen);
	for (size_t i = 0; config->daemon.listen[i] && !cause; i++) {
		cause = daemon->server.listen(daemon->server.self, config->daemon.listen[i],
					      err);
		if (!cause)
			jw_log(JW_LOG_INFO, "listening on http://%s/",
			       config->daemon.listen[i]);
	}
	return cause;
}

static enum jw_cause open_server(struct jw_daemon *daemon, const struct jw_config *config,
				 struct jw_err *err)
{
	const struct jw_server_limits limits = JW_SERVER_LIMITS;
	const struct jw_server_handler handler = {daemon, jw_route_visit};

	daemon->server = jw_adapter_server(daemon->loop, &limits, &handler);
	if (listen_on(daemon, config, err))
		return err->cause;
	daemon->is_local = daemon->server.is_local(daemon->server.self);
	return jw_token_api_check(daemon, config, err);
}

/* A restart forgets nothing; but what can't be read isn't worth ending for. */
static void load_state(struct jw_daemon *daemon, const struct jw_config *config)
{
	jw_autobuf struct jw_buf text = JW_BUF(STATE_MAX);
	const char *path = config->daemon.state;
	int64_t ahead = 0;
	struct jw_err err;
	enum jw_cause cause;

	if (!path)
		return;
	cause = jw_adapter_files.slurp(NULL, path, &text, NULL, &err);
	if (!cause)
		cause = jw_monitor_load(daemon->monitor, jw_buf_get(&text), daemon->start_at,
					&ahead, &err);
	if (ahead)
		jw_log(JW_LOG_WARNING,
		       "state file %s: was written while the clock was ahead: times in it of "
		       "up to %lld s after now are taken as now",
		       path, (long long)ahead);
	if (cause == JW_FILE_MISSING)
		jw_log(JW_LOG_INFO, "state file %s: not there yet, it will be written", path);
	else if (cause)
		jw_log(JW_LOG_WARNING,
		       "state file %s: %s; what it said is forgotten, and it will be "
		       "written anew",
		       path, err.text);
}

static void make_core(struct jw_daemon *daemon)
{
	static const struct jw_sched_limits limits = {SLOTS, SUSPECT_SLOTS, DOUBTFUL_SLOTS,
						      true};
	struct jw_world *world = &daemon->world;

	world->work = &daemon->work;
	world->asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	world->warn = on_warning;
	daemon->sched = jw_sched_new(&limits);
	daemon->monitor = jw_monitor_new(world->crypto(world->crypto_context, NULL));
	daemon->trim = daemon->loop->timer(daemon->loop->self, jw_daemon_on_trim, daemon);
	daemon->pump = daemon->loop->timer(daemon->loop->self, jw_daemon_on_pump, daemon);
	daemon->machine = jw_app_machine(&daemon->arena);
	daemon->start_at = world->clock->wall(world->clock->self);
}

static void tell_ready(struct jw_daemon *daemon)
{
	daemon->is_ready = true;
	daemon->was_reload_good = true;
	daemon->reloaded_at = daemon->start_at;
	jw_log(JW_LOG_INFO, "watching %zu targets", jw_monitor_count(daemon->monitor));
	jw_adapter_notify("READY=1");
	daemon->watchdog_ms = jw_adapter_notify_watchdog_ms();
	if (!daemon->watchdog_ms)
		return;
	daemon->watchdog = daemon->loop->timer(daemon->loop->self, on_watchdog, daemon);
	daemon->loop->arm(daemon->watchdog, daemon->watchdog_ms / 2);
}

enum jw_cause jw_daemon_open(struct jw_daemon *daemon, const struct jw_args *args,
			     struct jw_err *err)
{
	struct jw_config *config = NULL;
	enum jw_cause cause;

	*daemon = (struct jw_daemon){.args = args};
	/* Threads are spread over two heaps. With one they wait for its lock (measured, 100,000 files due every ten seconds: 0.62
	 * cores instead of 0.46); of more the holes add up. */
	mallopt(M_ARENA_MAX, 2);
	/* Blocks from here on are the system's at once when they are freed; else glibc raises the limit with the first
	 * such block, and from then on keeps up to twice its size at the heap's end. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
	mallopt(M_TRIM_THRESHOLD, LARGE_BLOCK);
	cause = jw_moment_init(&daemon->moment, NULL, err);
	if (cause)
		return cause;
	daemon->world = jw_app_world(&daemon->moment, &daemon->outside);
	daemon->outside.is_daemon = true;
	cause = read_config(daemon, &config, err);
	if (!cause)
		cause = open_modules(daemon, err);
	if (!cause)
		cause = open_adapters(daemon, err);
	if (!cause)
		make_core(daemon);
	if (!cause)
		cause = open_server(daemon, config, err);
	if (cause) {
		jw_config_free(config);
		return cause;
	}
	load_state(daemon, config);
	jw_daemon_configure(daemon, config);
	tell_ready(daemon);
	return JW_OK;
}

void jw_daemon_run(struct jw_daemon *daemon)
{
	while (!daemon->is_ending)
		daemon->loop->run(daemon->loop->self, INT64_MAX);
}

static void end_server(struct jw_daemon *daemon)
{
	if (!daemon->server.self)
		return;
	daemon->server.stop(daemon->server.self);
	jw_probers_end(daemon);
	jw_daemon_reports_end(daemon);
	jw_errands_end(daemon);
	jw_daemon_reload_end(daemon);
	daemon->server.close(daemon->server.self);
	jw_metrics_end(daemon);
	jw_rate_free(daemon->rate);
}

static void end_core(struct jw_daemon *daemon)
{
	if (!daemon->sched)
		return;
	jw_daemon_cancel(daemon);
	if (daemon->state && daemon->config)
		jw_kept_file_flush(daemon->state, FLUSH_MS);
	jw_kept_file_free(daemon->state);
	jw_daemon_lanes_end(daemon);
	for (size_t i = 0; i < daemon->spot_count; i++)
		jw_spot_free(daemon->spots[i]);
	free(daemon->spots);
	jw_monitor_free(daemon->monitor);
	jw_sched_free(daemon->sched);
	jw_asks_free(daemon->world.asks);
	daemon->loop->timer_free(daemon->pump);
	daemon->loop->timer_free(daemon->trim);
	daemon->loop->timer_free(daemon->watchdog);
}

static bool is_hanging(const struct jw_work *work)
{
	return work->self && work->hanging(work->self);
}

void jw_daemon_end(struct jw_daemon *daemon)
{
	daemon->is_ending = true;
	jw_adapter_notify("STOPPING=1");
	end_server(daemon);
	end_core(daemon);
	jw_config_free(daemon->config);
	jw_adapter_signals_end();
	jw_adapter_alarm_end(&daemon->alarm);
	jw_adapter_watcher_end(&daemon->watcher);
	daemon->is_hanging = is_hanging(&daemon->work) || is_hanging(&daemon->reporters) ||
			     is_hanging(&daemon->servants);
	jw_adapter_work_end(&daemon->servants);
	jw_adapter_work_end(&daemon->reporters);
	jw_adapter_work_end(&daemon->work);
	jw_outside_done(&daemon->outside);
	jw_arena_done(&daemon->arena);
}
