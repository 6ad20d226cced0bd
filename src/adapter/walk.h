/* SPDX-License-Identifier: MIT */
/* A walk through folders, for jw_files.walk. */
#pragma once

#include "contract/files.h"

void jw_adapter_walk(void *self, const char *path, const struct jw_visitor *visitor,
		     struct jw_walked *walked);
enum jw_cause jw_adapter_absolute(void *self, const char *path, struct jw_buf *to,
				  struct jw_err *err);
