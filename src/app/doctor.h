/* SPDX-License-Identifier: MIT */
/* What the parts of the command doctor share: the targets that it makes of a configuration or of places, and why. */
#pragma once

#include "app/session.h"
#include "core/discover.h"
#include "core/doctor.h"
#include "core/env_sane.h"

/* What the key of the environment, or of a .env file, is called among the keys. */
#define JW_DOCTOR_KEY "LIVEKIT_API_KEY"

/* A target to look at by its number in the configuration, since targets move; or why there is nothing to look at. */
struct jw_doctor_item {
	struct jw_look look;
	size_t target;
	const char *name; /* where nothing is looked at */
	enum jw_cause cause;
	const char *says; /* NULL: the target is looked at */
};

struct jw_doctor {
	struct jw_session *session;
	struct jw_doctor_plan plan;
	struct jw_doctor_item *items;
	size_t item_count;
	struct jw_doctor_setting *settings;
	size_t setting_count;
	struct jw_search *search;   /* NULL: no files were looked through */
	bool has_places;	    /* given on the command line, without a configuration */
	const char *const *folders; /* in which .env files may be, NULL-ended */
	/* In the environment or a .env file; NULL: not there, or not to be used. */
	const char *env_url;
	bool has_env_key; /* then JW_DOCTOR_KEY is a key of the configuration */
	/* Why that pair isn't proved at env_url; NULL: it may be. */
	const char *env_apart;
};

/* Lives as long as the session. */
#define JW_DOCTOR_ARENA(doctor) (&(doctor)->session->arena)

/* Plans a target of the configuration for this step. */
struct jw_doctor_item *jw_doctor_look_at(struct jw_doctor *doctor, enum jw_doctor_step step,
					 size_t target);
/* Adds a target of a check with one option set; its number. The name is copied. JW_CONFIG and a sentence. */
enum jw_cause jw_doctor_target(struct jw_doctor *doctor, const char *check, const char *name,
			       const char *option, const char *value, size_t *ret_target,
			       struct jw_err *err);
/* Sets an option of a target where its check has it; a value that isn't taken leaves it as it was. */
bool jw_doctor_set(struct jw_doctor *doctor, size_t target, const char *option,
		   const char *value);
/* The URL that the target's check asks; NULL: none. */
const char *jw_doctor_url(const struct jw_target *target);
/* Has an endpoint asked as for this page (NULL: none), where that comes from elsewhere: a browser needs leave then. */
void jw_doctor_origin(struct jw_doctor *doctor, size_t target, const char *page);
/* Plans what is to be known of a server, and of a key pair there. `like`: a target whose certificates and time are
 * taken over, or SIZE_MAX. Each once. */
enum jw_cause jw_doctor_server(struct jw_doctor *doctor, const char *url, size_t like,
			       struct jw_err *err);
/* `issuer`: that of a key which names none; NULL: none is known, and then nothing is planned. */
enum jw_cause jw_doctor_pair(struct jw_doctor *doctor, const char *url, size_t like,
			     const char *key, const char *issuer, struct jw_err *err);
/* Why a step has nothing to look at; a constant, or in the arena. */
void jw_doctor_why_not(struct jw_doctor *doctor, enum jw_doctor_step step, const char *why);
/* The URL as it may be shown. */
const char *jw_doctor_masked(struct jw_doctor *doctor, const char *url);

/* Reads LIVEKIT_* from the environment and the folders' .env files, adds what was seen, and the key where it can be
 * used. `server`: the one that was named; NULL: none. */
void jw_doctor_env(struct jw_doctor *doctor, const char *server);
/* Whether the key of this name is one of LiveKit's pairs: its secret is there, and is one. */
bool jw_doctor_env_is_pair(struct jw_doctor *doctor, const char *name);
/* Adds what was seen of a key of the configuration, for this server (NULL: none is known). */
void jw_doctor_env_key(struct jw_doctor *doctor, const struct jw_key_entry *key,
		       const char *server);

/* Plans all that there is to look at. JW_CONFIG and a sentence where the words make no sense. */
enum jw_cause jw_doctor_from_config(struct jw_doctor *doctor, struct jw_err *err);
enum jw_cause jw_doctor_from_places(struct jw_doctor *doctor, struct jw_err *err);
bool jw_doctor_is_place(const char *word);

/* In app/doctor_files.c: a token in a file that isn't looked at itself. */
void jw_doctor_elsewhere(struct jw_doctor *doctor, const struct jw_discovery *discovery);
/* All have run: finds which page a served one should be a copy of, and newer tokens beside old ones. */
void jw_doctor_between(struct jw_session *session);
