/* SPDX-License-Identifier: MIT */
/* WebSocket (RFC 6455) as far as a short talk with a LiveKit server needs it. Pure: bytes in, bytes out. */
#pragma once

#include "base/buf.h"

/* Sec-WebSocket-Key: 16 bytes that nobody can guess, in base64. */
#define JW_FRAMES_KEY_TEXT 25
void jw_frames_key(const unsigned char bytes[16], char key[JW_FRAMES_KEY_TEXT]);
/* Sec-WebSocket-Accept, which shows that the server means WebSocket. False: no SHA-1 can be had. */
#define JW_FRAMES_ACCEPT_TEXT 29
bool jw_frames_accept(const char *key,
		      bool (*sha1)(struct jw_str bytes, unsigned char digest[20]),
		      char accept[JW_FRAMES_ACCEPT_TEXT]);

enum jw_frames {
	JW_FRAMES_MORE,	  /* no message is whole yet */
	JW_FRAMES_BINARY, /* the first message */
	JW_FRAMES_TEXT,
	JW_FRAMES_CLOSE,  /* the server closes the connection before any */
	JW_FRAMES_BROKEN, /* no WebSocket, or masked, which a server doesn't do */
	JW_FRAMES_TOO_LARGE,
};

/* What begins in front of all that a server sent: the first message, put together in the empty `message`, which has its
 * maximum. Pings in front of it are passed over. *ret_code: of CLOSE, 0 where it says none. */
enum jw_frames jw_frames_first(struct jw_str bytes, struct jw_buf *message, unsigned *ret_code);

/* Appends a message of at most 125 bytes as a client sends it; `mask` is 4 bytes that nobody can guess. */
enum jw_frames_kind { JW_FRAMES_SEND_BINARY = 2, JW_FRAMES_SEND_CLOSE = 8 };
bool jw_frames_write(struct jw_buf *buf, enum jw_frames_kind kind, struct jw_str payload,
		     const unsigned char mask[4]);
