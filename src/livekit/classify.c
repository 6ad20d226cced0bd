/* SPDX-License-Identifier: MIT */
/* What a LiveKit server's answer means: by status, content type and parts of its text, as its sources have them. */
#include "livekit/classify.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "token/json.h"

#define REFUSAL(id, name, says, remedy, browser)                                               \
	[JW_REFUSAL_##id] = {name, says, remedy, browser},

static const struct jw_refusal_row refusals[JW_REFUSAL_COUNT] = {
#include "livekit/refusal.def"
};

const struct jw_refusal_row *jw_refusal_row(enum jw_refusal refusal)
{
	assert(refusal > JW_REFUSAL_NONE && refusal < JW_REFUSAL_COUNT);
	return &refusals[refusal];
}

/* The first row that fits decides. A body may quote the API key, which is anything, so that text comes first; the
 * token that it may quote holds no blanks, and every text below holds some. */
static const struct {
	long status;
	const char *has;
	enum jw_refusal refusal;
} texts[] = {
	{401, "invalid API key", JW_REFUSAL_UNKNOWN_API_KEY},
	{401, "no permissions to access the room", JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST},
	{401, "Must start with Bearer", JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST},
	{401, "permissions denied", JW_REFUSAL_NO_ROOM_JOIN},
	{401, "signature is invalid", JW_REFUSAL_SIGNATURE},
	{401, "error in cryptographic primitive", JW_REFUSAL_SIGNATURE},
	{401, "unknown/unsupported algorithm", JW_REFUSAL_SIGNATURE},
	{401, "exp claim is required", JW_REFUSAL_NO_EXPIRY},
	{401, "token is expired", JW_REFUSAL_EXPIRED},
	{401, "not valid yet", JW_REFUSAL_NOT_YET_VALID},
	{401, "issued in the future", JW_REFUSAL_NOT_YET_VALID},
	{401, "token is malformed", JW_REFUSAL_MALFORMED},
	{400, "identity cannot be empty", JW_REFUSAL_NO_IDENTITY},
	{400, "no room name", JW_REFUSAL_NO_ROOM},
	{400, "length exceeds limits", JW_REFUSAL_TOO_LONG},
	{400, "join request", JW_REFUSAL_OTHER},
	{400, "join_request is", JW_REFUSAL_OTHER},
	{404, "requested room does not exist", JW_REFUSAL_ROOM_NOT_FOUND},
	{500, "reached configured limit for node", JW_REFUSAL_NODE_FULL},
	{503, "exceeded its configured limit", JW_REFUSAL_NODE_FULL},
};

/* What else answers, by status. "page": HTML. */
static const struct other {
	long status;
	const char *page;
	const char *json;
	const char *empty;
	const char *text;
	const char *secure; /* the same URL with https; NULL: as for others */
} others[] = {
#define OTHER(n, page, json, empty, text)                                                      \
	{                                                                                      \
		n, page " (status " #n ")", json " (status " #n ")", empty " (status " #n ")", \
			text " (status " #n ")", NULL                                          \
	}
#define SAME(n, says) OTHER(n, says, says, says, says)
#define BY_BODY(n)                                                                             \
	OTHER(n, "answers with a web page, as web servers and login pages of networks do",     \
	      "answers with JSON, which LiveKit doesn't here", "answers with nothing in it",   \
	      "answers with words that aren't LiveKit's")
#define MOVED_TO "sends the request elsewhere, as login pages do"
#define MOVED(n)                                                                               \
	{                                                                                      \
		n, MOVED_TO " (status " #n ")", MOVED_TO " (status " #n ")",                   \
			MOVED_TO " (status " #n ")", MOVED_TO " (status " #n ")",              \
			"sends the request on to https: write wss:// in the URL (status " #n   \
			")"                                                                    \
	}
#define UNUSED "answers with a status that LiveKit doesn't use here"
#define BEHIND(n, what) SAME(n, "a proxy answers that the server behind it " what)
	BY_BODY(200),
	BY_BODY(201),
	BY_BODY(204),
	MOVED(301),
	MOVED(302),
	MOVED(303),
	MOVED(307),
	MOVED(308),
	BY_BODY(400),
	OTHER(401, "a proxy asks for a password with a web page",
	      "something that isn't LiveKit refuses the token with JSON",
	      "a proxy asks for a password", "a proxy asks for a password"),
	OTHER(403, "a proxy or firewall forbids it with a web page",
	      "something that isn't LiveKit forbids it with JSON",
	      "a proxy or firewall forbids it", "a proxy or firewall forbids it"),
	OTHER(404,
	      "a web server has no such page: it doesn't pass this path on to LiveKit, or the "
	      "path in the URL is wrong",
	      "the API of another program has no such path",
	      "has no such path: another program answers, or the path in the URL is wrong",
	      "has no such path: another program answers, or the path in the URL is wrong"),
	BY_BODY(405),
	BY_BODY(406),
	SAME(407, "a proxy asks for a password of its own"),
	SAME(413, "finds the request too large, which only a proxy does with this one"),
	SAME(414, "finds the URL too long, which only a proxy does"),
	SAME(426, "asks for another protocol, which LiveKit doesn't here"),
	SAME(429, "is asked too often and answers no more for now"),
	SAME(431, "finds the header lines too large, the token among them, which only a proxy "
		  "does"),
	BY_BODY(500),
	BEHIND(502, "can't be reached"),
	BEHIND(503, "isn't available"),
	BEHIND(504, "doesn't answer in time"),
	BEHIND(521, "can't be reached"),
	BEHIND(522, "can't be reached"),
	BEHIND(523, "can't be reached"),
	BEHIND(524, "doesn't answer in time"),
	{0, UNUSED, UNUSED, UNUSED, UNUSED, NULL},
};

/* Of Go's own router, which LiveKit uses. */
#define GO_404 "404 page not found\n"

static struct jw_str media_type(const struct jw_answer_seen *seen)
{
	struct jw_str type = seen->content_type;
	struct jw_str parameters;

	jw_str_cut(type, ';', &type, &parameters);
	return jw_str_trim(type);
}

static bool is_page(const struct jw_answer_seen *seen)
{
	struct jw_str type = media_type(seen);

	return jw_str_is_nocase(type, "text/html") ||
	       jw_str_is_nocase(type, "application/xhtml+xml") ||
	       jw_str_starts(jw_str_trim(seen->body), "<");
}

static bool is_json(const struct jw_answer_seen *seen)
{
	struct jw_str type = media_type(seen);
	size_t suffix = strlen("json");

	return type.len > suffix &&
	       jw_str_is_nocase(jw_str_from(type, type.len - suffix), "json");
}

/* LiveKit's answers are plain text; a proxy may drop the header that says so. */
static bool is_plain(const struct jw_answer_seen *seen)
{
	struct jw_str type = media_type(seen);

	return (!type.len || jw_str_is_nocase(type, "text/plain")) && !is_page(seen);
}

/* A proxy that wants TLS, and not a login page elsewhere. */
static bool is_same_by_https(const struct jw_answer_seen *seen)
{
	struct jw_url asked;
	struct jw_url moved;

	return !jw_url_parse(seen->url, &asked) && !jw_url_parse(seen->location, &moved) &&
	       jw_str_is_nocase(asked.scheme, "http") &&
	       jw_str_is_nocase(moved.scheme, "https") && asked.host.len == moved.host.len &&
	       !strncasecmp(asked.host.ptr, moved.host.ptr, asked.host.len);
}

static enum jw_answer not_livekit(const struct jw_answer_seen *seen, const char **ret_says)
{
	const struct other *other = others;

	while (other->status && other->status != seen->status)
		other++;
	if (other->secure && is_same_by_https(seen))
		*ret_says = other->secure;
	else if (seen->status == 404 && jw_str_is(seen->body, GO_404))
		*ret_says =
			"has no such path, in the words of LiveKit (and of other programs in "
			"Go): the path in the URL is one too much (status 404)";
	else if (is_page(seen))
		*ret_says = other->page;
	else if (is_json(seen))
		*ret_says = other->json;
	else
		*ret_says = seen->body.len ? other->text : other->empty;
	return JW_ANSWER_NOT_LIVEKIT;
}

static enum jw_refusal known_text(long status, struct jw_str body)
{
	/* LiveKit says 401 of a bad token; its clients take 403 for the same. */
	if (status == 403)
		status = 401;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].status == status && jw_str_has(body, texts[i].has))
			return texts[i].refusal;
	if (status == 401 && jw_str_is(body, "invalid authorization token"))
		return JW_REFUSAL_MALFORMED;
	return JW_REFUSAL_NONE;
}

