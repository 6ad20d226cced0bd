/* SPDX-License-Identifier: MIT */
/* Host names turned into addresses by threads of our own: libcurl starts one a lookup, tells nobody when it ends,
 * and can't say whether a name doesn't exist or its service doesn't answer. */
#pragma once

#include "contract/loop.h"

/* Lookups that run at once; others wait for one of them to end. */
#define JW_NAMES_MAX 64

struct jw_names;
struct jw_name;

struct jw_name_answer {
	const char *addresses; /* "192.0.2.1,[2001:db8::1]"; NULL: none, because of: */
	int error;	       /* EAI_* of getaddrinfo */
	int number; /* errno where it is EMFILE, ENFILE or EAGAIN (no thread), else 0 */
};

/* Stands in what asks. */
struct jw_name_asker {
	struct jw_name *name; /* NULL: it asks for nothing now */
	struct jw_name_asker *next, **back;
	/* From inside the loop's run only; the answer is borrowed for the call. It asks for nothing any more. */
	void (*known)(struct jw_name_asker *asker, const struct jw_name_answer *answer);
};

struct jw_names *jw_names_new(const struct jw_loop *loop);
/* Nobody asks any more. Lookups that still run end by themselves. */
void jw_names_free(struct jw_names *names);

/* An answer where there is a fresh one (borrowed until the next call); else NULL, and asker->known is called. */
const struct jw_name_answer *jw_names_ask(struct jw_names *names, const char *host,
					  struct jw_name_asker *asker);
/* It wants no answer any more, if it does. */
void jw_names_leave(struct jw_names *names, struct jw_name_asker *asker);
