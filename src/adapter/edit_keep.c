/* SPDX-License-Identifier: MIT */
/* What a new file must have of the old one: owner, group, mode, and extended attributes, which are the access control list
 * and labels too. All or an error: a page that its server may not read any more is worse than an old token. */
#include <errno.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adapter/edit_parts.h"

#define NAMES_MAX ((size_t)65536) /* as the kernel has it (XATTR_LIST_MAX) */
#define VALUE_MAX ((size_t)65536) /* XATTR_SIZE_MAX */

struct names {
	char *list; /* each ended by NUL */
	size_t len;
};

/* Sums over the content, which the kernel makes by itself (IMA, EVM): those of the old bytes would be wrong. */
static bool is_of_content(const char *name)
{
	return !strcmp(name, "security.ima") || !strcmp(name, "security.evm");
}

static enum jw_cause list(int fd, struct names *ret_names, struct jw_err *err)
{
	char *names = jw_xcalloc(1, NAMES_MAX);
	ssize_t len = flistxattr(fd, names, NAMES_MAX);

	if (len < 0 && errno != ENOTSUP && errno != ENOSYS) {
		free(names);
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "its extended attributes can't be listed: %s",
			       strerrordesc_np(errno));
	}
	*ret_names = (struct names){names, len > 0 ? (size_t)len : 0};
	return JW_OK;
}

static bool has(const struct names *names, const char *name)
{
	for (const char *at = names->list; at < names->list + names->len; at += strlen(at) + 1)
		if (!strcmp(at, name))
			return true;
	return false;
}

static bool is_same(int fd, const char *name, const char *value, size_t len)
{
	jw_autofree char *other = jw_xcalloc(1, VALUE_MAX);
	ssize_t got = fgetxattr(fd, name, other, VALUE_MAX);

	return got >= 0 && (size_t)got == len && !memcmp(other, value, len);
}

/* Setting a label often isn't allowed, and often it is there already. */
static enum jw_cause copy_one(int from, int to, const char *name, struct jw_err *err)
{
	jw_autofree char *value = jw_xcalloc(1, VALUE_MAX);
	ssize_t len = fgetxattr(from, name, value, VALUE_MAX);

	if (len < 0)
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "its extended attribute %s can't be read: %s", name,
			       strerrordesc_np(errno));
	if (is_same(to, name, value, (size_t)len) ||
	    !fsetxattr(to, name, value, (size_t)len, 0))
		return JW_OK;
	return jw_fail(err, JW_RENEWAL_FAILED,
		       "a new file can't keep its extended attribute %s: %s", name,
		       strerrordesc_np(errno));
}

static enum jw_cause copy_all(int from, int to, const struct names *names, struct jw_err *err)
{
	for (const char *at = names->list; at < names->list + names->len; at += strlen(at) + 1)
		if (!is_of_content(at) && copy_one(from, to, at, err))
			return err->cause;
	return JW_OK;
}

/* A folder gives new files what the old one hasn't, such as its default access control list. */
static enum jw_cause drop_others(int to, const struct names *names, struct jw_err *err)
{
	struct names now;
	enum jw_cause cause = list(to, &now, err);

	if (cause)
		return cause;
	for (const char *at = now.list; at < now.list + now.len && !cause; at += strlen(at) + 1)
		if (!has(names, at) && !is_of_content(at) && fremovexattr(to, at))
			cause = jw_fail(err, JW_RENEWAL_FAILED,
					"a new file there has an extended attribute %s, which "
					"can't be taken from it: %s",
					at, strerrordesc_np(errno));
	free(now.list);
	return cause;
}

static enum jw_cause keep_owner(int to, const struct stat *st, struct jw_err *err)
{
	struct stat now;

	if (!fstat(to, &now) && now.st_uid == st->st_uid && now.st_gid == st->st_gid)
		return JW_OK;
	if (!fchown(to, st->st_uid, st->st_gid))
		return JW_OK;
	return jw_fail(
		err, JW_RENEWAL_FAILED,
		"uid %u can't give a new file to its owner %u and group %u: renew as that "
		"user, or write: in_place",
		(unsigned)geteuid(), (unsigned)st->st_uid, (unsigned)st->st_gid);
}

/* After the list of access, of which the group's bits are a part; and a change of owner takes away set-user-ID. */
static enum jw_cause keep_mode(int to, const struct stat *st, struct jw_err *err)
{
	struct stat now;

	if (!fchmod(to, st->st_mode & 07777) && !fstat(to, &now) &&
	    (now.st_mode & 07777) == (st->st_mode & 07777))
		return JW_OK;
	return jw_fail(err, JW_RENEWAL_FAILED, "a new file can't have its mode %04o",
		       (unsigned)st->st_mode & 07777);
}

enum jw_cause jw_edit_keep(int from, int to, const struct stat *st, struct jw_err *err)
{
	struct names names;
	enum jw_cause cause = list(from, &names, err);

	if (cause)
		return cause;
	cause = keep_owner(to, st, err);
	if (!cause)
		cause = drop_others(to, &names, err);
	if (!cause)
		cause = copy_all(from, to, &names, err);
	if (!cause)
		cause = keep_mode(to, st, err);
	free(names.list);
	return cause;
}
