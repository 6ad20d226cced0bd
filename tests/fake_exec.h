/* SPDX-License-Identifier: MIT */
/* Programs that run until the test ends them. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "core/runner.h"

#define FAKE_CHILDREN 8

struct jw_child {
	jw_exec_done *done;
	void *context;
	bool is_running;
	char argv[1024]; /* "[word][word]" */
	char env[1024];	 /* "[NAME=value]" */
	char input[1024];
	char folder[64];
	int64_t timeout_ms;
	size_t max_output;
};

static struct jw_child fake_children[FAKE_CHILDREN];
static size_t fake_child_count;

static inline void fake_list(char *text, size_t size, const char *const *list)
{
	size_t used = 0;

	for (; list && *list; list++)
		used += (size_t)snprintf(text + used, size - used, "[%s]", *list);
}

static inline struct jw_child *fake_run(void *self, const struct jw_exec_request *request,
					jw_exec_done *done, void *context)
{
	struct jw_child *child = &fake_children[fake_child_count++];

	(void)self;
	if (fake_child_count > FAKE_CHILDREN)
		abort();
	*child = (struct jw_child){.done = done,
				   .context = context,
				   .is_running = true,
				   .timeout_ms = request->timeout_ms,
				   .max_output = request->max_output};
	fake_list(child->argv, sizeof(child->argv), request->argv);
	fake_list(child->env, sizeof(child->env), request->env);
	snprintf(child->input, sizeof(child->input), "%.*s", JW_STR_ARG(request->input));
	snprintf(child->folder, sizeof(child->folder), "%s",
		 request->folder ? request->folder : "");
	return child;
}

static inline void fake_end_child(struct jw_child *child)
{
	child->is_running = false;
}

static struct jw_exec fake_exec = {.start = fake_run, .cancel = fake_end_child};

static inline const struct jw_exec *fake_open_exec(void *context, struct jw_err *err)
{
	(void)context;
	(void)err;
	return &fake_exec;
}

/* What becomes of the program of this number, counted from 0. */
static inline void fake_outcome(size_t index, struct jw_exec_result result)
{
	struct jw_child *child = &fake_children[index];

	if (index >= fake_child_count || !child->is_running)
		abort();
	child->is_running = false;
	child->done(child->context, &result);
}

static inline void fake_reset_exec(void)
{
	memset(fake_children, 0, sizeof(fake_children));
	fake_child_count = 0;
}
