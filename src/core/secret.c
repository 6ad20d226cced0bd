/* SPDX-License-Identifier: MIT */
/* Reading a secret from where the configuration says that it is. */
#include <string.h>

#include "core/runner.h"

static enum jw_cause from_file(const char *path, const struct jw_files *files,
			       struct jw_buf *buf, struct jw_err *err)
{
	if (files->slurp(files->self, path, buf, NULL, err)) {
		err->cause = JW_SECRET_MISSING;
		jw_err_in(err, "file %s", path);
		return JW_SECRET_MISSING;
	}
	/* Editors and echo end a file with a newline that nobody meant. */
	if (buf->len && buf->ptr[buf->len - 1] == '\n')
		buf->len--;
	if (buf->len && buf->ptr[buf->len - 1] == '\r')
		buf->len--;
	if (buf->ptr)
		buf->ptr[buf->len] = '\0';
	if (buf->len && memchr(buf->ptr, 0, buf->len))
		return jw_fail(err, JW_SECRET_MISSING, "file %s: holds a NUL byte", path);
	if (!buf->len)
		return jw_fail(err, JW_SECRET_MISSING, "file %s: is empty", path);
	return JW_OK;
}

static enum jw_cause from_env(const char *name, const struct jw_files *files,
			      struct jw_buf *buf, struct jw_err *err)
{
	const char *value = files->env(files->self, name);

	if (!value)
		return jw_fail(err, JW_SECRET_MISSING, "the environment has no variable %s",
			       name);
	if (!*value)
		return jw_fail(err, JW_SECRET_MISSING, "the environment variable %s is empty",
			       name);
	if (!jw_buf_text(buf, value))
		return jw_fail(err, JW_SECRET_MISSING,
			       "the environment variable %s is too long", name);
	return JW_OK;
}

static enum jw_cause from_credential(const char *name, const struct jw_files *files,
				     struct jw_buf *buf, struct jw_err *err)
{
	const char *folder = files->env(files->self, "CREDENTIALS_DIRECTORY");
	jw_autofree char *path = NULL;
	size_t size;

	if (!folder || !*folder)
		return jw_fail(err, JW_SECRET_MISSING,
			       "credential %s: $CREDENTIALS_DIRECTORY isn't set, which systemd "
			       "does for a unit with "
			       "LoadCredential=",
			       name);
	size = strlen(folder) + strlen(name) + 2;
	path = jw_xmalloc(size);
	memcpy(path, folder, strlen(folder));
	path[strlen(folder)] = '/';
	memcpy(path + strlen(folder) + 1, name, strlen(name) + 1);
	return from_file(path, files, buf, err);
}

enum jw_cause jw_secret_read(const struct jw_secret *secret, const struct jw_files *files,
			     struct jw_buf *buf, struct jw_err *err)
{
	switch (secret->kind) {
	case JW_SECRET_FILE:
		return from_file(secret->value, files, buf, err);
	case JW_SECRET_ENV:
		return from_env(secret->value, files, buf, err);
	case JW_SECRET_CREDENTIAL:
		return from_credential(secret->value, files, buf, err);
	case JW_SECRET_PLAIN:
		break;
	}
	if (!jw_buf_text(buf, secret->value))
		return jw_fail(err, JW_SECRET_MISSING, "is too long");
	return JW_OK;
}
