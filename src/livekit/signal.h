/* SPDX-License-Identifier: MIT */
/* What a LiveKit server says first to who joins a room by WebSocket. Pure. What it says holds secrets, of which nothing
 * leaves here. */
#pragma once

#include "base/buf.h"

#define JW_SIGNAL_MAX ((size_t)256 * 1024)

enum jw_signal {
	JW_SIGNAL_NOTHING, /* nothing whole yet */
	JW_SIGNAL_JOINED,  /* this room, as this participant */
	JW_SIGNAL_LEAVE,   /* the server sends us away at once */
	JW_SIGNAL_CLOSED,  /* it closes the connection before its first message */
	JW_SIGNAL_OTHER,   /* what LiveKit doesn't say here */
};

/* By all that came behind the 101. *ret_says: where neither NOTHING nor JOINED, what the server does, a constant. */
enum jw_signal jw_signal_first(struct jw_str came, const char *room, const char *identity,
			       const char **ret_says);
/* The same of the first message alone: JOINED, LEAVE or OTHER. */
enum jw_signal jw_signal_read(struct jw_str message, const char *room, const char *identity,
			      const char **ret_says);
/* Appends that we leave, and the end of the connection; `masks` are bytes that nobody can guess. */
bool jw_signal_leave(struct jw_buf *buf, const unsigned char masks[8]);
