/* SPDX-License-Identifier: MIT */
/* The words of the judge: one line, complete by itself, with the place in front. */
#include "verdict/judge_parts.h"

#include <string.h>

#include "base/utf.h"
#include "base/when.h"
#include "token/find.h"

#define MESSAGE_MAX ((size_t)65536)

/* What a stranger may have written is made fit to be shown, here and for everything. */
static const char *clean(struct jw_buf *said, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf shown = JW_BUF(said->max);

	if (said->ptr)
		jw_find_scrub(said->ptr);
	jw_utf_show(&shown, jw_str_of(said->ptr));
	return jw_arena_text(arena, jw_buf_get(&shown));
}

static void add_place(struct jw_buf *buf, const struct jw_token *token)
{
	jw_buf_text(buf, token->path ? token->path : "-");
	if (token->line)
		jw_buf_printf(buf, ":%zu", token->line);
}

static void add_browser(struct jw_buf *buf, const struct jw_token *token, enum jw_cause cause)
{
	const char *browser = jw_cause_row(cause)->browser;

	/* What can't be decoded may be LiveKit's, and is what its browsers meet most. */
	if (browser && (token->is_livekit || !token->has_claims))
		jw_buf_printf(buf,
			      "; a browser says: could not establish signal connection: %s",
			      browser);
}

void jw_judge_say(struct jw_judging *judging, enum jw_quote quote, const char *format, ...)
{
	struct jw_finding *finding = &judging->findings[judging->count - 1];
	jw_autobuf struct jw_buf said = JW_BUF(MESSAGE_MAX);
	va_list args;

	add_place(&said, judging->token);
	va_start(args, format);
	jw_buf_vprintf(&said, format, args);
	va_end(args);
	if (quote == JW_QUOTE_BROWSER)
		add_browser(&said, judging->token, finding->cause);
	finding->message = clean(&said, judging->arena);
}

void jw_judge_say_at(struct jw_judging *judging, const char *place, const char *says)
{
	jw_autobuf struct jw_buf said = JW_BUF(MESSAGE_MAX);

	if (place)
		jw_buf_printf(&said, "%s: ", place);
	jw_buf_text(&said, says);
	judging->findings[judging->count - 1].message = clean(&said, judging->arena);
}

/* The front of `text`, ended before a character that wouldn't be whole. */
static struct jw_str front(const char *text, size_t max)
{
	struct jw_str s = jw_str_of(text);

	if (s.len <= max)
		return s;
	while (max && ((unsigned char)text[max] & 0xC0) == 0x80)
		max--;
	return jw_str_head(s, max);
}

const char *jw_judge_shown(struct jw_judging *judging, const char *text)
{
	struct jw_str whole = jw_str_of(text);
	char *copy;
	struct jw_str s;

	if (!text)
		return "absent";
	copy = jw_arena_alloc(judging->arena, whole.len + 1);
	memcpy(copy, text, whole.len + 1);
	/* Before it is cut: the beginning of a token alone may not look like one. */
	jw_find_scrub(copy);
	s = front(copy, JW_SHOWN_MAX);
	return jw_arena_printf(judging->arena, "\"%.*s%s\"", JW_STR_ARG(s),
			       copy[s.len] ? "..." : "");
}

const char *jw_judge_say_ready(const struct jw_facts *facts, struct jw_arena *arena)
{
	const struct jw_livekit *livekit = facts->livekit;
	jw_autobuf struct jw_buf said = JW_BUF(MESSAGE_MAX);

	jw_buf_printf(&said, "%s answers that it is ready (in %lld ms)", livekit->url,
		      (long long)(livekit->time_us / 1000));
	for (size_t i = 0; i < facts->proof_count; i++)
		jw_buf_printf(&said, "%s%s", i ? ", " : " (reachable, key pair accepted: ",
			      facts->proofs[i].name);
	if (facts->join)
		jw_buf_printf(&said, "; a room was joined in %lld ms",
			      (long long)(facts->join->time_us / 1000));
	jw_buf_text(&said, facts->proof_count ? ")" : "");
	return clean(&said, arena);
}

/* What was to be compared and couldn't be isn't passed over. */
static void add_peer(struct jw_buf *buf, const struct jw_facts *facts,
		     const struct jw_expect *expect)
{
	const char *name = facts->peer && facts->peer->name ? facts->peer->name : "same_as";

	if (!expect->has_peer)
		return;
	switch (jw_judge_same(facts, expect)) {
	case JW_SAME_YES:
		break;
	case JW_SAME_NO:
		jw_buf_printf(buf, "; another token than %s holds, not for long yet", name);
		break;
	case JW_SAME_UNKNOWN:
		jw_buf_printf(buf, "; couldn't be compared with %s", name);
		break;
	}
}

const char *jw_judge_say_ok(const struct jw_facts *facts, const struct jw_expect *expect,
			    int64_t now, size_t count, size_t first, unsigned proved,
			    struct jw_arena *arena)
{
	const struct jw_token *token = &facts->tokens[first];
	int64_t exp = token->jwt.exp.seconds;
	char left[JW_WHEN_TEXT];
	char until[JW_WHEN_TEXT];
	jw_autobuf struct jw_buf said = JW_BUF(MESSAGE_MAX);

	if (count > 1)
		jw_buf_printf(&said, "%zu tokens, the first to end: ", count);
	add_place(&said, token);
	jw_buf_printf(&said, " good for %s more (until %s) (expiry",
		      jw_span_text(jw_judge_minus(exp, now), left), jw_when_text(exp, until));
	if (proved & JW_PROVED_SIGNATURE)
		jw_buf_text(&said, ", signature");
	if (proved & JW_PROVED_ACCEPTED)
		jw_buf_printf(&said, ", accepted by %s", token->livekit->url);
	if (proved & JW_PROVED_SAME)
		jw_buf_printf(&said, ", same as %s",
			      facts->peer->name ? facts->peer->name : "same_as");
	jw_buf_text(&said, proved == JW_PROVED_EXPIRY ? " only)" : ")");
	add_peer(&said, facts, expect);
	return clean(&said, arena);
}