/* What servers and proxies of all kinds answer where nobody wrote a text. */
static bool is_stock_phrase(struct jw_str body)
{
	static const char *const phrases[] = {"Unauthorized", "Authorization Required",
					      "Forbidden", "Access denied",
					      "Internal Server Error"};

	body = jw_str_trim(body);
	if (body.len > 4 && body.ptr[3] == ' ' && body.ptr[0] >= '4' && body.ptr[0] <= '5')
		body = jw_str_from(body, 4);
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (jw_str_is_nocase(body, phrases[i]))
			return true;
	return false;
}

/* A sentence of the server's own: one line, without an end, as Go's errors are. */
static bool is_own_text(const struct jw_answer_seen *seen)
{
	return jw_str_is_nocase(media_type(seen), "text/plain") && seen->body.len &&
	       !is_stock_phrase(seen->body) && !memchr(seen->body.ptr, '\n', seen->body.len);
}

static enum jw_refusal refusal_of(const struct jw_answer_seen *seen)
{
	enum jw_refusal known = known_text(seen->status, seen->body);

	if (known || !is_own_text(seen))
		return known;
	if (seen->status == 401 || seen->status == 403)
		return JW_REFUSAL_OTHER;
	return seen->status == 500 ? JW_REFUSAL_SERVER_ERROR : JW_REFUSAL_NONE;
}

