/* SPDX-License-Identifier: MIT */
/* Reading a secret from where the configuration says that it is. */
#include <string.h>

#include "core/dotenv.h"
#include "core/runner.h"

/* Of a .env file, which holds more than the one secret. */
#define ENV_FILE_MAX ((size_t)1 << 20)

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

static enum jw_cause from_env_file(const struct jw_secret *secret, const struct jw_files *files,
				   struct jw_buf *buf, struct jw_err *err)
{
	jw_autobuf struct jw_buf text = JW_BUF(ENV_FILE_MAX);
	struct jw_err unused;
	struct jw_err *sentence = err ? err : &unused;

	if (files->slurp(files->self, secret->value, &text, NULL, sentence))
		sentence->cause = JW_SECRET_MISSING;
	else if (!jw_dotenv_get(jw_buf_get(&text), jw_str_of(secret->name), buf, sentence))
		return JW_OK;
	jw_err_in(sentence, "variable %s of file %s", secret->name, secret->value);
	return JW_SECRET_MISSING;
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
	case JW_SECRET_ENV_FILE:
		return from_env_file(secret, files, buf, err);
	case JW_SECRET_PLAIN:
		break;
	}
	if (!jw_buf_text(buf, secret->value))
		return jw_fail(err, JW_SECRET_MISSING, "is too long");
	return JW_OK;
}
