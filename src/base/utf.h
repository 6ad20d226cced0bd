/* SPDX-License-Identifier: MIT */
/* Foreign text made fit to be shown, and pages in UTF-16 turned into UTF-8. */
#pragma once

#include "base/buf.h"

/* Appends `s` for one line of a terminal or a log: control characters (C0, DEL, C1, line and
 * paragraph separators, bidirectional overrides) and bytes that are no UTF-8 become '?' each. */
bool jw_utf_show(struct jw_buf *buf, struct jw_str s);

bool jw_utf_is_valid(struct jw_str s);

enum jw_encoding {
	JW_ENCODING_BYTES,
	JW_ENCODING_UTF8_BOM,
	JW_ENCODING_UTF16LE,
	JW_ENCODING_UTF16BE
};

/* By the byte order mark alone. */
enum jw_encoding jw_utf_encoding(struct jw_str page);
/* The UTF-8 of a UTF-16 page behind its mark; lone surrogates become U+FFFD, an odd last byte is
 * dropped. False where `buf` would pass its maximum. */
bool jw_utf_from_16(struct jw_str page, enum jw_encoding encoding, struct jw_buf *buf);