enum jw_answer jw_classify_validate(const struct jw_answer_seen *seen,
				    enum jw_refusal *ret_refusal, const char **ret_says)
{
	enum jw_refusal refusal;

	*ret_refusal = JW_REFUSAL_NONE;
	*ret_says = NULL;
	if (!is_plain(seen))
		return not_livekit(seen, ret_says);
	if (seen->status == 200 && jw_str_is(seen->body, "success"))
		return JW_ANSWER_ACCEPTED;
	refusal = refusal_of(seen);
	if (!refusal)
		return not_livekit(seen, ret_says);
	*ret_refusal = refusal;
	return JW_ANSWER_REFUSED;
}

/* Only how it begins: what it lists are names that nobody here needs. */
static bool is_list_of_rooms(struct jw_str body)
{
	static const char *const words[] = {"{", "\"rooms\"", ":", "["};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		body = jw_str_trim(body);
		/* A server that leaves out what is empty. */
		if (i == 1 && jw_str_is(body, "}"))
			return true;
		if (!jw_str_starts(body, words[i]))
			return false;
		body = jw_str_from(body, strlen(words[i]));
	}
	return true;
}

/* An error of Twirp, the protocol of LiveKit's API: {"code": ..., "msg": ...}. */
static enum jw_answer twirp_error(const struct jw_answer_seen *seen,
				  enum jw_refusal *ret_refusal, const char **ret_says)
{
	json_t *error = NULL;
	struct jw_err unused;
	struct jw_str code;
	enum jw_answer answer = JW_ANSWER_REFUSED;

	if (jw_json_parse(seen->body, &error, &unused))
		return not_livekit(seen, ret_says);
	code = jw_str_of(json_string_value(json_object_get(error, "code")));
	if (jw_str_is(code, "unauthenticated") || jw_str_is(code, "permission_denied")) {
		*ret_refusal = JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST;
	} else if (code.len && seen->status >= 500) {
		*ret_refusal = JW_REFUSAL_SERVER_ERROR;
	} else {
		answer = not_livekit(seen, ret_says);
		if (jw_str_is(code, "bad_route"))
			*ret_says = "has no such call (bad_route), as where a proxy changes "
				    "requests on their way (status 404)";
	}
	json_decref(error);
	return answer;
}

enum jw_answer jw_classify_rooms(const struct jw_answer_seen *seen,
				 enum jw_refusal *ret_refusal, const char **ret_says)
{
	*ret_refusal = JW_REFUSAL_NONE;
	*ret_says = NULL;
	if (is_json(seen) && seen->status == 200)
		return is_list_of_rooms(seen->body) ? JW_ANSWER_ACCEPTED
						    : not_livekit(seen, ret_says);
	if (is_json(seen))
		return twirp_error(seen, ret_refusal, ret_says);
	if (is_plain(seen))
		*ret_refusal = refusal_of(seen);
	return *ret_refusal ? JW_ANSWER_REFUSED : not_livekit(seen, ret_says);
}

/* What goes wrong only once somebody joins, before the 101. */
static const struct {
	long status;
	const char *has;
	enum jw_refusal refusal;
	const char *says;
} joins[] = {
	{500, "could not find any available nodes", JW_REFUSAL_SERVER_ERROR,
	 "no LiveKit node can take a new room: they are all shutting down, or too loaded"},
	{500, "timed out while waiting for signal response", JW_REFUSAL_SERVER_ERROR,
	 "the LiveKit node that must have the room doesn't answer in time"},
	{500, "connection closed by media", JW_REFUSAL_SERVER_ERROR,
	 "its media side ends the join: the room is full or closed, or the node goes away"},
};

enum jw_answer jw_classify_join(const struct jw_answer_seen *seen, enum jw_refusal *ret_refusal,
				const char **ret_says)
{
	*ret_refusal = JW_REFUSAL_NONE;
	*ret_says = NULL;
	if (seen->status == 404 && !seen->body.len) {
		*ret_says = "takes the join for no WebSocket (status 404, nothing in it): a "
			    "proxy before it takes the Upgrade header away";
		return JW_ANSWER_NOT_LIVEKIT;
	}
	for (size_t i = 0; is_plain(seen) && i < sizeof(joins) / sizeof(*joins); i++) {
		if (joins[i].status != seen->status || !jw_str_has(seen->body, joins[i].has))
			continue;
		*ret_refusal = joins[i].refusal;
		*ret_says = joins[i].says;
		return JW_ANSWER_REFUSED;
	}
	if (is_plain(seen))
		*ret_refusal = refusal_of(seen);
	return *ret_refusal ? JW_ANSWER_REFUSED : not_livekit(seen, ret_says);
}

enum jw_answer jw_classify_health(const struct jw_answer_seen *seen, const char **ret_says)
{
	*ret_says = NULL;
	if (is_plain(seen) && seen->status == 200 && jw_str_is(seen->body, "OK"))
		return JW_ANSWER_READY;
	if (is_plain(seen) && seen->status == 406 && jw_str_starts(seen->body, "Not Ready"))
		return JW_ANSWER_NOT_READY;
	return not_livekit(seen, ret_says);
}
