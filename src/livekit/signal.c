/* SPDX-License-Identifier: MIT */
/* LiveKit's signalling: a message in a frame, each a SignalResponse of protobuf with one field that says what it is. */
#include "livekit/signal.h"

#include <stdint.h>

#include "livekit/frames.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Numbers of fields. */
enum { SIGNAL_JOIN = 1, SIGNAL_LEAVE = 8 };
enum { JOIN_ROOM = 1, JOIN_PARTICIPANT = 2 };
enum { ROOM_NAME = 2, PARTICIPANT_IDENTITY = 2, LEAVE_REASON = 2 };
enum { VARINT = 0, FIXED_8 = 1, BYTES = 2, FIXED_4 = 5 };

struct field {
	uint64_t number;
	unsigned type;
	uint64_t value; /* of a varint */
	struct jw_str bytes;
};

static bool read_varint(struct jw_str *rest, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 10 && i < rest->len; i++) {
		unsigned byte = (unsigned char)rest->ptr[i];

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		*rest = jw_str_from(*rest, i + 1);
		*ret_value = value;
		return true;
	}
	return false;
}

static bool take(struct jw_str *rest, uint64_t len, struct jw_str *ret_bytes)
{
	if (len > rest->len)
		return false;
	*ret_bytes = (struct jw_str){rest->ptr, (size_t)len};
	*rest = jw_str_from(*rest, (size_t)len);
	return true;
}

/* False where what stands there is no field. */
static bool read_field(struct jw_str *rest, struct field *ret_field)
{
	uint64_t key;
	uint64_t len;

	*ret_field = (struct field){0};
	if (!read_varint(rest, &key))
		return false;
	ret_field->number = key >> 3;
	ret_field->type = key & 7;
	switch (ret_field->type) {
	case VARINT:
		return read_varint(rest, &ret_field->value);
	case FIXED_8:
		return take(rest, 8, &ret_field->bytes);
	case FIXED_4:
		return take(rest, 4, &ret_field->bytes);
	case BYTES:
		return read_varint(rest, &len) && take(rest, len, &ret_field->bytes);
	default:
		return false;
	}
}

/* The last one of this number counts, as in protobuf. False: these bytes are no message. */
static bool find(struct jw_str message, uint64_t number, struct field *ret_field)
{
	struct field field;

	*ret_field = (struct field){0};
	while (message.len) {
		if (!read_field(&message, &field))
			return false;
		if (field.number == number)
			*ret_field = field;
	}
	return true;
}

static enum jw_signal other(const char **ret_says, const char *says)
{
	*ret_says = says;
	return JW_SIGNAL_OTHER;
}

static enum jw_signal read_join(struct jw_str join, const char *room, const char *identity,
				const char **ret_says)
{
	struct field a_room;
	struct field name;
	struct field participant;
	struct field own;

	if (!find(join, JOIN_ROOM, &a_room) || !find(a_room.bytes, ROOM_NAME, &name) ||
	    !find(join, JOIN_PARTICIPANT, &participant) ||
	    !find(participant.bytes, PARTICIPANT_IDENTITY, &own))
		return other(ret_says, "answers the join with bytes that are no message of "
				       "LiveKit's");
	if (!jw_str_is(name.bytes, room) || !jw_str_is(own.bytes, identity))
		return other(ret_says, "answers with a join of another room or participant "
				       "than those asked for");
	*ret_says = NULL;
	return JW_SIGNAL_JOINED;
}

/* livekit.DisconnectReason, by number. */
static const char *const reasons[] = {
	[3] = "sends who joins away at once: it is shutting down",
	[5] = "sends who joins away at once: the room was deleted",
	[6] = "sends who joins away at once: it has lost the state of the join",
	[7] = "sends who joins away at once: the join failed, as where the room is full",
	[8] = "sends who joins on to another node at once",
	[9] = "sends who joins away at once: its signalling was closed",
	[10] = "sends who joins away at once: the room was closed",
	[14] = "sends who joins away at once: the connection took it too long",
	[15] = "sends who joins away at once: its media side failed",
};

static enum jw_signal read_leave(struct jw_str leave, const char **ret_says)
{
	struct field reason;

	*ret_says = "sends who joins away at once";
	if (!find(leave, LEAVE_REASON, &reason))
		return other(ret_says, "answers the join with bytes that are no message of "
				       "LiveKit's");
	if (reason.value < COUNT(reasons) && reasons[reason.value])
		*ret_says = reasons[reason.value];
	return JW_SIGNAL_LEAVE;
}

enum jw_signal jw_signal_read(struct jw_str message, const char *room, const char *identity,
			      const char **ret_says)
{
	struct field field;

	/* One field, and nothing behind it. */
	if (!read_field(&message, &field) || message.len)
		return other(ret_says, "answers the join with bytes that are no message of "
				       "LiveKit's");
	if (field.number == SIGNAL_JOIN && field.type == BYTES)
		return read_join(field.bytes, room, identity, ret_says);
	if (field.number == SIGNAL_LEAVE && field.type == BYTES)
		return read_leave(field.bytes, ret_says);
	return other(ret_says, "answers the join with another message first, which LiveKit "
			       "doesn't");
}

/* RFC 6455 section 7.4.1, and what proxies say. */
static const char *closing(unsigned code)
{
	switch (code) {
	case 1000:
		return "closes the connection before its first message, as if all was well "
		       "(1000)";
	case 1001:
		return "closes the connection before its first message: it goes away (1001)";
	case 1002:
		return "closes the connection before its first message: it complains of the "
		       "protocol (1002)";
	case 1008:
		return "closes the connection before its first message: by a rule of its own "
		       "(1008)";
	case 1011:
		return "closes the connection before its first message: it met an error of "
		       "its own (1011)";
	case 1012:
		return "closes the connection before its first message: it restarts (1012)";
	case 1013:
		return "closes the connection before its first message: try again later "
		       "(1013)";
	default:
		return "closes the connection before its first message";
	}
}

enum jw_signal jw_signal_first(struct jw_str came, const char *room, const char *identity,
			       const char **ret_says)
{
	jw_autobuf struct jw_buf message = JW_BUF(JW_SIGNAL_MAX);
	unsigned code;

	*ret_says = NULL;
	switch (jw_frames_first(came, &message, &code)) {
	case JW_FRAMES_BINARY:
		return jw_signal_read(jw_buf_get(&message), room, identity, ret_says);
	case JW_FRAMES_TEXT:
		return other(ret_says, "answers the join with text, which LiveKit doesn't to "
				       "who has sent none");
	case JW_FRAMES_CLOSE:
		*ret_says = closing(code);
		return JW_SIGNAL_CLOSED;
	case JW_FRAMES_TOO_LARGE:
		return other(ret_says, "answers the join with more than 256 KiB, which is no "
				       "answer of LiveKit's");
	case JW_FRAMES_BROKEN:
		return other(ret_says, "switches to WebSocket, but what it sends then isn't "
				       "WebSocket");
	default:
		return JW_SIGNAL_NOTHING;
	}
}

bool jw_signal_leave(struct jw_buf *buf, const unsigned char masks[8])
{
	/* SignalRequest{leave{reason: CLIENT_INITIATED}}, and the code of a normal end. */
	return jw_frames_write(buf, JW_FRAMES_SEND_BINARY, JW_STR("\x42\x02\x10\x01"), masks) &&
	       jw_frames_write(buf, JW_FRAMES_SEND_CLOSE, JW_STR("\x03\xe8"), masks + 4);
}
