/* SPDX-License-Identifier: MIT */
/* What the daemon remembers of each target: its last facts, since when its state holds, rotations, transitions. */
#pragma once

#include "core/numbers.h"
#include "core/pack.h"

#define JW_TRANSITIONS_MAX 20

struct jw_transition {
	int64_t at; /* Unix time */
	enum jw_state state;
	enum jw_cause cause;
};

/* One target's memory. Read by outputs, written by the monitor only. What pages of metrics show stands together. */
struct jw_record {
	const struct jw_target *target;
	uint64_t checks;
	uint64_t check_failures; /* of these, those without check_success */
	int64_t last_success;	 /* Unix time; 0: none yet */
	int64_t since;		 /* Unix time at which `state` began; 0: unknown */
	int64_t first_seen;	 /* of the token that stands there now */
	uint64_t rotations;
	struct jw_numbers *numbers;
	/* Of the last result; `has_result` false: it wasn't checked yet. */
	bool has_result;
	enum jw_state state : 8;
	enum jw_cause cause : 8;
	/* The token. */
	bool has_digest;
	bool is_repeated; /* the last two runs met the same */
	/* What was told to sinks of changes. */
	bool was_told;
	enum jw_state told : 8;
	bool has_copies;   /* other targets are same_as this one */
	bool is_taken;	   /* inside jw_monitor_configure only */
	uint32_t failing;  /* results in a row that failed in transport */
	uint32_t schedule; /* the owner's: the scheduler's id */
	void *owner;
	int64_t checked_at; /* Unix time */
	int64_t checked_boot_ms;
	int64_t duration_ms;
	int64_t last_ok; /* Unix time of the last OK; 0: never seen */
	struct jw_pack *facts;
	/* same_as: since when the two differ; 0: they don't, as far as is known. */
	int64_t differs_since;
	unsigned char digest[32];
	/* The last ones, the oldest first. */
	struct jw_transition *transitions;
	uint32_t transition_count;
};

struct jw_monitor;

/* What of the world's clock a monitor needs comes with each call. */
struct jw_monitor *jw_monitor_new(const struct jw_crypto *crypto);
void jw_monitor_free(struct jw_monitor *monitor);

/* The enabled targets of a configuration, in its order, in place of those that were there. Those of the same name and
 * source keep their memory, and the owner has them judged again by what is expected now (jw_monitor_judge); the others are
 * new, or gone: `gone` is called for each of these first, then `kept` or `added` for the others. The
 * configuration must live until the next call has returned. */
struct jw_monitor_changes {
	void *context;
	void (*gone)(void *context, struct jw_record *record);
	void (*kept)(void *context, struct jw_record *record);
	void (*added)(void *context, struct jw_record *record);
};
void jw_monitor_configure(struct jw_monitor *monitor, const struct jw_config *config,
			  const struct jw_monitor_changes *changes);

size_t jw_monitor_count(const struct jw_monitor *monitor);
struct jw_record *jw_monitor_at(struct jw_monitor *monitor, size_t index);
struct jw_record *jw_monitor_find(const struct jw_monitor *monitor, struct jw_str name);

/* A result of the record's target, whose facts are joined by what is remembered and judged again. What is told of it is in
 * *result afterwards. */
struct jw_monitor_news {
	bool state_changed;
	bool token_changed; /* another token than before stands there */
	int64_t change_at;  /* wall second; JW_NEVER */
	bool is_failing;    /* CRITICAL or UNKNOWN: checked again after retry_interval */
	bool is_suspect;    /* it timed out */
	bool is_due_to_tell; /* those who are told of changes are told now: of the state `before`, or the first */
	bool is_first;
	enum jw_state before;
};
void jw_monitor_take(struct jw_monitor *monitor, struct jw_record *record,
		     struct jw_result *result, const struct jw_times *now,
		     struct jw_monitor_news *ret_news);
/* The record's facts judged again, as after a change of what is expected or of its peer. Only where has_result. The caller
 * calls jw_result_done. */
void jw_monitor_judge(struct jw_monitor *monitor, struct jw_record *record,
		      const struct jw_times *now, struct jw_result *ret_result,
		      struct jw_monitor_news *ret_news);
/* Targets that must hold the same token as this one (same_as): they are to be judged again when its token has changed. */
void jw_monitor_each_copy(struct jw_monitor *monitor, const struct jw_record *record,
			  void (*each)(void *context, struct jw_record *copy), void *context);

/* What there is to tell of a record at one moment, whatever becomes of the record then: whoever has it may judge it later,
 * and in a thread. The configuration must live as long. */
struct jw_still {
	struct jw_record record; /* a copy, without numbers, transitions and owner */
	const struct jw_crypto *crypto;
	bool has_peer;
	struct jw_peer peer;
	int64_t stale_for;
};
/* Where the monitor lives: made, and done with. */
void jw_monitor_still(const struct jw_monitor *monitor, const struct jw_record *record,
		      const struct jw_times *now, struct jw_still *ret_still);
void jw_still_done(struct jw_still *still); /* takes {0} */
/* The result as of `as_of`, judged again, without a check; one that is too old is stale, one that isn't there
 * yet UNKNOWN. Borrows from the still. The caller calls jw_result_done. */
void jw_still_result(const struct jw_still *still, int64_t as_of, struct jw_result *ret_result);

/* The memory as text (JSON), and back. Of a token its SHA-256 is in it and nothing else. JW_CONFIG
 * and a sentence where it can't be understood: then nothing is remembered. What a clock that was ahead has written is taken
 * as of now: *ret_ahead is by how many seconds at most, 0 where nothing lies in the future. */
void jw_monitor_save(const struct jw_monitor *monitor, int64_t now, struct jw_buf *buf);
enum jw_cause jw_monitor_load(struct jw_monitor *monitor, struct jw_str text, int64_t now,
			      int64_t *ret_ahead, struct jw_err *err);
