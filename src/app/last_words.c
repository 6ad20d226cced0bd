/* SPDX-License-Identifier: MIT */
/* What is known so far, in the run's own format, should a dead file system hold us. */
#include "app/session.h"

#include <string.h>

#define HELD "a file system didn't answer within the time of the whole run (-t)"
#define UNREAD "the configuration wasn't read within the time of the whole run (-t)"
/* Past the run's time, in which it ends by itself wherever it can. */
#define GRACE_MS 1000
/* So much may be spent on last words whatever else is done, and this part of the time
 * besides. */
#define WORDS_FREE_MS 10
#define WORDS_PART 50

/* One verdict of `deadline` does for all targets that don't differ in what it is called. */
static bool is_like(const struct jw_result *held, const struct jw_target *target)
{
	return jw_expect_same_severity(&held->target->expect, &target->expect);
}

/* What is known so far, and `deadline` for the rest. */
static void write_so_far(struct jw_session *session, struct jw_buf *buf, int *ret_code)
{
	struct jw_report report = session->report;
	const struct jw_result *held = NULL;
	jw_autofree bool *is_made = jw_xcalloc(session->turn_count, sizeof(*is_made));

	report.count = session->turn_count - session->aside_count;
	report.results = jw_xcalloc(report.count + 1, sizeof(*report.results));
	for (size_t i = 0; i < report.count; i++) {
		const struct jw_turn *turn = &session->turns[i];
		struct jw_result *result = &report.results[i];

		/* A run that waits has no verdict yet. */
		if (i < session->report.count && !session->batch.waiting[i]) {
			*result = session->report.results[i];
		} else if (!turn->says && held && is_like(held, turn->target)) {
			*result = *held;
			result->target = turn->target;
		} else {
			is_made[i] = true;
			jw_runner_refuse(turn->target, turn->says ? turn->cause : JW_DEADLINE,
					 turn->says ? turn->says : HELD, result);
			held = turn->says ? held : result;
		}
	}
	report.span_ms = jw_adapter_clock.monotonic_ms(NULL) - session->start_ms;
	report.state = jw_session_state(&report);
	session->format->write(&report, &session->style, buf);
	*ret_code = jw_session_code(session, &report);
	for (size_t i = 0; i < report.count; i++)
		if (is_made[i])
			jw_result_done(&report.results[i]);
	free(report.results);
}

void jw_session_last_words(struct jw_session *session)
{
	size_t at = session->words_count % 2;
	struct jw_buf *buf = &session->so_far[at];
	int64_t begun_ms = jw_adapter_clock.monotonic_ms(NULL);
	int code;

	if (session->words_ms > WORDS_FREE_MS + (begun_ms - session->start_ms) / WORDS_PART)
		return;
	jw_buf_clear(buf);
	write_so_far(session, buf, &code);
	session->words[at] = (struct jw_last_words){buf->ptr, buf->len, code};
	session->words_count++;
	jw_adapter_last_words(&session->words[at]);
	session->words_ms += jw_adapter_clock.monotonic_ms(NULL) - begun_ms;
}

/* The words are made once more before the first target, however long these took. */
void jw_session_guard(struct jw_session *session)
{
	int64_t now_ms = jw_adapter_clock.monotonic_ms(NULL);

	jw_session_refuse(session, "configuration", JW_DEADLINE, UNREAD);
	jw_session_last_words(session);
	session->turn_count = 0;
	session->words_ms = 0;
	jw_adapter_watchdog(session->deadline_ms - now_ms + GRACE_MS);
}
