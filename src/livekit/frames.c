/* SPDX-License-Identifier: MIT */
/* WebSocket's frames, and the handshake's two keys. */
#include "livekit/frames.h"

#include <stdint.h>
#include <string.h>

#include "token/base64url.h"

/* RFC 6455 section 1.3. */
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#define FIN 0x80
#define RESERVED 0x70
#define OPCODE 0x0f
#define MASKED 0x80
#define LENGTH 0x7f
#define IN_2_BYTES 126
#define SMALL_MAX 125

enum { CONTINUED = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

struct frame {
	unsigned first; /* FIN and the opcode */
	struct jw_str payload;
	size_t size; /* with its head */
};

/* `text` has room for the end of the base64 and a NUL. */
static void base64(struct jw_str bytes, char *text)
{
	jw_autobuf struct jw_buf buf = JW_BUF(64);
	size_t len = (bytes.len + 2) / 3 * 4;

	memset(text, '=', len);
	text[len] = '\0';
	if (!jw_base64url_encode(bytes, &buf))
		return;
	for (size_t i = 0; i < buf.len; i++)
		text[i] = buf.ptr[i] == '-' ? '+' : buf.ptr[i] == '_' ? '/' : buf.ptr[i];
}

void jw_frames_key(const unsigned char bytes[16], char key[JW_FRAMES_KEY_TEXT])
{
	base64((struct jw_str){(const char *)bytes, 16}, key);
}

bool jw_frames_accept(const char *key,
		      bool (*sha1)(struct jw_str bytes, unsigned char digest[20]),
		      char accept[JW_FRAMES_ACCEPT_TEXT])
{
	jw_autobuf struct jw_buf both = JW_BUF(JW_FRAMES_KEY_TEXT + sizeof(GUID));
	unsigned char digest[20];

	jw_buf_text(&both, key);
	jw_buf_text(&both, GUID);
	if (!sha1(jw_buf_get(&both), digest))
		return false;
	base64((struct jw_str){(const char *)digest, sizeof(digest)}, accept);
	return true;
}

static uint64_t number_of(struct jw_str bytes, size_t at, size_t len)
{
	uint64_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number << 8 | (unsigned char)bytes.ptr[at + i];
	return number;
}

static bool is_control(unsigned first)
{
	return (first & OPCODE) >= CLOSE;
}

/* What no frame of a server has. A frame of control is whole and small. */
static bool is_wrong(unsigned first, unsigned second)
{
	unsigned opcode = first & OPCODE;

	if (first & RESERVED || second & MASKED || opcode > PONG ||
	    (opcode > BINARY && opcode < CLOSE))
		return true;
	return is_control(first) && (!(first & FIN) || (second & LENGTH) > SMALL_MAX);
}

/* BINARY: there is one; `max` is for its payload. */
static enum jw_frames read_frame(struct jw_str bytes, size_t max, struct frame *ret_frame)
{
	size_t head = 2;
	unsigned second;
	uint64_t len;

	if (bytes.len < head)
		return JW_FRAMES_MORE;
	ret_frame->first = (unsigned char)bytes.ptr[0];
	second = (unsigned char)bytes.ptr[1];
	if (is_wrong(ret_frame->first, second))
		return JW_FRAMES_BROKEN;
	len = second & LENGTH;
	if (len >= IN_2_BYTES) {
		size_t more = len == IN_2_BYTES ? 2 : 8;

		if (bytes.len < head + more)
			return JW_FRAMES_MORE;
		len = number_of(bytes, head, more);
		head += more;
	}
	if (len > max)
		return JW_FRAMES_TOO_LARGE;
	if (bytes.len - head < len)
		return JW_FRAMES_MORE;
	ret_frame->payload = (struct jw_str){bytes.ptr + head, (size_t)len};
	ret_frame->size = head + (size_t)len;
	return JW_FRAMES_BINARY;
}

static enum jw_frames closed(const struct frame *frame, unsigned *ret_code)
{
	if (frame->payload.len >= 2)
		*ret_code = (unsigned)number_of(frame->payload, 0, 2);
	return JW_FRAMES_CLOSE;
}

enum jw_frames jw_frames_first(struct jw_str bytes, struct jw_buf *message, unsigned *ret_code)
{
	unsigned kind = CONTINUED; /* of the message that has begun */

	*ret_code = 0;
	for (;;) {
		struct frame frame = {0};
		enum jw_frames read = read_frame(bytes, message->max, &frame);
		unsigned opcode = frame.first & OPCODE;

		if (read != JW_FRAMES_BINARY)
			return read;
		bytes = jw_str_from(bytes, frame.size);
		if (opcode == CLOSE)
			return closed(&frame, ret_code);
		if (is_control(frame.first))
			continue;
		if ((opcode == CONTINUED) != (kind != CONTINUED))
			return JW_FRAMES_BROKEN;
		kind = kind == CONTINUED ? opcode : kind;
		if (!jw_buf_str(message, frame.payload))
			return JW_FRAMES_TOO_LARGE;
		if (frame.first & FIN)
			return kind == TEXT ? JW_FRAMES_TEXT : JW_FRAMES_BINARY;
	}
}

bool jw_frames_write(struct jw_buf *buf, enum jw_frames_kind kind, struct jw_str payload,
		     const unsigned char mask[4])
{
	char *to = payload.len <= SMALL_MAX ? jw_buf_reserve(buf, 6 + payload.len) : NULL;

	if (!to)
		return false;
	*to++ = (char)(FIN | (unsigned)kind);
	*to++ = (char)(MASKED | (unsigned)payload.len);
	memcpy(to, mask, 4);
	for (size_t i = 0; i < payload.len; i++)
		to[4 + i] = (char)((unsigned char)payload.ptr[i] ^ mask[i % 4]);
	buf->len += 6 + payload.len;
	return true;
}
