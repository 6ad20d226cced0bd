/* SPDX-License-Identifier: MIT */
/* Host names turned into addresses by a bounded number of threads, each name by one of them at a time. */
#include "adapter/http_names.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* As long as libcurl keeps its own. */
#define FRESH_SECONDS 60
#define BUCKETS 1024
#define ADDRESSES_MAX 2048

/* What a thread is asked, and what it says. */
struct question {
	struct question *next;
	struct jw_name *name;
	struct jw_buf addresses;
	int error;
	int number;
	char host[];
};

struct jw_name {
	struct jw_name *next;
	struct jw_name_asker *askers;
	struct question *question; /* NULL: answered */
	struct jw_name_answer answer;
	char *addresses;
	time_t fresh_until;
	char host[];
};

/* What threads and the loop share; the last of them frees it. */
struct pool {
	pthread_mutex_t lock;
	struct question *waiting, **waiting_end;
	struct question *answered;
	int threads;
	int refs;
	int wake;
};

struct jw_names {
	struct jw_loop loop;
	struct pool *pool;
	struct jw_watch *watch;
	struct jw_name *buckets[BUCKETS];
};

static time_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Threads */

static void question_free(struct question *question)
{
	jw_buf_done(&question->addresses);
	free(question);
}

static void free_list(struct question *question)
{
	while (question) {
		struct question *next = question->next;

		question_free(question);
		question = next;
	}
}

/* Called with the lock held, which it gives back. */
static void pool_leave(struct pool *pool)
{
	bool is_last = !--pool->refs;

	pthread_mutex_unlock(&pool->lock);
	if (!is_last)
		return;
	free_list(pool->waiting);
	free_list(pool->answered);
	close(pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* An address with a scope (fe80::1%eth0) has no place in libcurl's list. */
static void add_address(struct jw_buf *list, const struct addrinfo *info)
{
	char text[NI_MAXHOST];
	size_t before = list->len;
	bool is_v6 = info->ai_family == AF_INET6;

	if (!is_v6 && info->ai_family != AF_INET)
		return;
	if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text), NULL, 0,
			NI_NUMERICHOST) ||
	    strchr(text, '%'))
		return;
	jw_buf_printf(list, is_v6 ? "%s[%s]" : "%s%s", before ? "," : "", text);
}

/* The resolver says "try again" where it got no socket. */
static int descriptor_errno(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE ? errno : 0;
	close(fd);
	return 0;
}

static void look_up(struct question *question)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	question->error = getaddrinfo(question->host, NULL, &hints, &found);
	if (question->error) {
		question->number = descriptor_errno();
		return;
	}
	for (const struct addrinfo *info = found; info; info = info->ai_next)
		add_address(&question->addresses, info);
	freeaddrinfo(found);
	if (!question->addresses.len)
		question->error = EAI_NONAME;
}

static struct question *pool_next(struct pool *pool)
{
	struct question *question = pool->waiting;

	if (!question)
		return NULL;
	pool->waiting = question->next;
	if (!pool->waiting)
		pool->waiting_end = &pool->waiting;
	question->next = NULL;
	return question;
}

static void wake(const struct pool *pool)
{
	const uint64_t one = 1;
	ssize_t ignored = write(pool->wake, &one, sizeof(one));

	(void)ignored;
}

static void *thread_main(void *context)
{
	struct pool *pool = context;
	struct question *question;

	pthread_mutex_lock(&pool->lock);
	while ((question = pool_next(pool))) {
		pthread_mutex_unlock(&pool->lock);
		look_up(question);
		pthread_mutex_lock(&pool->lock);
		question->next = pool->answered;
		pool->answered = question;
		wake(pool);
	}
	pool->threads--;
	pool_leave(pool);
	return NULL;
}

/* Without signals: those are the main thread's. */
static bool start_thread(struct pool *pool)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, thread_main, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return !error;
}

/* False: there is no thread at all that could answer. */
static bool pool_ask(struct pool *pool, struct question *question)
{
	bool is_asked = true;

	pthread_mutex_lock(&pool->lock);
	*pool->waiting_end = question;
	pool->waiting_end = &question->next;
	if (pool->threads < JW_NAMES_MAX) {
		pool->threads++;
		pool->refs++;
		if (!start_thread(pool)) {
			pool->refs--;
			is_asked = --pool->threads > 0;
			if (!is_asked)
				pool_next(pool);
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return is_asked;
}

static struct pool *pool_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pool *pool;

	if (fd < 0)
		return NULL;
	pool = jw_xcalloc(1, sizeof(*pool));
	pthread_mutex_init(&pool->lock, NULL);
	pool->waiting_end = &pool->waiting;
	pool->refs = 1;
	pool->wake = fd;
	return pool;
}

/* Names */

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
	struct question *question = jw_xcalloc(1, sizeof(*question) + len);

	memcpy(name->host, host, len);
	memcpy(question->host, host, len);
	jw_buf_init(&question->addresses, ADDRESSES_MAX);
	question->name = name;
	name->question = question;
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
static void answer(struct question *question)
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
	question_free(question);
}

static void on_answers(void *context, int fd, int what)
{
	struct jw_names *names = context;
	struct question *question;
	uint64_t count;
	ssize_t ignored = read(fd, &count, sizeof(count));

	(void)ignored;
	(void)what;
	pthread_mutex_lock(&names->pool->lock);
	question = names->pool->answered;
	names->pool->answered = NULL;
	pthread_mutex_unlock(&names->pool->lock);
	while (question) {
		struct question *next = question->next;

		answer(question);
		question = next;
	}
}

static bool has_pool(struct jw_names *names)
{
	if (!names->pool)
		names->pool = pool_new();
	if (names->pool && !names->watch) {
		names->watch = names->loop.watch(names->loop.self, names->pool->wake,
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
		if (!pool_ask(names->pool, name->question)) {
			question_free(name->question);
			name->question = NULL;
			return &no_thread;
		}
	}
	join(name, asker);
	return NULL;
}

/* Takes back what no thread has begun with. */
static void take_back(struct pool *pool, struct jw_name *name)
{
	struct question **place = &pool->waiting;

	pthread_mutex_lock(&pool->lock);
	while (*place && *place != name->question)
		place = &(*place)->next;
	if (*place) {
		*place = name->question->next;
		if (!*place)
			pool->waiting_end = place;
		question_free(name->question);
		name->question = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
}

void jw_names_leave(struct jw_names *names, struct jw_name_asker *asker)
{
	struct jw_name *name = asker->name;

	if (!name)
		return;
	part(asker);
	if (!name->askers)
		take_back(names->pool, name);
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
	if (names->pool) {
		pthread_mutex_lock(&names->pool->lock);
		free_list(names->pool->waiting);
		names->pool->waiting = NULL;
		pool_leave(names->pool);
	}
	free(names);
}
