/* SPDX-License-Identifier: MIT */
/* Puts other bytes into a file that is there: a new file beside takes its place in one step, and the old one waits until
 * all is proved. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapter/edit_parts.h"
#include "adapter/files_parts.h"

#define NAME_BYTES ((size_t)65536)
#define READ_TRIES 3

enum stage {
	STAGE_READ,
	STAGE_PREPARED,
	STAGE_EXCHANGED,
	STAGE_LINKED,
	STAGE_THEIRS, /* what lies beside is somebody else's */
	STAGE_IN_PLACE
};

struct jw_edit {
	struct jw_edit_place place;
	enum jw_edit_way way;
	enum stage stage;
	int lock;
	int file; /* the old one */
	struct stat was;
	struct stat is; /* what we put there, once we did */
	bool is_whole;	/* of a file written in place: nothing failed on the way */
	struct jw_buf bytes;
	struct jw_buf content; /* for JW_EDIT_IN_PLACE: what `commit` writes */
	struct jw_buf
		new_name; /* beside: the new file, and once they are exchanged the old one */
	struct jw_buf
		old_name; /* beside: a second name of the old one where a file system can't exchange */
};

static enum jw_cause failed(const char *what, int number, struct jw_err *err)
{
	return jw_fail(err, JW_RENEWAL_FAILED, "%s: %s", what, strerrordesc_np(number));
}

