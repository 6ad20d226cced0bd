/* SPDX-License-Identifier: MIT */
/* Renewals that the daemon starts by itself. Each is a program of its own, `jwtwatch renew`: it may wait for a disk, and
 * what it holds and breaks isn't the daemon's. */
#include <string.h>
#include <unistd.h>

#include "app/daemon.h"
#include "base/log.h"
#include "core/renew.h"
#include "output/renew.h"

/* By this the same program is started, also where another one has been installed since. */
#define SELF "/proc/self/exe"
#define DEADLINE "60s"
#define TIMEOUT_MS 70000
#define OUTPUT_MAX ((size_t)1 << 20)

struct jw_tending {
	struct jw_spot *spot;
	struct jw_renew_tries tries;
	struct jw_timer *timer; /* for the next try */
	struct jw_child *child; /* under way */
	bool has_digest;
	unsigned char digest[32]; /* of the tokens that stood there */
	char *says;		  /* why the last try failed; NULL: it didn't */
};

static void check_again(struct jw_tending *tending)
{
	struct jw_spot *spot = tending->spot;
	struct jw_times now = jw_daemon_times(spot->daemon);

	jw_sched_wake(spot->daemon->sched, spot->record->schedule, &now);
	jw_daemon_pump(spot->daemon);
}

static void on_timer(void *context)
{
	check_again(context);
}

static void forget_failure(struct jw_tending *tending)
{
	free(tending->says);
	tending->says = NULL;
}

static void log_outcome(const struct jw_tending *tending, const struct jw_renewal *renewal)
{
	bool has_failed = renewal->state == JW_RENEWED_FAILED;

	JW_LOG_EVENT(has_failed ? JW_LOG_WARNING : JW_LOG_INFO, renewal->message,
		     {.key = "target", .text = tending->spot->record->target->name},
		     {.key = "renewal", .text = has_failed ? "failed" : "done"},
		     {.key = "again",
		      .text = !has_failed	       ? "when it is time"
			      : tending->tries.is_over ? "never"
						       : "soon"});
}

static void take(struct jw_tending *tending, const struct jw_renewal *renewal)
{
	struct jw_daemon *daemon = tending->spot->daemon;
	int64_t now_ms = jw_daemon_now_ms(daemon);

	jw_renew_tries_take(&tending->tries, renewal, now_ms);
	forget_failure(tending);
	if (renewal->state == JW_RENEWED_NOT_NEEDED)
		return;
	if (renewal->state == JW_RENEWED_FAILED) {
		daemon->renewal_failures++;
		tending->says = jw_xstrdup(renewal->message);
	} else {
		daemon->renewals++;
	}
	log_outcome(tending, renewal);
	if (renewal->state == JW_RENEWED_FAILED && !tending->tries.is_over)
		daemon->loop->arm(tending->timer, tending->tries.not_before_ms - now_ms);
	/* The verdict tells of it. */
	check_again(tending);
}

static void ended(void *context, const struct jw_exec_result *result)
{
	struct jw_tending *tending = context;
	struct jw_renewal renewal;

	tending->child = NULL;
	if (result->cause || result->signal || !jw_renewals_read(result->output, &renewal)) {
		jw_renew_refuse("", JW_RENEWAL_FAILED,
				result->cause ? result->says
					      : "jwtwatch renew didn't come to its end",
				&renewal);
		renewal.may_pass = true;
	}
	take(tending, &renewal);
	jw_renewal_done(&renewal);
}

static void start(struct jw_tending *tending)
{
	struct jw_daemon *daemon = tending->spot->daemon;
	const struct jw_target *target = tending->spot->record->target;
	const char *const argv[] = {SELF,
				    "renew",
				    "-o",
				    "json",
				    "-t",
				    DEADLINE,
				    "-f",
				    daemon->config->file,
				    "--if-left-less-than",
				    target->renew->before.given,
				    "--",
				    target->name,
				    NULL};
	const struct jw_exec_request request = {
		.argv = argv,
		/* Secrets of `keys` may be there. */
		.env = (const char *const *)environ,
		.timeout_ms = TIMEOUT_MS,
		.max_output = OUTPUT_MAX,
		.has_programs = true,
	};
	const struct jw_exec *exec = daemon->world.exec(daemon->world.exec_context, NULL);

	if (exec)
		tending->child = exec->start(exec->self, &request, ended, tending);
}

static struct jw_tending *tending_of(struct jw_spot *spot)
{
	const struct jw_loop *loop = spot->daemon->loop;

	if (spot->tending)
		return spot->tending;
	spot->tending = jw_xcalloc(1, sizeof(*spot->tending));
	spot->tending->spot = spot;
	spot->tending->timer = loop->timer(loop->self, on_timer, spot->tending);
	return spot->tending;
}

static bool is_wanted(const struct jw_target *target)
{
	return target->renew && target->renew->before.kind != JW_THRESHOLD_NONE;
}

/* What was in vain for one token may do for another. */
static void look_at_token(struct jw_tending *tending, const struct jw_facts *facts)
{
	const struct jw_world *world = &tending->spot->daemon->world;
	const struct jw_crypto *crypto = world->crypto(world->crypto_context, NULL);
	unsigned char digest[32];
	bool has_digest = crypto && jw_facts_digest(facts, crypto->sha256, digest);

	if (has_digest == tending->has_digest &&
	    (!has_digest || !memcmp(digest, tending->digest, sizeof(digest))))
		return;
	tending->has_digest = has_digest;
	if (has_digest)
		memcpy(tending->digest, digest, sizeof(digest));
	jw_renew_tries_reset(&tending->tries);
	forget_failure(tending);
}

void jw_tending_tell(struct jw_spot *spot, struct jw_result *result)
{
	struct jw_facts *facts = &result->facts;
	struct jw_tending *tending;

	if (!is_wanted(spot->record->target))
		return;
	tending = tending_of(spot);
	look_at_token(tending, facts);
	if (!tending->says)
		return;
	facts->failures = jw_arena_grow(&result->arena, facts->failures, facts->failure_count,
					sizeof(*facts->failures));
	facts->failures[facts->failure_count++] = (struct jw_failure){
		.cause = JW_RENEWAL_FAILED,
		.at = JW_AT_RENEW,
		.says = jw_arena_text(&result->arena, jw_str_of(tending->says)),
	};
}

void jw_tending_look(struct jw_spot *spot, const struct jw_result *result)
{
	const struct jw_target *target = spot->record->target;
	struct jw_tending *tending = spot->tending;

	if (!is_wanted(target) || !tending || tending->child || tending->tries.is_over ||
	    jw_daemon_now_ms(spot->daemon) < tending->tries.not_before_ms ||
	    !jw_renew_is_needed(&target->renew->before, result))
		return;
	start(tending);
}

void jw_tending_reset(struct jw_spot *spot)
{
	if (!spot->tending)
		return;
	spot->daemon->loop->arm(spot->tending->timer, -1);
	jw_renew_tries_reset(&spot->tending->tries);
	forget_failure(spot->tending);
	check_again(spot->tending);
}

void jw_tending_free(struct jw_tending *tending)
{
	const struct jw_world *world;
	const struct jw_exec *exec;

	if (!tending)
		return;
	world = &tending->spot->daemon->world;
	exec = world->exec(world->exec_context, NULL);
	if (tending->child && exec)
		exec->cancel(tending->child);
	tending->spot->daemon->loop->timer_free(tending->timer);
	free(tending->says);
	free(tending);
}
