/* SPDX-License-Identifier: MIT */
/* Files that the daemon writes: rendered on the loop, written beside it, whole or not at all. */
#include "app/daemon.h"
#include "base/log.h"

#define CONTENT_MAX ((size_t)1 << 30)
/* After a failure. */
#define AGAIN_MS 5000

/* Owned by the thread while it works; outlives the file where that hangs. */
struct jw_writing {
	struct jw_kept_file *file;
	struct jw_job *job;
	struct jw_buf content;
	char *path;
	unsigned mode;
	enum jw_cause cause;
	struct jw_err err;
};

static void writing_free(void *context)
{
	struct jw_writing *writing = context;

	jw_buf_done(&writing->content);
	free(writing->path);
	free(writing);
}

static void work(void *context)
{
	struct jw_writing *writing = context;

	writing->cause =
		jw_adapter_files.replace(NULL, writing->path, jw_buf_get(&writing->content),
					 writing->mode, &writing->err);
}

static void arm(struct jw_kept_file *file, int64_t ms)
{
	if (file->is_armed || file->writing)
		return;
	file->is_armed = true;
	file->daemon->loop->arm(file->timer, ms);
}

static void note_failure(struct jw_kept_file *file, const char *says)
{
	if (!file->is_failing)
		jw_log(JW_LOG_ERROR, "%s %s: %s", file->what, file->path, says);
	file->is_failing = true;
	file->is_dirty = true;
	arm(file, AGAIN_MS);
}

static void written(void *context)
{
	struct jw_writing *writing = context;
	struct jw_kept_file *file = writing->file;

	file->writing = NULL;
	if (writing->cause) {
		note_failure(file, writing->err.text);
	} else {
		if (file->is_failing)
			jw_log(JW_LOG_INFO, "%s %s: can be written again", file->what,
			       file->path);
		file->is_failing = false;
		file->written_at =
			file->daemon->world.clock->wall(file->daemon->world.clock->self);
		if (file->is_dirty)
			arm(file, file->pause_ms);
	}
	writing_free(writing);
	if (file->daemon->is_ending)
		file->daemon->loop->stop(file->daemon->loop->self);
}

static void on_due(void *context)
{
	struct jw_kept_file *file = context;
	struct jw_daemon *daemon = file->daemon;
	struct jw_writing *writing;

	file->is_armed = false;
	if (file->writing)
		return;
	writing = jw_xcalloc(1, sizeof(*writing));
	writing->file = file;
	writing->path = jw_xstrdup(file->path);
	writing->mode = file->mode;
	jw_buf_init(&writing->content, CONTENT_MAX);
	file->render(daemon, &writing->content);
	file->is_dirty = false;
	file->last_ms = jw_daemon_now_ms(daemon);
	writing->job = daemon->work.start(daemon->work.self, work, written, writing);
	if (writing->job) {
		file->writing = writing;
		return;
	}
	writing_free(writing);
	note_failure(file, "isn't written: too many files hang already");
}

struct jw_kept_file *
jw_kept_file_new(struct jw_daemon *daemon, const char *what, const char *path, unsigned mode,
		 int64_t pause_ms, void (*render)(struct jw_daemon *daemon, struct jw_buf *buf))
{
	struct jw_kept_file *file = jw_xcalloc(1, sizeof(*file));

	file->daemon = daemon;
	file->what = what;
	file->path = jw_xstrdup(path);
	file->mode = mode;
	file->pause_ms = pause_ms;
	file->render = render;
	file->timer = daemon->loop->timer(daemon->loop->self, on_due, file);
	file->last_ms = -pause_ms;
	return file;
}

void jw_kept_file_touch(struct jw_kept_file *file, int64_t delay_ms)
{
	int64_t earliest = file->last_ms + file->pause_ms - jw_daemon_now_ms(file->daemon);

	file->is_dirty = true;
	arm(file, delay_ms > earliest ? delay_ms : earliest);
}

void jw_kept_file_flush(struct jw_kept_file *file, int64_t wait_ms)
{
	const struct jw_loop *loop = file->daemon->loop;
	int64_t until = jw_daemon_now_ms(file->daemon) + wait_ms;

	while (file->writing && jw_daemon_now_ms(file->daemon) < until)
		loop->run(loop->self, until);
	loop->arm(file->timer, -1);
	on_due(file);
	while (file->writing && jw_daemon_now_ms(file->daemon) < until)
		loop->run(loop->self, until);
}

void jw_kept_file_free(struct jw_kept_file *file)
{
	if (!file)
		return;
	file->daemon->loop->timer_free(file->timer);
	if (file->writing)
		file->daemon->work.leave(file->writing->job, writing_free);
	free(file->path);
	free(file);
}
