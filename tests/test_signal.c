/* SPDX-License-Identifier: MIT */
/* What a LiveKit server says first over a WebSocket, byte by byte, and what is said to it. */
#include "livekit/signal.h"

#include <string.h>

#include "rows.h"

#include "livekit/frames.h"

#define ROOM "\x0a\x0a\x0a\x04RM_x\x12\x02hi"
#define WHO "\x12\x0a\x0a\x04PA_x\x12\x02me"
#define JOIN "\x0a\x18" ROOM WHO
#define BYTES(literal)                                                                         \
	{                                                                                      \
		(literal), sizeof(literal) - 1                                                 \
	}

static const struct row {
	const char *name;
	struct jw_str came;
	enum jw_signal signal;
	const char *says; /* NULL: nothing */
} rows[] = {
	{"nothing", BYTES(""), JW_SIGNAL_NOTHING, NULL},
	{"one byte", BYTES("\x82"), JW_SIGNAL_NOTHING, NULL},
	{"half a length", BYTES("\x82\x7e\x01"), JW_SIGNAL_NOTHING, NULL},
	{"half a long length", BYTES("\x82\x7f\0\0\0\0\0\0"), JW_SIGNAL_NOTHING, NULL},
	{"half a frame", BYTES("\x82\x1a\x0a\x18"), JW_SIGNAL_NOTHING, NULL},
	{"a join", BYTES("\x82\x1a" JOIN), JW_SIGNAL_JOINED, NULL},
	{"a join and what follows", BYTES("\x82\x1a" JOIN "\xff\xff"), JW_SIGNAL_JOINED, NULL},
	{"a length in two bytes", BYTES("\x82\x7e\x00\x1a" JOIN), JW_SIGNAL_JOINED, NULL},
	{"a length in eight", BYTES("\x82\x7f\0\0\0\0\0\0\0\x1a" JOIN), JW_SIGNAL_JOINED, NULL},
	{"in pieces", BYTES("\x02\x02\x0a\x18\x00\x0c" ROOM "\x80\x0c" WHO), JW_SIGNAL_JOINED,
	 NULL},
	{"in pieces, one missing", BYTES("\x02\x02\x0a\x18\x00\x0c" ROOM), JW_SIGNAL_NOTHING,
	 NULL},
	{"a ping in front", BYTES("\x89\x01x\x82\x1a" JOIN), JW_SIGNAL_JOINED, NULL},
	{"a ping between", BYTES("\x02\x02\x0a\x18\x89\x00\x80\x18" ROOM WHO), JW_SIGNAL_JOINED,
	 NULL},
	{"a pong in front", BYTES("\x8a\x00\x82\x1a" JOIN), JW_SIGNAL_JOINED, NULL},
	{"pings alone", BYTES("\x89\x00\x89\x00"), JW_SIGNAL_NOTHING, NULL},
	{"fields that nobody knows",
	 BYTES("\x82\x30\x0a\x2e" ROOM WHO "\xa0\x06\x96\x01\x25"
	       "abcd\x29"
	       "abcdefgh\xfa\x01\x01z"),
	 JW_SIGNAL_JOINED, NULL},
	{"another room", BYTES("\x82\x1a\x0a\x18\x0a\x0a\x0a\x04RM_x\x12\x02ho" WHO),
	 JW_SIGNAL_OTHER, "another room or participant"},
	{"another participant", BYTES("\x82\x1a\x0a\x18" ROOM "\x12\x0a\x0a\x04PA_x\x12\x02we"),
	 JW_SIGNAL_OTHER, "another room or participant"},
	{"no room", BYTES("\x82\x0e\x0a\x0c" WHO), JW_SIGNAL_OTHER, "another room"},
	{"an empty join", BYTES("\x82\x02\x0a\x00"), JW_SIGNAL_OTHER, "another room"},
	{"a join that is too short",
	 BYTES("\x82\x19\x0a\x18" ROOM "\x12\x0a\x0a\x04PA_x\x12\x02m"), JW_SIGNAL_OTHER,
	 "no message"},
	{"something behind the join", BYTES("\x82\x1b" JOIN "\x42"), JW_SIGNAL_OTHER,
	 "no message"},
	{"a length without an end",
	 BYTES("\x82\x0b\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), JW_SIGNAL_OTHER,
	 "no message"},
	{"a group, which is no more", BYTES("\x82\x02\x0b\x0c"), JW_SIGNAL_OTHER, "no message"},
	{"a room cut off", BYTES("\x82\x05\x0a\x03\x0a\x05x"), JW_SIGNAL_OTHER, "no message"},
	{"an empty message", BYTES("\x82\x00"), JW_SIGNAL_OTHER, "no message"},
	{"a join that is a number", BYTES("\x82\x02\x08\x01"), JW_SIGNAL_OTHER,
	 "another message"},
	{"a token",
	 BYTES("\x82\x06\x82\x01\x03"
	       "eyJ"),
	 JW_SIGNAL_OTHER, "another message"},
	{"a leave", BYTES("\x82\x02\x42\x00"), JW_SIGNAL_LEAVE, "away at once"},
	{"a leave with a reason", BYTES("\x82\x04\x42\x02\x10\x07"), JW_SIGNAL_LEAVE,
	 "the join failed"},
	{"a leave with a reason of later", BYTES("\x82\x05\x42\x03\x10\xff\x01"),
	 JW_SIGNAL_LEAVE, "away at once"},
	{"a leave with a reason that has no words", BYTES("\x82\x04\x42\x02\x10\x04"),
	 JW_SIGNAL_LEAVE, "away at once"},
	{"a broken leave", BYTES("\x82\x04\x42\x02\x10\xff"), JW_SIGNAL_OTHER, "no message"},
	{"a close", BYTES("\x88\x02\x03\xf3"), JW_SIGNAL_CLOSED, "(1011)"},
	{"a close without a code", BYTES("\x88\x00"), JW_SIGNAL_CLOSED,
	 "closes the connection"},
	{"a close in the middle", BYTES("\x02\x02\x0a\x18\x88\x02\x03\xe9"), JW_SIGNAL_CLOSED,
	 "(1001)"},
	{"text", BYTES("\x81\x02{}"), JW_SIGNAL_OTHER, "with text"},
	{"a masked frame", BYTES("\x82\x81\0\0\0\0x"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"a bit that nobody asked for", BYTES("\xc2\x01x"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"a kind that isn't there", BYTES("\x83\x01x"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"another kind of control", BYTES("\x8b\x01x"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"a ping in pieces", BYTES("\x09\x01x"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"a ping that is too long", BYTES("\x89\x7e\x00\x80"), JW_SIGNAL_OTHER,
	 "isn't WebSocket"},
	{"a second piece first", BYTES("\x80\x01x"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"two messages in one", BYTES("\x02\x01x\x82\x01y"), JW_SIGNAL_OTHER,
	 "isn't WebSocket"},
	{"a page", BYTES("<html>"), JW_SIGNAL_OTHER, "isn't WebSocket"},
	{"just too long", BYTES("\x82\x7f\0\0\0\0\0\x04\0\x01"), JW_SIGNAL_OTHER, "256 KiB"},
	{"longer than anything", BYTES("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
	 JW_SIGNAL_OTHER, "256 KiB"},
	{"just not too long", BYTES("\x82\x7f\0\0\0\0\0\x04\0\0"), JW_SIGNAL_NOTHING, NULL},
};

/* And of what comes one byte at a time, nothing is said before it is clear, and nothing else afterwards. */
static void is_heard(void **state)
{
	const struct row *row = *state;
	enum jw_signal before = JW_SIGNAL_NOTHING;
	const char *says = NULL;

	for (size_t len = 0; len <= row->came.len; len++) {
		jw_autobuf struct jw_buf copy = JW_BUF(64 * 1024);
		enum jw_signal signal;

		jw_buf_str(&copy, jw_str_head(row->came, len));
		signal = jw_signal_first(jw_buf_get(&copy), "hi", "me", &says);
		if (before != JW_SIGNAL_NOTHING)
			assert_int_equal(signal, before);
		before = signal;
	}
	assert_int_equal(before, row->signal);
	if (row->says)
		assert_non_null(strstr(says, row->says));
	else
		assert_null(says);
}

static void leaves(void **state)
{
	static const unsigned char masks[8] = {1, 2, 3, 4, 0xf0, 0x0f, 0, 0};
	static const char said[] = "\x82\x84\x01\x02\x03\x04\x43\x00\x13\x05"
				   "\x88\x82\xf0\x0f\x00\x00\xf3\xe7";
	jw_autobuf struct jw_buf buf = JW_BUF(64);
	jw_autobuf struct jw_buf small = JW_BUF(8);

	(void)state;
	assert_true(jw_signal_leave(&buf, masks));
	assert_int_equal(buf.len, sizeof(said) - 1);
	assert_memory_equal(buf.ptr, said, buf.len);
	assert_false(jw_signal_leave(&small, masks));
}

static struct jw_str hashed;
static char bytes_hashed[128];

static bool sha1(struct jw_str bytes, unsigned char digest[20])
{
	memcpy(bytes_hashed, bytes.ptr, bytes.len);
	hashed = (struct jw_str){bytes_hashed, bytes.len};
	/* Of RFC 6455 section 1.3. */
	memcpy(digest,
	       "\xb3\x7a\x4f\x2c\xc0\x62\x4f\x16\x90\xf6\x46\x06\xcf\x38\x59\x45\xb2\xbe\xc4"
	       "\xea",
	       20);
	return true;
}

static bool no_sha1(struct jw_str bytes, unsigned char digest[20])
{
	(void)bytes;
	(void)digest;
	return false;
}

static void shakes_hands(void **state)
{
	char key[JW_FRAMES_KEY_TEXT];
	char accept[JW_FRAMES_ACCEPT_TEXT];

	(void)state;
	jw_frames_key((const unsigned char *)"the sample nonce", key);
	assert_string_equal(key, "dGhlIHNhbXBsZSBub25jZQ==");
	assert_true(jw_frames_accept(key, sha1, accept));
	assert_true(jw_str_is(hashed, "dGhlIHNhbXBsZSBub25jZQ=="
				      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(jw_frames_accept(key, no_sha1, accept));
}

int main(void)
{
	rows_add(rows, sizeof(rows) / sizeof(*rows), sizeof(*rows), is_heard);
	rows_add_one("it leaves", leaves, NULL);
	rows_add_one("the handshake of RFC 6455", shakes_hands, NULL);
	return rows_run();
}
