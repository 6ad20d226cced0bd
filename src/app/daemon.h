/* SPDX-License-Identifier: MIT */
/* The daemon: what it has, and what its files ask of each other. */
#pragma once

#include <stdatomic.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "contract/server.h"
#include "contract/watch.h"
#include "core/monitor.h"
#include "core/outbox.h"
#include "core/rate.h"
#include "core/scheduler.h"
#include "core/token_policy.h"
#include "output/format.h"
#include "output/metrics.h"

struct jw_daemon;

/* One run under way, which the scheduler or /probe asked for, or both. */
struct jw_slot {
	struct jw_daemon *daemon;
	struct jw_slot *next;
	struct jw_slot **place;
	struct jw_record *record; /* NULL: of a throwaway target, or of one that is gone */
	bool is_throwaway;
	const struct jw_target *target; /* of that configuration, or of the arena */
	struct jw_config *config;	/* kept */
	struct jw_arena arena;		/* of a throwaway target */
	bool is_scheduled;		/* its result is for the monitor */
	bool is_outdated;		/* what it reads has changed since it began */
	struct jw_run *run;
	struct jw_result result;
	struct jw_prober *probers; /* who waits for the result */
};

/* A client of /probe. */
struct jw_prober {
	struct jw_daemon *daemon;
	struct jw_visit *visit;
	struct jw_slot *slot;
	struct jw_prober *next;
	struct jw_timer *timer;
	int64_t start_ms;
	int64_t timeout_ms;
	bool is_openmetrics;
};

/* What is done beside the loop for a client that waits for it. The owner has it as its first member, zeroed, fills in the
 * functions, and lets go of it with the start. */
struct jw_errand {
	void (*work)(struct jw_errand *errand);	  /* in a thread */
	void (*answer)(struct jw_errand *errand); /* on the loop: answers the visit */
	void (*refuse)(
		struct jw_errand
			*errand); /* the same where it takes too long, or can't be begun */
	void (*free)(
		struct jw_errand *errand); /* on the loop, at last: it, and all that it has */
	/* Of errand.c, but for reading. */
	struct jw_daemon *daemon;
	struct jw_visit *visit; /* NULL: the client has gone */
	struct jw_job *job;
	struct jw_timer *timer;
	struct jw_errand *next;
	struct jw_errand **place;
};

/* What the daemon has of a target beside the monitor's record. */
struct jw_spot {
	struct jw_daemon *daemon;
	struct jw_record *record;
	struct jw_slot *slot; /* NULL: no run is under way */
	struct jw_watched *watched;
	struct jw_tending
		*tending; /* NULL: it was never looked at whether it is to be renewed */
	/* In pages of metrics: made once, since a scrape comes every few seconds. May be empty. */
	char label[];
};

/* A file that is written whole, beside the loop, some time after it changed. */
struct jw_kept_file {
	struct jw_daemon *daemon;
	const char *what; /* for messages: "state file" */
	char *path;
	unsigned mode;
	int64_t pause_ms; /* between two times at least */
	void (*render)(struct jw_daemon *daemon, struct jw_buf *buf);
	struct jw_timer *timer;
	bool is_armed;
	bool is_dirty; /* changed since it was rendered */
	int64_t last_ms;
	struct jw_writing *writing; /* under way */
	bool is_failing;
	int64_t written_at; /* Unix time of the last success; 0: none */
};

/* A sink of the configuration. */
struct jw_lane {
	const struct jw_sink_entry *entry;
	struct jw_outbox *outbox;  /* NULL: of a page */
	struct jw_kept_file *page; /* NULL: of results */
};

struct jw_daemon {
	const struct jw_args *args;
	struct jw_moment moment;
	struct jw_outside outside;
	struct jw_world world;
	const struct jw_loop *loop;
	struct jw_work work;
	struct jw_work reporters; /* of a thread apart: no dead file system is in its way */
	struct jw_work servants;  /* for clients: what hangs there keeps no check waiting */
	struct jw_watcher watcher;
	struct jw_alarm alarm;
	struct jw_server server;
	struct jw_arena arena; /* for the life of the daemon */
	const char *machine;
	int64_t start_at; /* Unix time */

