/* SPDX-License-Identifier: MIT */
/* All bytes of a file that is changed: read, and written. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "adapter/edit_parts.h"

static enum jw_cause too_large(size_t max, struct jw_err *err)
{
	return jw_fail(err, JW_FILE_UNREADABLE, "has more than %zu bytes", max);
}

enum jw_cause jw_edit_read(int fd, struct jw_buf *to, struct jw_err *err)
{
	char window[65536];
	off_t at = 0;

	for (;;) {
		ssize_t len = pread(fd, window, sizeof(window), at);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return jw_fail(err, JW_FILE_UNREADABLE, "can't be read: %s",
				       strerrordesc_np(errno));
		if (!len)
			return JW_OK;
		jw_buf_add(to, window, (size_t)len);
		if (to->overflowed)
			return too_large(to->max, err);
		at += len;
	}
}

enum jw_cause jw_edit_write(int fd, struct jw_str content, struct jw_err *err)
{
	size_t done = 0;

	while (done < content.len) {
		ssize_t len = pwrite(fd, content.ptr + done, content.len - done, (off_t)done);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return jw_fail(err, JW_RENEWAL_FAILED, "can't be written: %s",
				       strerrordesc_np(errno));
		done += (size_t)len;
	}
	return JW_OK;
}
