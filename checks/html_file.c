/* SPDX-License-Identifier: MIT */
/* Tokens in files: HTML pages, scripts, .env files, anything with text in it. */
#include <string.h>

#include "base/scan.h"
#include "base/utf.h"
#include "contract/check.h"
#include "livekit/leak.h"
#include "token/find.h"
#include "token/pattern.h"

/* Without a pattern a file of any size is looked through in windows of this many bytes. */
#define WINDOW ((size_t)256 * 1024)

struct config {
	const char *path;
	const char *pattern;
	int select;
	int64_t max_size;
};

#define BRACKET_HINT                                                                           \
	"; [ begins a set of characters here: where the file's name has a [, write [[] for it"

/* Why no more tokens are looked for. */
enum stop { GO_ON, FULL, LATE };

struct state {
	struct jw_pattern *pattern;
	size_t file;   /* index into the paths */
	bool is_open;  /* windows of this file were seen */
	bool is_whole; /* this file is read in one piece: a pattern, or UTF-16 */
	bool is_retry; /* it changed while it was read, and is read once more */
	size_t mark;   /* tokens known before this file */
	size_t found;  /* tokens met in this file, copies included */
	size_t round;  /* counts the readings of files */
	size_t *met;   /* the tokens of this reading, by index */
	size_t met_count;
	size_t met_size;
	enum stop stop;
	size_t bytes; /* seen of it so far, without the current window */
	size_t seen;  /* so many of the current window were in the one before */
	size_t line;  /* of the current window's first byte */
	bool has_nul;
	struct jw_buf text; /* of a UTF-16 file */
};

static const char *const selects[] = {"all", "first", "last", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, path), .type = JW_T_PATH, .required = true, .value = "PATH",
	 .help = "the file, a glob (*, ?, [...], and ** for any folders; every file that it "
		 "names must hold a token), or - for standard input"},
	{JW_OPT(struct config, pattern), .type = JW_T_PATTERN, .value = "REGEX",
	 .help = "PCRE2: the group named token, else group 1, else the whole match is the "
		 "token; without it "
		 "any JWT in the text is taken"},
	{JW_OPT(struct config, select), .type = JW_T_CHOICE, .choices = selects,
	 .fallback = "all", .value = "WHICH",
	 .help = "of several tokens: all (the worst decides), first or last"},
	{JW_OPT(struct config, max_size), .type = JW_T_BYTES, .fallback = "16MiB", .min = 1,
	 .max = INT64_C(1) << 30, .value = "SIZE",
	 .help = "the largest file that is read; there is no limit without a pattern, but "
		 "for standard input and UTF-16"},
	{0},
};

static enum jw_next expand(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);

	return jw_run_expand(run, config->path);
}

static enum jw_next compile(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	bool is_complete;
	struct jw_err err;

	if (!jw_run_paths(run, &is_complete)->count) {
		if (!is_complete)
			return JW_DONE;
		return jw_run_fail(run, config->path, JW_FILE_MISSING, "no file matches%s",
				   strchr(config->path, '[') ? BRACKET_HINT : "");
	}
	if (config->pattern &&
	    jw_pattern_new(jw_str_of(config->pattern), &state->pattern, &err))
		return jw_run_fail(run, NULL, err.cause, "%s", err.text);
	jw_buf_init(&state->text, (size_t)config->max_size * 3 / 2 + 3);
	return JW_NEXT;
}

static const char *path_now(struct jw_run *run)
{
	const struct state *state = jw_run_state(run);
	bool is_complete;

	return jw_run_paths(run, &is_complete)->items[state->file];
}

static enum jw_next read_on(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);

	if (!state->is_open) {
		state->mark = jw_run_token_count(run);
		state->found = 0;
		state->round++;
		state->met_count = 0;
		state->bytes = 0;
		state->seen = 0;
		state->line = 1;
		state->has_nul = false;
		state->is_whole =
			state->is_whole || state->pattern || !strcmp(path_now(run), "-");
		state->is_open = true;
	}
	/* One byte more than may be there shows that there is more. */
	return jw_run_read(run, path_now(run),
			   state->is_whole ? (size_t)config->max_size + 1 : WINDOW);
}

/* Has the file's tokens judged, and goes on to the next file or to the step behind. */
static enum jw_next next_file(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	bool is_complete;

	jw_check_select(run, state->met, state->met_count,
			state->pattern ? JW_ONLY_ANY : JW_ONLY_LIVEKIT,
			(enum jw_select)config->select);
	jw_run_page_end(run, path_now(run), JW_PAGE_DONE);
	state->met_count = 0;
	state->is_open = false;
	state->is_whole = false;
	state->is_retry = false;
	state->file++;
	return state->file < jw_run_paths(run, &is_complete)->count ? JW_REPEAT : JW_NEXT;
}