	const char *const *
		listens; /* of the start: it is listened there to the end; NULL: on sockets handed over */
	bool is_local; /* only this machine reaches where it listens */
	struct jw_config *config;
	struct jw_sched *sched;
	struct jw_monitor *monitor;
	struct jw_spot **spots; /* by the scheduler's id */
	size_t spot_count;
	struct jw_slot *slots; /* under way */
	size_t prober_count;
	struct jw_timer *pump;
	bool is_pumping;

	struct jw_lane *lanes;
	size_t lane_count;
	struct jw_kept_file *state; /* NULL: there is none */

	struct jw_reload *reload; /* under way; NULL */
	bool is_reload_due;	  /* once more behind it */
	bool was_reload_good;
	int64_t reloaded_at; /* Unix time of the last good one */

	struct jw_reporting *reportings; /* under way */
	size_t large_reports;		 /* that take memory, up to the last byte that is out */
	struct jw_errand *errands;	 /* under way */
	struct jw_rate *rate;		 /* of the token API */
	uint64_t tokens_given;
	uint64_t tokens_refused[JW_TOKEN_REASONS];
	atomic_size_t served_bytes; /* of files, in memory until they are out */
	struct jw_buf spare;	    /* of a page of metrics, for the next one */
	struct jw_timer *spare_timer;

	struct jw_timer *watchdog;
	int64_t watchdog_ms;
	bool is_ready;
	bool is_ending;
	bool is_hanging; /* at its end: threads of ours are still at work */
	uint64_t jumps;
	int64_t trim_at_ms; /* boot time: memory is given back at the first run that is due then */
	struct jw_timer *trim; /* ... and soon, besides */
	uint64_t renewals;
	uint64_t renewal_failures;
	uint64_t errors[JW_CAUSE_COUNT]; /* results that weren't OK, by cause */
};

struct jw_times jw_daemon_times(const struct jw_daemon *daemon);
int64_t jw_daemon_now_ms(const struct jw_daemon *daemon);

/* daemon.c */
enum jw_cause jw_daemon_open(struct jw_daemon *daemon, const struct jw_args *args,
			     struct jw_err *err);
void jw_daemon_run(struct jw_daemon *daemon);
void jw_daemon_end(struct jw_daemon *daemon);

/* daemon_runs.c: who is due is started, in the loop's next turn. */
void jw_daemon_pump(struct jw_daemon *daemon);
void jw_daemon_on_pump(void *context);
/* Of the record's target, or without one of any other, by the configuration in force. */
struct jw_slot *jw_slot_new(struct jw_daemon *daemon, struct jw_record *record,
			    const struct jw_target *target);
/* The slot may be gone after each of these two. */
void jw_slot_start(struct jw_slot *slot);
/* A prober has left: the run of a throwaway target that nobody waits for any more is ended. */
void jw_slot_leave(struct jw_slot *slot);
/* The record is no more: its slot's result is nobody's but the probers'. */
void jw_slot_orphan(struct jw_slot *slot);
void jw_daemon_cancel(struct jw_daemon *daemon);
/* Something large was in memory for a while: what it took is given back to the system seconds later. */
void jw_daemon_on_trim(void *unused);
void jw_daemon_trim_soon(struct jw_daemon *daemon);
/* Judged again by what is expected and known now. */
void jw_daemon_judge(struct jw_daemon *daemon, struct jw_record *record);

/* daemon_config.c */
void jw_spot_free(struct jw_spot *spot); /* takes NULL */
enum jw_cause jw_daemon_check_config(const struct jw_config *config, struct jw_err *err);
/* Puts the configuration in force. It is the daemon's then. */
void jw_daemon_configure(struct jw_daemon *daemon, struct jw_config *config);

/* daemon_reload.c. `done` is called with NULL where it is in force, else with what is wrong; may be NULL. */
void jw_daemon_reload(struct jw_daemon *daemon, struct jw_visit *visit);
void jw_daemon_reload_end(struct jw_daemon *daemon);

/* daemon_renew.c. A result is told of a renewal that failed before it is judged, and looked at behind that. */
void jw_tending_tell(struct jw_spot *spot, struct jw_result *result);
void jw_tending_look(struct jw_spot *spot, const struct jw_result *result);
/* The configuration was read again. */
void jw_tending_reset(struct jw_spot *spot);
void jw_tending_free(struct jw_tending *tending); /* takes NULL */

/* daemon_sinks.c */
void jw_daemon_lanes(struct jw_daemon *daemon, const struct jw_config *config);
void jw_daemon_tell(struct jw_daemon *daemon, const struct jw_result *result,
		    const struct jw_monitor_news *news);
