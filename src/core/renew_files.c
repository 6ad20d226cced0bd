/* SPDX-License-Identifier: MIT */
/* The files of a renewal: all are locked, all get the fresh token, or none. */
#include "core/renew_parts.h"

static bool is_begun(const struct jw_renew_work *work, const char *path)
{
	const struct jw_files *files = work->renewing->world->files;
	struct jw_file_identity wanted;

	if (!files->identity(files->self, path, &wanted))
		return false;
	for (size_t i = 0; i < work->edit_count; i++) {
		struct jw_file_identity other;

		if (files->identity(files->self, work->renewal->files[i], &other) &&
		    other.device == wanted.device && other.number == wanted.number)
			return true;
	}
	return false;
}

static enum jw_cause begin(struct jw_renew_work *work, const char *path)
{
	const struct jw_edits *edits = work->renewing->edits;
	struct jw_renewal *renewal = work->renewal;
	const struct jw_edit_request request = {
		.path = path,
		.root = work->target->renew->root,
		.way = (enum jw_edit_way)work->target->renew->write,
		.max = work->place.max_size,
	};
	struct jw_edit *edit;
	struct jw_err err;

	if (is_begun(work, path))
		return JW_OK;
	if (edits->begin(edits->self, &request, &edit, &err))
		return jw_renew_fail(work, err.cause, "%s %s", path, err.text);
	work->edits = jw_arena_grow(&renewal->arena, work->edits, work->edit_count,
				    sizeof(struct jw_edit *));
	renewal->files = jw_arena_grow(&renewal->arena, renewal->files, renewal->file_count,
				       sizeof(*renewal->files));
	work->edits[work->edit_count++] = edit;
	renewal->files[renewal->file_count++] =
		jw_arena_text(&renewal->arena, jw_str_of(edits->path(edit)));
	return JW_OK;
}

/* All are locked and read before anything else is done. */
enum jw_cause jw_renew_begin(struct jw_renew_work *work)
{
	enum jw_cause cause = begin(work, work->place.path);

	for (const char *const *also = work->target->renew->also; !cause && also && *also;
	     also++)
		cause = begin(work, *also);
	return cause;
}

static enum jw_cause take_other(struct jw_renew_work *work, size_t i, struct jw_str other,
				struct jw_str *ret_old, struct jw_err *err)
{
	if (!jw_renew_is_ours(work->renewing, work->target, other))
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "doesn't hold the token that was judged, but another one, which "
			       "no key of the target has signed: where it is to go, put the "
			       "page's token in its place by hand, and renew again");
	work->notes = jw_arena_printf(&work->renewal->arena,
				      "%s%s%s held another token, which a key of the target "
				      "has signed",
				      work->notes ? work->notes : "", work->notes ? "; " : "",
				      work->renewal->files[i]);
	*ret_old = other;
	return JW_OK;
}

/* Where a renewal was killed in between, a file of `also` holds another token than the page, for ever if that weren't taken
 * for the old one. */
static enum jw_cause find_old(struct jw_renew_work *work, size_t i, int64_t deadline_ms,
			      struct jw_str *ret_old, struct jw_err *err)
{
	struct jw_renew_held held;

	*ret_old = work->old->text;
	if (!i)
		return JW_OK;
	if (jw_renew_look(&work->place, work->renewing->edits->bytes(work->edits[i]),
			  work->old->text, work->renewing->world->clock, deadline_ms, &held,
			  err))
		return err->cause;
	if (held.has_old || !held.others)
		return JW_OK;
	if (held.others == 1)
		return take_other(work, i, held.other, ret_old, err);
	return jw_fail(err, JW_RENEWAL_FAILED,
		       "doesn't hold the token that was judged, but several others: put the "
		       "page's token by hand where it belongs, and renew again");
}

static enum jw_cause prepare(struct jw_renew_work *work, size_t i)
{
	const struct jw_renewing *renewing = work->renewing;
	const struct jw_edits *edits = renewing->edits;
	const struct jw_clock *clock = renewing->world->clock;
	jw_autobuf struct jw_buf content = JW_BUF(work->place.max_size);
	int64_t deadline_ms = clock->monotonic_ms(clock->self) + work->target->timeout;
	struct jw_str old;
	struct jw_err err;

	if (find_old(work, i, deadline_ms, &old, &err) ||
	    jw_renew_splice(&work->place, edits->bytes(work->edits[i]), old, work->fresh, clock,
			    deadline_ms, &content, &err) ||
	    edits->prepare(work->edits[i], jw_buf_get(&content), &err))
		return jw_renew_fail(work, err.cause, "%s %s", work->renewal->files[i],
				     err.text);
	return JW_OK;
}

enum jw_cause jw_renew_prepare(struct jw_renew_work *work)
{
	enum jw_cause cause = JW_OK;

	for (size_t i = 0; !cause && i < work->edit_count; i++)
		cause = prepare(work, i);
	return cause;
}

/* The page first, since it was changed last. */
void jw_renew_undo(struct jw_renew_work *work)
{
	const struct jw_edits *edits = work->renewing->edits;
	const char *says = work->renewal->message;
	struct jw_err err;

	for (size_t i = work->uncommitted; i < work->edit_count; i++)
		if (edits->undo(work->edits[i], &err))
			says = jw_arena_printf(&work->renewal->arena,
					       "%s; the old file can't be put back: %s %s",
					       says, work->renewal->files[i], err.text);
	work->uncommitted = work->edit_count;
	work->renewal->message = says;
}

/* The page last: where the machine stops in between, it still calls for a renewal, by which all get one token. */
enum jw_cause jw_renew_commit(struct jw_renew_work *work)
{
	const struct jw_edits *edits = work->renewing->edits;
	struct jw_err err;

	edits->hold(edits->self);
	work->is_held = true;
	work->uncommitted = work->edit_count;
	while (work->uncommitted) {
		/* One that is written in place may be new in part. */
		size_t i = --work->uncommitted;

		if (edits->commit(work->edits[i], &err)) {
			jw_renew_fail(work, err.cause, "%s %s", work->renewal->files[i],
				      err.text);
			jw_renew_undo(work);
			return err.cause;
		}
	}
	return JW_OK;
}

/* What somebody else wrote meanwhile, and where it is now, goes with whatever there is to say. */
void jw_renew_end(struct jw_renew_work *work)
{
	const struct jw_edits *edits = work->renewing->edits;
	struct jw_renewal *renewal = work->renewal;
	struct jw_err err;

	while (work->edit_count) {
		size_t i = --work->edit_count;

		if (edits->end(work->edits[i], &err))
			renewal->message =
				jw_arena_printf(&renewal->arena, "%s; %s %s", renewal->message,
						renewal->files[i], err.text);
	}
	if (work->is_held)
		edits->release(edits->self);
}