static enum jw_next stop_here(struct jw_run *run)
{
	struct state *state = jw_run_state(run);
	const char *path = path_now(run);

	jw_run_close(run);
	next_file(run);
	if (state->stop == LATE)
		jw_run_note_late(run, path);
	return JW_NEXT;
}

static enum jw_next read_again(struct jw_run *run)
{
	struct state *state = jw_run_state(run);

	jw_run_token_drop(run, state->mark);
	jw_run_page_end(run, path_now(run), JW_PAGE_DROPPED);
	state->is_open = false;
	return JW_REPEAT;
}

/* Once for each reading. */
static void add_met(struct state *state, struct jw_token *token, size_t index)
{
	if (token->round == state->round)
		return;
	token->round = state->round;
	if (state->met_count == state->met_size) {
		state->met_size = state->met_size ? 2 * state->met_size : 16;
		state->met = jw_xrealloc(state->met, state->met_size * sizeof(*state->met));
	}
	state->met[state->met_count++] = index;
}

/* False where the search is to stop. */
static bool report(struct jw_run *run, struct jw_str text, struct jw_str token, size_t *line,
		   size_t *counted)
{
	struct state *state = jw_run_state(run);
	size_t start = token.ptr ? (size_t)(token.ptr - text.ptr) : *counted;
	size_t index;

	if (start > *counted) {
		*line += jw_scan_count((struct jw_str){text.ptr + *counted, start - *counted},
				       '\n');
		*counted = start;
	}
	state->found++;
	if (!jw_run_token(run, token, path_now(run), *line, &index))
		state->stop = FULL;
	else
		add_met(state, &jw_run_tokens(run)[index], index);
	if (jw_run_is_late(run))
		state->stop = LATE;
	return state->stop == GO_ON;
}

/* Finds by pattern in the whole text. */
static enum jw_cause match(struct jw_run *run, struct jw_str text, struct jw_err *err)
{
	struct state *state = jw_run_state(run);
	const struct jw_budget budget = {jw_run_elapsed_ms, run,
					 jw_run_elapsed_ms(run) + jw_run_left_ms(run)};
	size_t at = 0;
	size_t counted = 0;

	for (;;) {
		bool found;
		struct jw_str token;
		enum jw_cause cause = jw_pattern_next(state->pattern, text, &budget, &at,
						      &found, &token, err);

		if (jw_pattern_is_slow(state->pattern))
			jw_run_warn(run, "PCRE2's JIT can't be used, so patterns are "
					 "slower over large files");
		if (cause || !found)
			return cause;
		if (!report(run, text, token, &state->line, &counted))
			return JW_OK;
	}
}

/* Finds by shape in what wasn't seen before; returns where a token may begin that the next window ends. */
static size_t find(struct jw_run *run, struct jw_str text, enum jw_find_end end)
{
	struct state *state = jw_run_state(run);
	struct jw_str token;
	size_t at = state->seen;
	size_t counted = 0;

	while (jw_find_next(text, end, &at, &token))
		if (!report(run, text, token, &state->line, &counted))
			return at;
	if (at > counted)
		state->line +=
			jw_scan_count((struct jw_str){text.ptr + counted, at - counted}, '\n');
	return at;
}

/* The file's text, as UTF-8 or the bytes as they are. */
static struct jw_str decoded(struct state *state, struct jw_str bytes)
{
	enum jw_encoding encoding = jw_utf_encoding(bytes);

	if (encoding != JW_ENCODING_UTF16LE && encoding != JW_ENCODING_UTF16BE)
		return bytes;
	jw_buf_clear(&state->text);
	jw_utf_from_16(bytes, encoding, &state->text);
	state->has_nul = false;
	return jw_buf_get(&state->text);
}

static enum jw_next nothing_found(struct jw_run *run)
{
	const struct state *state = jw_run_state(run);
	const char *hint =
		state->has_nul
			? "; it holds NUL bytes: is it UTF-16 without a byte order mark, "
			  "or not a text at all?"
			: "";

	if (!state->bytes)
		jw_run_note_failure(run, path_now(run), JW_TOKEN_NOT_FOUND,
				    "the file is empty");
	else if (state->pattern)
		jw_run_note_failure(run, path_now(run), JW_TOKEN_NOT_FOUND,
				    "the pattern matches nowhere in %zu bytes%s", state->bytes,
				    hint);
	else
		jw_run_note_failure(run, path_now(run), JW_TOKEN_NOT_FOUND,
				    "no token in %zu bytes%s", state->bytes, hint);
	return next_file(run);
}