/* Nobody wrote there: the times of attributes are left out, since a second name changes them. */
static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool is_there(const struct jw_edit *edit, const char *name, const struct stat *expected)
{
	struct stat st;

	return !fstatat(edit->place.folder, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       is_unchanged(&st, expected);
}

/* Half of what another one is writing isn't what is to be changed. */
static enum jw_cause read_whole(struct jw_edit *edit, size_t max, struct jw_err *err)
{
	struct stat after;

	for (int i = 0; i < READ_TRIES; i++) {
		jw_buf_done(&edit->bytes);
		jw_buf_init(&edit->bytes, max);
		jw_buf_text(&edit->bytes, "");
		if (fstat(edit->file, &edit->was))
			return jw_fail(err, JW_FILE_UNREADABLE, "%s", strerrordesc_np(errno));
		if (jw_edit_read(edit->file, &edit->bytes, err))
			return err->cause;
		if (!fstat(edit->file, &after) && is_unchanged(&edit->was, &after))
			return JW_OK;
	}
	return jw_fail(err, JW_FILE_UNREADABLE, "is being written by somebody else");
}

static bool is_mounted(const struct jw_edit *edit)
{
	struct statx st;

	return !statx(edit->place.folder, edit->place.name, AT_SYMLINK_NOFOLLOW, 0, &st) &&
	       st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT &&
	       st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* What would only be met once it is too late. */
static enum jw_cause check_replaceable(const struct jw_edit *edit, struct jw_err *err)
{
	if (edit->way == JW_EDIT_IN_PLACE)
		return JW_OK;
	if (is_mounted(edit))
		return jw_fail(
			err, JW_RENEWAL_FAILED,
			"is mounted by itself, so no other file can take its place: mount "
			"its folder, or write: in_place");
	if (edit->was.st_nlink > 1)
		return jw_fail(
			err, JW_RENEWAL_FAILED,
			"has %llu names (hard links), and a new file would have this one "
			"only: write: in_place",
			(unsigned long long)edit->was.st_nlink);
	return JW_OK;
}

static enum jw_cause open_file(struct jw_edit *edit, struct jw_err *err)
{
	int access = edit->way == JW_EDIT_IN_PLACE ? O_RDWR : O_RDONLY;
	struct stat st;

	edit->file = openat(edit->place.folder, edit->place.name,
			    access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (edit->file < 0 && errno == ENOENT)
		return jw_fail(err, JW_FILE_MISSING, "isn't there");
	if (edit->file < 0)
		return jw_fail(err, JW_FILE_UNREADABLE, "uid %u can't open it%s: %s",
			       (unsigned)geteuid(),
			       edit->way == JW_EDIT_IN_PLACE ? " for writing" : "",
			       strerrordesc_np(errno));
	if (!fstat(edit->file, &st) && S_ISREG(st.st_mode))
		return JW_OK;
	return jw_fail(err, JW_FILE_UNREADABLE, "isn't a regular file");
}

/* What isn't known as it lies beside somebody wrote, such as who had the page open all the while: it gets a name that no
 * other renewal clears away. */
static enum jw_cause keep_theirs(const struct jw_edit *edit, const char *beside,
				 struct jw_err *err)
{
	jw_autobuf struct jw_buf name = JW_BUF(NAME_BYTES);
	char word[64];
	struct stat st;

	if (fstatat(edit->place.folder, beside, &st, AT_SYMLINK_NOFOLLOW))
		return JW_OK;
	snprintf(word, sizeof(word), "kept-%llu", (unsigned long long)st.st_ino);
	jw_edit_beside(&edit->place, word, &name);
	if (!linkat(edit->place.folder, beside, edit->place.folder, name.ptr, 0)) {
		unlinkat(edit->place.folder, beside, 0);
		beside = name.ptr;
	}
	return jw_fail(
		err, JW_RENEWAL_FAILED,
		"was written by somebody else meanwhile; what they wrote stays beside it "
		"as %s",
		beside);
}

static enum jw_cause clear_one(const struct jw_edit *edit, const char *beside,
			       const struct stat *expected, struct jw_err *err)
{
	if (!is_there(edit, beside, expected))
		return keep_theirs(edit, beside, err);
	unlinkat(edit->place.folder, beside, 0);
	return JW_OK;
}

static enum jw_cause clear(const struct jw_edit *edit, struct jw_err *err)
{
	switch (edit->stage) {
	case STAGE_PREPARED:
		return clear_one(edit, edit->new_name.ptr, &edit->is, err);
	case STAGE_EXCHANGED:
		return clear_one(edit, edit->new_name.ptr, &edit->was, err);
	case STAGE_LINKED:
		return clear_one(edit, edit->old_name.ptr, &edit->was, err);
	case STAGE_THEIRS:
		return keep_theirs(edit, edit->new_name.ptr, err);
	case STAGE_READ:
	case STAGE_IN_PLACE:
		break;
	}
	return JW_OK;
}

static enum jw_cause edit_end(struct jw_edit *edit, struct jw_err *err)
{
	enum jw_cause cause;

	if (!edit)
		return JW_OK;
	cause = clear(edit, err);
	if (edit->lock >= 0)
		jw_edit_unlock(&edit->place, edit->lock);
	if (edit->file >= 0)
		close(edit->file);
	jw_edit_place_close(&edit->place);
	jw_buf_done(&edit->bytes);
	jw_buf_done(&edit->content);
	jw_buf_done(&edit->new_name);
	jw_buf_done(&edit->old_name);
	free(edit);
	return cause;
}

static enum jw_cause begin_locked(struct jw_edit *edit, const struct jw_edit_request *request,
				  struct jw_err *err)
{
	enum jw_cause cause = open_file(edit, err);

	if (cause)
		return cause;
	edit->lock = jw_edit_lock(&edit->place, err);
	if (edit->lock < 0)
		return err->cause;
	cause = read_whole(edit, request->max, err);
	if (cause)
		return cause;
	/* Of one that was opened just before another renewal put its own there. */
	if (!is_there(edit, edit->place.name, &edit->was))
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "somebody else replaced it just now: try again");
	return check_replaceable(edit, err);
}

static enum jw_cause edit_begin(void *self, const struct jw_edit_request *request,
				struct jw_edit **ret_edit, struct jw_err *err)
{
	struct jw_edit_place place;
	enum jw_cause cause = jw_edit_place_open(request->path, request->root, &place, err);
	struct jw_edit *edit;

	(void)self;
	if (cause)
		return cause;
	edit = jw_xcalloc(1, sizeof(*edit));
	*edit = (struct jw_edit){.place = place,
				 .way = request->way,
				 .lock = -1,
				 .file = -1,
				 .bytes = JW_BUF(request->max),
				 .content = JW_BUF(SIZE_MAX / 2),
				 .new_name = JW_BUF(NAME_BYTES),
				 .old_name = JW_BUF(NAME_BYTES)};
	jw_edit_beside(&edit->place, "new", &edit->new_name);
	jw_edit_beside(&edit->place, "old", &edit->old_name);
	cause = begin_locked(edit, request, err);
	if (cause)
		edit_end(edit, NULL);
	else
		*ret_edit = edit;
	return cause;
}

static struct jw_str edit_bytes(const struct jw_edit *edit)
{
	return jw_buf_get(&edit->bytes);
}

static const char *edit_path(const struct jw_edit *edit)
{
	return edit->place.path.ptr;
}

static enum jw_cause fill(const struct jw_edit *edit, int fd, struct jw_str content,
			  struct jw_err *err)
{
	enum jw_cause cause = jw_edit_write(fd, content, err);

	if (!cause)
		cause = jw_edit_keep(edit->file, fd, &edit->was, err);
	if (!cause && fsync(fd))
		cause = failed("a new file can't be written", errno, err);
	return cause;
}

/* What a run left that was killed is ours, as the lock is. */
static void clear_beside(const struct jw_edit *edit)
{
	unlinkat(edit->place.folder, edit->new_name.ptr, 0);
	unlinkat(edit->place.folder, edit->old_name.ptr, 0);
}

static enum jw_cause prepare_beside(struct jw_edit *edit, struct jw_str content,
				    struct jw_err *err)
{
	enum jw_cause cause;
	int fd;

	clear_beside(edit);
	fd = openat(edit->place.folder, edit->new_name.ptr,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed("no file can be made beside it", errno, err);
	edit->stage = STAGE_PREPARED;
	cause = fill(edit, fd, content, err);
	if (fstat(fd, &edit->is) && !cause)
		cause = failed("a new file can't be looked at", errno, err);
	/* Some file systems say only now that there is no room. */
	if (close(fd) && !cause)
		cause = failed("a new file can't be written", errno, err);
	return cause;
}

/* Room for all of it, so that no half is written; where a file system can't say, we'll see. It counts as a change of the
 * file, which is ours then. */
static enum jw_cause reserve(struct jw_edit *edit, off_t size, struct jw_err *err)
{
	bool is_ours = is_there(edit, edit->place.name, &edit->was);

	if (fallocate(edit->file, FALLOC_FL_KEEP_SIZE, 0, size)) {
		if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
			return failed("there is no room for the new content", errno, err);
		return JW_OK;
	}
	if (is_ours && fstat(edit->file, &edit->was))
		return failed("can't be looked at", errno, err);
	return JW_OK;
}

static enum jw_cause prepare_in_place(struct jw_edit *edit, struct jw_str content,
				      struct jw_err *err)
{
	if (content.len > edit->bytes.len && reserve(edit, (off_t)content.len, err))
		return err->cause;
	jw_buf_clear(&edit->content);
	jw_buf_str(&edit->content, content);
	return JW_OK;
}

static enum jw_cause edit_prepare(struct jw_edit *edit, struct jw_str content,
				  struct jw_err *err)
{
	return edit->way == JW_EDIT_IN_PLACE ? prepare_in_place(edit, content, err)
					     : prepare_beside(edit, content, err);
}

static enum jw_cause changed(struct jw_err *err)
{
	return jw_fail(err, JW_RENEWAL_FAILED,
		       "somebody else changed it meanwhile; what they wrote stays");
}

static int exchange(const struct jw_edit *edit)
{
	return renameat2(edit->place.folder, edit->new_name.ptr, edit->place.folder,
			 edit->place.name, RENAME_EXCHANGE);
}

/* Where two names can't be exchanged: whoever writes in between a look and the rename is lost, which is why this comes
 * second. */
static enum jw_cause commit_linked(struct jw_edit *edit, struct jw_err *err)
{
	int folder = edit->place.folder;

	if (linkat(folder, edit->place.name, folder, edit->old_name.ptr, 0))
		return failed("the old file can't be kept while the new one is proved", errno,
			      err);
	if (renameat(folder, edit->new_name.ptr, folder, edit->place.name)) {
		enum jw_cause cause = failed("can't be replaced", errno, err);

		unlinkat(folder, edit->old_name.ptr, 0);
		return cause;
	}
	edit->stage = STAGE_LINKED;
	return JW_OK;
}

/* The two names are exchanged, which was right where what came out is `out`. Else it goes back, unless another one took
 * the place of `in` since: the newest stays there, and the other one beside. */
static enum jw_cause settle(struct jw_edit *edit, const struct stat *in, const struct stat *out,
			    enum stage back, struct jw_err *err)
{
	if (is_there(edit, edit->new_name.ptr, out)) {
		edit->stage = back == STAGE_PREPARED ? STAGE_EXCHANGED : STAGE_PREPARED;
		return JW_OK;
	}
	edit->stage = STAGE_THEIRS;
	if (is_there(edit, edit->place.name, in) && !exchange(edit)) {
		if (is_there(edit, edit->new_name.ptr, in))
			edit->stage = back;
		else
			exchange(edit);
	}
	return changed(err);
}

static enum jw_cause commit_beside(struct jw_edit *edit, struct jw_err *err)
{
	if (!exchange(edit))
		return settle(edit, &edit->is, &edit->was, STAGE_PREPARED, err);
	if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP)
		return commit_linked(edit, err);
	return failed("can't be replaced", errno, err);
}

static enum jw_cause overwrite(const struct jw_edit *edit, struct jw_str content,
			       struct jw_err *err)
{
	enum jw_cause cause = jw_edit_write(edit->file, content, err);

	if (!cause && ftruncate(edit->file, (off_t)content.len))
		cause = failed("can't be cut to its new length", errno, err);
	if (!cause && fsync(edit->file))
		cause = failed("can't be written", errno, err);
	return cause;
}

static enum jw_cause commit_in_place(struct jw_edit *edit, struct jw_err *err)
{
	enum jw_cause cause;

	edit->stage = STAGE_IN_PLACE;
	cause = overwrite(edit, jw_buf_get(&edit->content), err);
	edit->is_whole = !cause && !fstat(edit->file, &edit->is);
	return cause;
}

static enum jw_cause edit_commit(struct jw_edit *edit, struct jw_err *err)
{
	enum jw_cause cause;

	if (!jw_edit_is_locked(&edit->place, edit->lock))
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "somebody took away the lock, the file .%s.jwtwatch-lock",
			       edit->place.name);
	if (!is_there(edit, edit->place.name, &edit->was))
		return changed(err);
	if (edit->way == JW_EDIT_IN_PLACE)
		return commit_in_place(edit, err);
	cause = commit_beside(edit, err);
	if (!cause)
		jw_adapter_sync_folder(edit->place.folder, ".");
	return cause;
}

/* The file may hold a part of ours, where writing it failed; then none of it is somebody else's. */
static enum jw_cause undo_in_place(struct jw_edit *edit, struct jw_err *err)
{
	enum jw_cause cause;

	if (edit->is_whole && !is_there(edit, edit->place.name, &edit->is))
		return changed(err);
	cause = overwrite(edit, jw_buf_get(&edit->bytes), err);
	if (!cause)
		edit->stage = STAGE_READ;
	return cause;
}

static enum jw_cause undo_exchanged(struct jw_edit *edit, struct jw_err *err)
{
	if (exchange(edit))
		return failed("the old file can't be put back", errno, err);
	return settle(edit, &edit->was, &edit->is, STAGE_EXCHANGED, err);
}

static enum jw_cause undo_linked(struct jw_edit *edit, struct jw_err *err)
{
	if (renameat(edit->place.folder, edit->old_name.ptr, edit->place.folder,
		     edit->place.name))
		return failed("the old file can't be put back", errno, err);
	edit->stage = STAGE_READ;
	return JW_OK;
}

static enum jw_cause edit_undo(struct jw_edit *edit, struct jw_err *err)
{
	enum jw_cause cause;

	if (edit->stage == STAGE_IN_PLACE)
		return undo_in_place(edit, err);
	if (edit->stage != STAGE_EXCHANGED && edit->stage != STAGE_LINKED)
		return JW_OK;
	if (!is_there(edit, edit->place.name, &edit->is))
		return changed(err);
	cause = edit->stage == STAGE_EXCHANGED ? undo_exchanged(edit, err)
					       : undo_linked(edit, err);
	if (!cause)
		jw_adapter_sync_folder(edit->place.folder, ".");
	return cause;
}

const struct jw_edits jw_adapter_edits = {.begin = edit_begin,
					  .bytes = edit_bytes,
					  .path = edit_path,
					  .prepare = edit_prepare,
					  .commit = edit_commit,
					  .undo = edit_undo,
					  .end = edit_end,
					  .hold = jw_edit_hold,
					  .release = jw_edit_release};