void jw_daemon_lanes_end(struct jw_daemon *daemon);

/* daemon_files.c */
struct jw_kept_file *jw_kept_file_new(struct jw_daemon *daemon, const char *what,
				      const char *path, unsigned mode, int64_t pause_ms,
				      void (*render)(struct jw_daemon *daemon,
						     struct jw_buf *buf));
/* What it shows has changed: it is written after delay_ms at the earliest. */
void jw_kept_file_touch(struct jw_kept_file *file, int64_t delay_ms);
/* Written, or given up after wait_ms. */
void jw_kept_file_flush(struct jw_kept_file *file, int64_t wait_ms);
void jw_kept_file_free(struct jw_kept_file *file);

/* daemon_pages.c */
void jw_daemon_metrics(struct jw_daemon *daemon, enum jw_page page, enum jw_dialect dialect,
		       struct jw_buf *buf);
void jw_daemon_textfile(struct jw_daemon *daemon, struct jw_buf *buf);
void jw_daemon_state(struct jw_daemon *daemon, struct jw_buf *buf);

/* daemon_report.c: answers the visit, now or later, with a page about these targets as they are now. */
struct jw_report_wish {
	const struct jw_str *names; /* for the call only */
	size_t count;		    /* 0: all targets */
	int64_t as_of;		    /* the moment that they are judged for */
	bool is_simulated;
	struct jw_style style;
	void (*write)(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf); /* maybe in a thread */
	const char *media_type;
	bool tells_code; /* in JW_CODE_HEADER */
};
void jw_daemon_report(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_report_wish *wish);
/* Those that are under way are given up. */
void jw_daemon_reports_end(struct jw_daemon *daemon);

/* errand.c */
void jw_errand_start(struct jw_errand *errand, struct jw_daemon *daemon,
		     struct jw_visit *visit);
void jw_errands_end(struct jw_daemon *daemon);

/* routes.c */
void jw_route_visit(void *context, struct jw_visit *visit,
		    const struct jw_visit_request *request);
/* 404 */
void jw_route_none(struct jw_daemon *daemon, struct jw_visit *visit);
void jw_route_say(struct jw_daemon *daemon, struct jw_visit *visit, int status,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
void jw_route_send(struct jw_daemon *daemon, struct jw_visit *visit, int status,
		   const char *media_type, struct jw_buf *buf);
void jw_route_send_page(struct jw_daemon *daemon, struct jw_visit *visit, int status,
			const char *media_type,
			struct jw_shared *page); /* takes the reference */
/* A page of metrics, whole or not at all. */
void jw_route_send_metrics(struct jw_daemon *daemon, struct jw_visit *visit,
			   enum jw_dialect dialect, struct jw_buf *page);
/* The value of a query's parameter, decoded, in the arena; NULL: it isn't there. *ret_is_twice where it is there more
 * than once. */
const char *jw_route_parameter(struct jw_str query, const char *name, struct jw_arena *arena,
			       bool *ret_is_twice);

/* routes_probe.c */
void jw_route_probe(struct jw_daemon *daemon, struct jw_visit *visit,
		    const struct jw_visit_request *request);
/* The slot's result is there. */
void jw_probers_answer(struct jw_slot *slot);
void jw_probers_end(struct jw_daemon *daemon);
/* routes_metrics.c */
void jw_route_metrics(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_visit_request *request);
void jw_metrics_end(struct jw_daemon *daemon);

/* routes_targets.c */
void jw_route_sd(struct jw_daemon *daemon, struct jw_visit *visit,
		 const struct jw_visit_request *request);
void jw_route_targets(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_visit_request *request);
void jw_route_home(struct jw_daemon *daemon, struct jw_visit *visit,
		   const struct jw_visit_request *request);
/* routes_token.c */
void jw_route_token(struct jw_daemon *daemon, struct jw_visit *visit,
		    const struct jw_visit_request *request);
/* JW_CONFIG where tokens would be given to whoever comes from elsewhere. */
enum jw_cause jw_token_api_check(struct jw_daemon *daemon, const struct jw_config *config,
				 struct jw_err *err);
/* What of it is worth a warning. */
void jw_token_api_warn(const struct jw_config *config);

/* routes_static.c: a file of the folder that is served. */
void jw_route_static(struct jw_daemon *daemon, struct jw_visit *visit,
		     const struct jw_visit_request *request);
