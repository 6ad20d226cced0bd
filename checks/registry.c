/* SPDX-License-Identifier: MIT */
/* The list of the checks. */
#include "contract/check.h"

extern const struct jw_check jw_check_html_file;
extern const struct jw_check jw_check_token_endpoint;
extern const struct jw_check jw_check_livekit;
extern const struct jw_check jw_check_command;

const struct jw_check *const jw_checks[] = {
	&jw_check_html_file,
	&jw_check_token_endpoint,
	&jw_check_livekit,
	&jw_check_command,
	NULL,
};

const struct jw_check *jw_check_by_name(struct jw_str name)
{
	for (size_t i = 0; jw_checks[i]; i++)
		if (jw_str_is(name, jw_checks[i]->name))
			return jw_checks[i];
	return NULL;
}