static enum jw_next changed(struct jw_run *run)
{
	struct state *state = jw_run_state(run);

	if (state->is_retry) {
		jw_run_token_drop(run, state->mark);
		jw_run_page_end(run, path_now(run), JW_PAGE_DROPPED);
		state->met_count = 0;
		jw_run_note_failure(run, path_now(run), JW_FILE_UNREADABLE,
				    "changed while it was read, twice in a row");
		return next_file(run);
	}
	state->is_retry = true;
	return read_again(run);
}

static bool needs_whole(const struct state *state, struct jw_str bytes)
{
	enum jw_encoding encoding = jw_utf_encoding(bytes);

	return !state->is_whole && !state->bytes &&
	       (encoding == JW_ENCODING_UTF16LE || encoding == JW_ENCODING_UTF16BE);
}

static enum jw_next too_large(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);

	jw_run_close(run);
	jw_run_note_failure(run, path_now(run), JW_FILE_UNREADABLE,
			    "is larger than max_size, %lld bytes", (long long)config->max_size);
	return next_file(run);
}

/* The pattern was stopped: by the time, or by what it asks of PCRE2. */
static enum jw_next no_match(struct jw_run *run, const struct jw_err *err)
{
	struct state *state = jw_run_state(run);

	/* A pattern that took all the target's time has been stopped as one; the end of the whole run is another
	 * matter. */
	if (jw_run_is_late(run) && jw_run_is_capped(run)) {
		state->stop = LATE;
		return stop_here(run);
	}
	jw_run_note_failure(run, path_now(run), err->cause, "%s", err->text);
	return next_file(run);
}

/* In a window the part before `used` has been looked through for tokens. What a secret may begin in is seen again. */
static enum jw_next go_on(struct jw_run *run, struct jw_str window, size_t used)
{
	struct state *state = jw_run_state(run);
	size_t reach = jw_run_page_reach(run);
	size_t keep = window.len > reach ? window.len - reach : 0;

	if (keep > used)
		keep = used;
	state->seen = used - keep;
	state->line -= jw_scan_count((struct jw_str){window.ptr + keep, state->seen}, '\n');
	jw_run_keep(run, keep);
	return JW_REPEAT;
}

static enum jw_next extract(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const struct jw_window *window = jw_run_window(run);
	enum jw_find_end end =
		window->read == JW_READ_MORE ? JW_FIND_MORE_FOLLOWS : JW_FIND_LAST;
	struct jw_str text;
	struct jw_err err;
	size_t used;

	if (window->cause) {
		jw_run_note_failure(run, path_now(run), window->cause, "%s", window->says);
		return jw_run_is_late(run) ? stop_here(run) : next_file(run);
	}
	if (needs_whole(state, window->bytes)) {
		jw_run_close(run);
		state->is_whole = true;
		return read_again(run);
	}
	if (window->read == JW_READ_CHANGED)
		return changed(run);
	if (state->is_whole && window->bytes.len > (size_t)config->max_size)
		return too_large(run);
	if (!state->has_nul && window->bytes.len)
		state->has_nul = memchr(window->bytes.ptr, 0, window->bytes.len);
	text = state->is_whole ? decoded(state, window->bytes) : window->bytes;
	if (!jw_leak_is_private(path_now(run)))
		jw_run_page(run, text, state->line);
	if (state->pattern && match(run, text, &err))
		return no_match(run, &err);
	used = state->pattern ? text.len
			      : find(run, text, state->is_whole ? JW_FIND_LAST : end);
	state->bytes += state->is_whole ? window->bytes.len : used - state->seen;
	if (state->stop != GO_ON)
		return stop_here(run);
	if (window->read == JW_READ_MORE)
		return go_on(run, text, used);
	return state->found ? next_file(run) : nothing_found(run);
}

static void cleanup(struct jw_run *run)
{
	struct state *state = jw_run_state(run);

	jw_pattern_free(state->pattern);
	jw_buf_done(&state->text);
	free(state->met);
}

static enum jw_next (*const steps[])(struct jw_run *run) = {
	expand,		compile,	read_on,	  extract,
	jw_step_verify, jw_step_accept, jw_step_accepted, NULL,
};

/* All but the questions to LiveKit. */
enum { BLOCKING_STEPS = 5 };

const struct jw_check jw_check_html_file = {
	.name = "html_file",
	.summary = "tokens in a file or in many: pages, scripts, .env files",
	.is_public = JW_PUBLIC_ALWAYS,
	.options = options,
	.config_size = sizeof(struct config),
	.state_size = sizeof(struct state),
	.steps = steps,
	.blocking_steps = BLOCKING_STEPS,
	.cleanup = cleanup,
};
