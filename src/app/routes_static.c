/* SPDX-License-Identifier: MIT */
/* Files of a folder, at paths that the daemon hasn't got itself. They are read beside the loop. */
#include <stdio.h>

#include "app/daemon.h"
#include "base/log.h"
#include "base/url.h"
#include "base/when.h"
#include "core/static_file.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)
/* Of all answers that aren't out yet. */
#define SERVED_MAX ((size_t)256 << 20)
#define PATH_BYTES ((size_t)4096)
#define READ_MS 30000
#define HTTP_DATE 32

enum outcome {
	OUTCOME_NONE, /* 404 */
	OUTCOME_FILE,
	OUTCOME_FOLDER,
	OUTCOME_KNOWN, /* 304 */
	OUTCOME_TOO_LARGE,
	OUTCOME_BUSY,
	OUTCOME_TROUBLE,
};

struct serving {
	struct jw_errand errand;
	struct jw_arena arena;
	const char *folder;
	const char *path;     /* below it */
	const char *location; /* of a folder: where its page is */
	const char *none_match;
	const char *modified_since;
	bool is_head;
	enum outcome outcome;
	struct jw_below below;
	struct jw_buf bytes;
	size_t taken; /* of the daemon's served_bytes */
	struct jw_err err;
};

static bool take(struct serving *serving, size_t size)
{
	atomic_size_t *all = &serving->errand.daemon->served_bytes;

	serving->taken = size;
	if (atomic_fetch_add(all, size) + size <= SERVED_MAX)
		return true;
	atomic_fetch_sub(all, size);
	serving->taken = 0;
	return false;
}

/* One that is being written is read once more, and then it is trouble. */
static enum outcome read_bytes(struct serving *serving, struct jw_file *file)
{
	const struct jw_files *files = serving->errand.daemon->world.files;
	int64_t deadline_ms = jw_adapter_clock.monotonic_ms(NULL) + READ_MS;
	enum jw_read read;

	/* A byte more shows that it has grown. */
	jw_buf_init(&serving->bytes, serving->below.size + 1);
	if (files->read(file, &serving->bytes, deadline_ms, &read, &serving->err))
		return OUTCOME_TROUBLE;
	if (read == JW_READ_END)
		return OUTCOME_FILE;
	jw_fail(&serving->err, JW_FILE_UNREADABLE, "it changed while it was read");
	return OUTCOME_TROUBLE;
}

static enum outcome read_file(struct serving *serving, struct jw_file *file)
{
	char etag[JW_STATIC_ETAG];

	if (jw_static_is_known(serving->none_match, serving->modified_since,
			       jw_static_etag(serving->below.tag, etag),
			       serving->below.changed))
		return OUTCOME_KNOWN;
	if (serving->below.size > FILE_MAX_BYTES)
		return OUTCOME_TOO_LARGE;
	if (serving->is_head)
		return OUTCOME_FILE;
	if (!take(serving, serving->below.size))
		return OUTCOME_BUSY;
	return read_bytes(serving, file);
}

static enum outcome look(struct serving *serving)
{
	const struct jw_files *files = serving->errand.daemon->world.files;
	struct jw_file *file;
	enum outcome outcome;
	enum jw_cause cause = files->below(files->self, serving->folder, serving->path,
					   &serving->below, &file, &serving->err);

	if (cause == JW_FILE_MISSING)
		return OUTCOME_NONE;
	if (cause)
		return OUTCOME_TROUBLE;
	if (serving->below.is_folder)
		return serving->location ? OUTCOME_FOLDER : OUTCOME_NONE;
	outcome = read_file(serving, file);
	files->close(file);
	return outcome;
}

static void give_back(struct serving *serving)
{
	atomic_fetch_sub(&serving->errand.daemon->served_bytes, serving->taken);
	serving->taken = 0;
}

static void work(struct jw_errand *errand)
{
	struct serving *serving = (struct serving *)errand;

	serving->outcome = look(serving);
	/* It may have been replaced in between. */
	if (serving->outcome != OUTCOME_TROUBLE || !serving->taken)
		return;
	give_back(serving);
	jw_buf_done(&serving->bytes);
	serving->outcome = look(serving);
}

static void is_out(void *context, struct jw_buf *bytes)
{
	struct jw_daemon *daemon = context;

	atomic_fetch_sub(&daemon->served_bytes, bytes->len);
}

static const char *http_date(int64_t when, char text[HTTP_DATE])
{
	return jw_when_http_text(when, text) ? text : NULL;
}

