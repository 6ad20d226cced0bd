/* SPDX-License-Identifier: MIT */
/* Names that are asked for, each looked up once for all who ask, and kept for a while. */
#include "adapter/http_names.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "adapter/http_pool.h"
#include "base/mem.h"

/* As long as libcurl keeps its own. */
#define FRESH_SECONDS 60
#define BUCKETS 1024

struct jw_name {
	struct jw_name *next;
	struct jw_name_asker *askers;
	struct jw_question *question; /* NULL: answered, or taken back */
	struct jw_name_answer answer;
	char *addresses;
	time_t fresh_until;
	char host[];
};

struct jw_names {
	struct jw_loop loop;
	struct jw_pool *pool; /* NULL: none was needed yet */
	struct jw_watch *watch;
	struct jw_name *buckets[BUCKETS];
};

static time_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static struct jw_name **bucket_of(struct jw_names *names, const char *host)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *host; host++)
		hash = (hash ^ ((unsigned char)*host | 0x20)) * 16777619U;
	return &names->buckets[hash % BUCKETS];
}

static void name_free(struct jw_name *name)
{
	free(name->addresses);
	free(name);
}

/* The name in its bucket, where those that are of no use any more are dropped on the way. */
static struct jw_name *find(struct jw_names *names, const char *host)
{
	struct jw_name **place = bucket_of(names, host);
	struct jw_name *found = NULL;
	time_t now = now_seconds();

	while (*place) {
		struct jw_name *name = *place;

		if (!name->question && name->fresh_until <= now) {
			*place = name->next;
			name_free(name);
			continue;
		}
		if (!strcasecmp(name->host, host))
			found = name;
		place = &name->next;
	}
	return found;
}

static struct jw_name *name_new(struct jw_names *names, const char *host)
{
	size_t len = strlen(host) + 1;
	struct jw_name **bucket = bucket_of(names, host);
	struct jw_name *name = jw_xcalloc(1, sizeof(*name) + len);

	memcpy(name->host, host, len);
	name->question = jw_question_new(name, host);
	name->next = *bucket;
	*bucket = name;
	return name;
}

static void join(struct jw_name *name, struct jw_name_asker *asker)
{
	asker->name = name;
	asker->next = name->askers;
	asker->back = &name->askers;
	if (asker->next)
		asker->next->back = &asker->next;
	name->askers = asker;
}

static void part(struct jw_name_asker *asker)
{
	*asker->back = asker->next;
	if (asker->next)
		asker->next->back = asker->back;
	asker->name = NULL;
}

static void tell_askers(struct jw_name *name)
{
	while (name->askers) {
		struct jw_name_asker *asker = name->askers;

		part(asker);
		asker->known(asker, &name->answer);
	}
}

/* What failed isn't kept: the next one asks again. */
static void answer(struct jw_question *question)
{
	struct jw_name *name = question->name;

	name->answer = (struct jw_name_answer){NULL, question->error, question->number};
	if (!question->error) {
		name->addresses = jw_xstrdup(question->addresses.ptr);
		name->answer.addresses = name->addresses;
		name->fresh_until = now_seconds() + FRESH_SECONDS;
	}
	/* Held as long as its askers are told. */
	tell_askers(name);
	name->question = NULL;
	jw_question_free(question);
}

static void on_answers(void *context, int fd, int what)
{
	struct jw_names *names = context;
	struct jw_question *question = jw_pool_answers(names->pool);

	(void)fd;
	(void)what;
	while (question) {
		struct jw_question *next = question->next;

		answer(question);
		question = next;
	}
}

static bool has_pool(struct jw_names *names)
{
	if (!names->pool)
		names->pool = jw_pool_new();
	if (names->pool && !names->watch) {
		names->watch = names->loop.watch(names->loop.self, jw_pool_fd(names->pool),
						 on_answers, names);
		names->loop.want(names->watch, JW_LOOP_READ);
	}
	return names->pool;
}

const struct jw_name_answer *jw_names_ask(struct jw_names *names, const char *host,
					  struct jw_name_asker *asker)
{
	static const struct jw_name_answer no_descriptor = {NULL, EAI_SYSTEM, EMFILE};
	static const struct jw_name_answer no_thread = {NULL, EAI_SYSTEM, EAGAIN};
	struct jw_name *name = find(names, host);

	if (name && !name->question)
		return &name->answer;
	if (!name && !has_pool(names))
		return &no_descriptor;
	if (!name) {
		name = name_new(names, host);
		if (!jw_pool_ask(names->pool, name->question)) {
			jw_question_free(name->question);
			name->question = NULL;
			return &no_thread;
		}
	}
	join(name, asker);
	return NULL;
}

void jw_names_leave(struct jw_names *names, struct jw_name_asker *asker)
{
	struct jw_name *name = asker->name;

	if (!name)
		return;
	part(asker);
	if (!name->askers && jw_pool_take_back(names->pool, name->question)) {
		jw_question_free(name->question);
		name->question = NULL;
	}
}

struct jw_names *jw_names_new(const struct jw_loop *loop)
{
	struct jw_names *names = jw_xcalloc(1, sizeof(*names));

	names->loop = *loop;
	return names;
}

void jw_names_free(struct jw_names *names)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (names->buckets[i]) {
			struct jw_name *name = names->buckets[i];

			names->buckets[i] = name->next;
			name_free(name);
		}
	}
	names->loop.unwatch(names->watch);
	if (names->pool)
		jw_pool_free(names->pool);
	free(names);
}
