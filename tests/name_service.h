/* SPDX-License-Identifier: MIT */
/* A name service for tests of the HTTP module, in the place of the C library's: some names have no answer. */
#pragma once

#include "http_server.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>

/* Names that end in ".dead.test" have no answer until service_mend; "good.test" and
 * its like have one. What else there is goes to the system's. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_mended;
	int running;
	int most;
	int asked;
} service = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static inline bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len >= strlen(end) && !strcmp(name + len - strlen(end), end);
}

static inline void wait_for_service(void)
{
	pthread_mutex_lock(&service.lock);
	service.running++;
	if (service.running > service.most)
		service.most = service.running;
	pthread_cond_broadcast(&service.changed);
	while (!service.is_mended)
		pthread_cond_wait(&service.changed, &service.lock);
	service.running--;
	pthread_cond_broadcast(&service.changed);
	pthread_mutex_unlock(&service.lock);
}

static inline void service_break(void)
{
	pthread_mutex_lock(&service.lock);
	service.is_mended = false;
	service.most = 0;
	pthread_mutex_unlock(&service.lock);
}

/* ... and waits for those that hung. */
static inline void service_mend(void)
{
	pthread_mutex_lock(&service.lock);
	service.is_mended = true;
	pthread_cond_broadcast(&service.changed);
	while (service.running)
		pthread_cond_wait(&service.changed, &service.lock);
	pthread_mutex_unlock(&service.lock);
}

/* Until so many lookups hang. */
static inline void service_wait(int count)
{
	pthread_mutex_lock(&service.lock);
	while (service.running < count)
		pthread_cond_wait(&service.changed, &service.lock);
	pthread_mutex_unlock(&service.lock);
}

static inline int service_most(void)
{
	int most;

	pthread_mutex_lock(&service.lock);
	most = service.most;
	pthread_mutex_unlock(&service.lock);
	return most;
}

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *port, const struct addrinfo *hints,
		struct addrinfo **found)
{
	resolver *real = (resolver *)(uintptr_t)dlsym(RTLD_NEXT, "getaddrinfo");

	if (!node || !ends_in(node, ".test"))
		return real(node, port, hints, found);
	pthread_mutex_lock(&service.lock);
	service.asked++;
	pthread_mutex_unlock(&service.lock);
	if (ends_in(node, ".dead.test")) {
		wait_for_service();
		return EAI_AGAIN;
	}
	if (ends_in(node, "again.test"))
		return EAI_AGAIN;
	if (ends_in(node, "unknown.test"))
		return EAI_NONAME;
	return real("127.0.0.1", port, hints, found);
}

/* How late the latest turn of the loop comes. */
struct pulse {
	struct bench *bench;
	struct jw_timer *timer;
	int64_t due_ms;
	int64_t latest_ms;
};

static inline void beat(void *context)
{
	struct pulse *pulse = context;
	int64_t now = jw_adapter_clock.monotonic_ms(NULL);

	if (pulse->due_ms && now - pulse->due_ms > pulse->latest_ms)
		pulse->latest_ms = now - pulse->due_ms;
	pulse->due_ms = now + 5;
	pulse->bench->loop.arm(pulse->timer, 5);
}

static inline void pulse_begin(struct pulse *pulse, struct bench *bench)
{
	*pulse = (struct pulse){.bench = bench};
	pulse->timer = bench->loop.timer(bench->loop.self, beat, pulse);
	bench->loop.arm(pulse->timer, 0);
}

static inline void pulse_end(struct pulse *pulse)
{
	pulse->bench->loop.timer_free(pulse->timer);
}