static void send_file(struct serving *serving, int status)
{
	struct jw_daemon *daemon = serving->errand.daemon;
	char etag[JW_STATIC_ETAG];
	char date[HTTP_DATE];
	const char *changed = http_date(serving->below.changed, date);
	const char *const headers[] = {"Cache-Control",
				       "no-cache",
				       "ETag",
				       jw_static_etag(serving->below.tag, etag),
				       changed ? "Last-Modified" : NULL,
				       changed,
				       NULL};
	struct jw_visit_reply reply = {
		.status = status, .headers = headers, .length = serving->below.size};

	if (status == 200)
		reply.media_type = jw_static_type(serving->path);
	if (status == 200 && !serving->is_head) {
		reply.page = jw_shared_new(&serving->bytes);
		reply.page->last = is_out;
		reply.page->context = daemon;
		/* From here on they are counted by what is out. */
		serving->taken -= reply.page->bytes.len;
	}
	daemon->server.reply(serving->errand.visit, &reply);
	jw_shared_release(reply.page);
}

static void send_on(struct serving *serving)
{
	const char *const headers[] = {"Cache-Control", "no-cache", "Location",
				       serving->location, NULL};
	const struct jw_visit_reply reply = {.status = 301, .headers = headers};

	serving->errand.daemon->server.reply(serving->errand.visit, &reply);
}

static void answer(struct jw_errand *errand)
{
	struct serving *serving = (struct serving *)errand;

	switch (serving->outcome) {
	case OUTCOME_FILE:
		send_file(serving, 200);
		break;
	case OUTCOME_KNOWN:
		send_file(serving, 304);
		break;
	case OUTCOME_FOLDER:
		send_on(serving);
		break;
	case OUTCOME_TOO_LARGE:
		jw_route_say(errand->daemon, errand->visit, 403,
			     "This file is larger than %zu bytes, and isn't served.\n",
			     FILE_MAX_BYTES);
		break;
	case OUTCOME_BUSY:
		jw_route_say(errand->daemon, errand->visit, 503,
			     "Too many large files are on their way already.\n");
		break;
	case OUTCOME_TROUBLE:
		JW_LOG_EVENT(JW_LOG_WARNING, "a file can't be served",
			     {.key = "path", .text = serving->path},
			     {.key = "why", .text = serving->err.text});
		jw_route_say(errand->daemon, errand->visit, 503,
			     "This file can't be read now.\n");
		break;
	case OUTCOME_NONE:
		jw_route_none(errand->daemon, errand->visit);
		break;
	}
}

static void refuse(struct jw_errand *errand)
{
	jw_route_say(errand->daemon, errand->visit, 503,
		     "The file system doesn't answer in time.\n");
}

static void serving_free(struct jw_errand *errand)
{
	struct serving *serving = (struct serving *)errand;

	give_back(serving);
	jw_buf_done(&serving->bytes);
	jw_arena_done(&serving->arena);
	free(serving);
}

static const char *copied(struct jw_arena *arena, const char *text)
{
	return text ? jw_arena_text(arena, jw_str_of(text)) : NULL;
}

/* Of a folder without a slash at its end, from which the links in its page would lead elsewhere. */
static const char *location_of(const struct jw_visit_request *request, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf to = JW_BUF(3 * PATH_BYTES);
	struct jw_str rest = jw_str_from(jw_str_of(request->path), 1);
	struct jw_str part;

	while (jw_str_cut(rest, '/', &part, &rest)) {
		jw_buf_char(&to, '/');
		jw_url_encode(&to, part);
	}
	if (!rest.len)
		return NULL;
	jw_buf_char(&to, '/');
	jw_url_encode(&to, rest);
	jw_buf_char(&to, '/');
	if (request->query.len)
		jw_buf_char(&to, '?');
	jw_buf_str(&to, request->query);
	return to.overflowed ? NULL : jw_arena_text(arena, jw_buf_get(&to));
}

void jw_route_static(struct jw_daemon *daemon, struct jw_visit *visit,
		     const struct jw_visit_request *request)
{
	jw_autobuf struct jw_buf path = JW_BUF(PATH_BYTES);
	struct serving *serving;

	if (!jw_static_path(request->path, &path)) {
		jw_route_none(daemon, visit);
		return;
	}
	serving = jw_xcalloc(1, sizeof(*serving));
	serving->errand = (struct jw_errand){
		.work = work, .answer = answer, .refuse = refuse, .free = serving_free};
	serving->folder = copied(&serving->arena, daemon->config->daemon.static_folder);
	serving->path = jw_arena_text(&serving->arena, jw_buf_get(&path));
	serving->location = location_of(request, &serving->arena);
	serving->none_match =
		copied(&serving->arena, daemon->server.header(visit, "If-None-Match"));
	serving->modified_since =
		copied(&serving->arena, daemon->server.header(visit, "If-Modified-Since"));
	serving->is_head = request->method == JW_METHOD_HEAD;
	jw_errand_start(&serving->errand, daemon, visit);
}
