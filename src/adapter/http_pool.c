/* SPDX-License-Identifier: MIT */
/* A bounded number of threads that look up host names. */
#include "adapter/http_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter/http_names.h"
#include "adapter/thread.h"
#include "base/mem.h"

#define ADDRESSES_MAX 2048

/* What threads and the loop share; the last of them frees it. */
struct jw_pool {
	pthread_mutex_t lock;
	struct jw_question *waiting, **waiting_end;
	struct jw_question *answered;
	int threads;
	int refs;
	int wake;
};

struct jw_question *jw_question_new(struct jw_name *name, const char *host)
{
	size_t len = strlen(host) + 1;
	struct jw_question *question = jw_xcalloc(1, sizeof(*question) + len);

	memcpy(question->host, host, len);
	jw_buf_init(&question->addresses, ADDRESSES_MAX);
	question->name = name;
	return question;
}

void jw_question_free(struct jw_question *question)
{
	jw_buf_done(&question->addresses);
	free(question);
}

static void free_list(struct jw_question *question)
{
	while (question) {
		struct jw_question *next = question->next;

		jw_question_free(question);
		question = next;
	}
}

/* Called with the lock held, which it gives back. */
static void pool_leave(struct jw_pool *pool)
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

static void look_up(struct jw_question *question)
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

static struct jw_question *pool_next(struct jw_pool *pool)
{
	struct jw_question *question = pool->waiting;

	if (!question)
		return NULL;
	pool->waiting = question->next;
	if (!pool->waiting)
		pool->waiting_end = &pool->waiting;
	question->next = NULL;
	return question;
}

static void wake(const struct jw_pool *pool)
{
	const uint64_t one = 1;
	ssize_t ignored = write(pool->wake, &one, sizeof(one));

	(void)ignored;
}

static void *thread_main(void *context)
{
	struct jw_pool *pool = context;
	struct jw_question *question;

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

bool jw_pool_ask(struct jw_pool *pool, struct jw_question *question)
{
	bool is_asked = true;

	pthread_mutex_lock(&pool->lock);
	*pool->waiting_end = question;
	pool->waiting_end = &question->next;
	if (pool->threads < JW_NAMES_MAX) {
		pool->threads++;
		pool->refs++;
		if (!jw_thread_start(thread_main, pool, 0, JW_THREAD_DETACHED)) {
			pool->refs--;
			is_asked = --pool->threads > 0;
			if (!is_asked)
				pool_next(pool);
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return is_asked;
}

struct jw_pool *jw_pool_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct jw_pool *pool;

	if (fd < 0)
		return NULL;
	pool = jw_xcalloc(1, sizeof(*pool));
	pthread_mutex_init(&pool->lock, NULL);
	pool->waiting_end = &pool->waiting;
	pool->refs = 1;
	pool->wake = fd;
	return pool;
}

int jw_pool_fd(const struct jw_pool *pool)
{
	return pool->wake;
}

bool jw_pool_take_back(struct jw_pool *pool, const struct jw_question *question)
{
	struct jw_question **place = &pool->waiting;
	bool is_there;

	pthread_mutex_lock(&pool->lock);
	while (*place && *place != question)
		place = &(*place)->next;
	is_there = *place;
	if (is_there) {
		*place = question->next;
		if (!*place)
			pool->waiting_end = place;
	}
	pthread_mutex_unlock(&pool->lock);
	return is_there;
}

struct jw_question *jw_pool_answers(struct jw_pool *pool)
{
	struct jw_question *answers;
	uint64_t count;
	ssize_t ignored = read(pool->wake, &count, sizeof(count));

	(void)ignored;
	pthread_mutex_lock(&pool->lock);
	answers = pool->answered;
	pool->answered = NULL;
	pthread_mutex_unlock(&pool->lock);
	return answers;
}

void jw_pool_free(struct jw_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	free_list(pool->waiting);
	pool->waiting = NULL;
	pool->waiting_end = &pool->waiting;
	pool_leave(pool);
}
