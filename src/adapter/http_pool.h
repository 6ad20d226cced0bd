/* SPDX-License-Identifier: MIT */
/* Threads that look up host names, for http_names.c. */
#pragma once

#include "base/buf.h"

/* What a thread is asked, and what it says. */
struct jw_question {
	struct jw_question *next;
	struct jw_name *name; /* the asker's own */
	struct jw_buf addresses;
	int error;  /* EAI_* */
	int number; /* errno where no descriptor was left, else 0 */
	char host[];
};

struct jw_pool;

struct jw_question *jw_question_new(struct jw_name *name, const char *host);
void jw_question_free(struct jw_question *question);

/* NULL: no descriptor is left. */
struct jw_pool *jw_pool_new(void);
/* Readable when there are answers. */
int jw_pool_fd(const struct jw_pool *pool);
/* The question is the pool's, unless false: there is no thread at all that could answer. */
bool jw_pool_ask(struct jw_pool *pool, struct jw_question *question);
/* True: no thread has begun with it, and it is the caller's again. */
bool jw_pool_take_back(struct jw_pool *pool, const struct jw_question *question);
/* A list of those that are answered, which are the caller's again; NULL: none. */
struct jw_question *jw_pool_answers(struct jw_pool *pool);
/* Threads that hang end by themselves. */
void jw_pool_free(struct jw_pool *pool);
