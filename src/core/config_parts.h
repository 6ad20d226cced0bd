/* SPDX-License-Identifier: MIT */
/* What reading a configuration and building one on the command line have in common. */
#pragma once

#include "core/value.h"

/* Room for `count` targets and, one by one, for more. */
void jw_config_reserve(struct jw_config *config, size_t count);
/* A zeroed target with the fallbacks of every target. */
void jw_config_prototype(struct jw_load *load, struct jw_target *ret_target);
/* The target's check, and its own configuration with the fallbacks. */
void jw_config_give_check(struct jw_load *load, struct jw_target *target,
			  const struct jw_check *check);
const struct jw_key_entry *jw_config_key(const struct jw_config *config, struct jw_str name);
/* JW_CONFIG and which keys there are, where `name` is none of them. */
enum jw_cause jw_config_key_exists(const struct jw_config *config, struct jw_str name,
				   struct jw_err *err);
/* The row of an option that isn't the check's own; NULL: targets of this check (NULL: of any) have none. */
const struct jw_option *jw_config_shared_row(const struct jw_check *check, struct jw_str name);
/* JW_CONFIG where accepted_by names the server of an answer and the check has no answer. */
enum jw_cause jw_config_acceptance(const struct jw_target *target, struct jw_err *err);
/* JW_CONFIG where a certificate would be CRITICAL before it is WARNING. */
enum jw_cause jw_config_certificates(const struct jw_target *target, struct jw_err *err);
/* JW_CONFIG where no token can live long enough for min_lifetime and no longer than max_lifetime. */
enum jw_cause jw_config_lifetimes(const struct jw_target *target, struct jw_err *err);
/* Fills what of the target's expectations follows from its options. */
void jw_config_conclude(struct jw_target *target);
/* True for the row of jw_target_options whose field isn't what its type says. */
/* The check's option that /probe fills in; NULL: it has none. */
const struct jw_option *jw_config_url_row(const struct jw_check *check);
/* Whether an option of a target isn't one of a module, since who asks says it, or nobody can. */
bool jw_config_is_asked(const struct jw_option *option);
/* NULL, or what is wrong with a pattern of `allow`, a sentence. */
const char *jw_config_allow_problem(const char *pattern);
/* The target's config as it is for `url`, prepared; `target` stays as it is. JW_CONFIG and the sentence of prepare or of the
 * option. */
enum jw_cause jw_config_with_url(const struct jw_target *target, struct jw_str url,
				 struct jw_arena *arena, void **ret_config, struct jw_err *err);
bool jw_config_is_check_row(const struct jw_option *option);
/* A check's own option that names keys. */
bool jw_config_is_key_row(const struct jw_option *option);
const struct jw_option *jw_config_row(const struct jw_option *options, struct jw_str name);
