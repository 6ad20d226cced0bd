/* SPDX-License-Identifier: MIT */
/* Whether a browser lets a page from elsewhere read an answer: the CORS protocol of the Fetch standard. The sections
 * are the standard's; what a browser says is Chromium's. */
#include "checks/cors.h"

#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "livekit/url.h"

#define ALLOW_ORIGIN "Access-Control-Allow-Origin"
#define ALLOW_METHODS "Access-Control-Allow-Methods"
#define ALLOW_HEADERS "Access-Control-Allow-Headers"

#define NAMES_MAX 128
/* Of all values that a page may send unasked, and of each of them. */
#define UNASKED_MAX 1024
#define UNASKED_VALUE_MAX 128

enum jw_cause jw_cors_check(const char *origin, struct jw_err *err)
{
	struct jw_url url;

	if (!origin)
		return JW_OK;
	if (jw_url_parse(jw_str_of(origin), &url) || url.user.ptr || url.query.ptr ||
	    (url.path.len && !jw_str_is(url.path, "/")))
		return jw_fail(err, JW_CONFIG,
			       "origin: is scheme and host of a page alone, such as "
			       "https://voice.example.org");
	return JW_OK;
}

const char *jw_cors_origin(const char *origin, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	if (!jw_url_parse(jw_str_of(origin), &url))
		jw_url_origin(&text, &url);
	return jw_arena_text(arena, jw_buf_get(&text));
}

bool jw_cors_is_same(const char *origin, const char *text)
{
	struct jw_url page;
	struct jw_url url;

	return !jw_url_parse(jw_str_of(origin), &page) &&
	       !jw_url_parse(jw_str_of(text), &url) && jw_url_same_origin(&page, &url);
}

/* Mixed Content, section 4.4; the browser's own machine is trusted without TLS (Secure Contexts, section 3.1). */
const char *jw_cors_mixed(const char *origin, const char *text, const char *shown,
			  struct jw_arena *arena)
{
	struct jw_url page;
	struct jw_url url;

	if (jw_url_parse(jw_str_of(origin), &page) || jw_url_parse(jw_str_of(text), &url) ||
	    !jw_str_is_nocase(page.scheme, "https") || !jw_str_is_nocase(url.scheme, "http") ||
	    jw_livekit_is_loopback(url.host))
		return NULL;
	return jw_arena_printf(
		arena,
		"a page of %s came by https and can't ask by http; a browser says: Mixed "
		"Content: The page at '%s/' was loaded over HTTPS, but requested an insecure "
		"resource '%s'. This request has been blocked; the content must be served over "
		"HTTPS.",
		origin, origin, shown);
}

static bool is_among(struct jw_str name, const char *const *names)
{
	for (; *names; names++)
		if (jw_str_is_nocase(name, *names))
			return true;
	return false;
}

/* Section 2.2.2, "forbidden request-header": a page can't set them, so the server isn't asked for them. */
static bool is_browsers_own(struct jw_str name)
{
	static const char *const names[] = {"Accept-Charset",
					    "Accept-Encoding",
					    "Access-Control-Request-Headers",
					    "Access-Control-Request-Method",
					    "Access-Control-Request-Private-Network",
					    "Connection",
					    "Content-Length",
					    "Cookie",
					    "Cookie2",
					    "Date",
					    "DNT",
					    "Expect",
					    "Host",
					    "Keep-Alive",
					    "Origin",
					    "Referer",
					    "Set-Cookie",
					    "TE",
					    "Trailer",
					    "Transfer-Encoding",
					    "Upgrade",
					    "Via",
					    NULL};

	return is_among(name, names) || jw_str_is_nocase(jw_str_head(name, 4), "Sec-") ||
	       jw_str_is_nocase(jw_str_head(name, 6), "Proxy-");
}

/* "CORS-unsafe request-header byte". */
static bool has_unsafe_byte(struct jw_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c < ' ' && c != '\t') || c == 0x7f || strchr("\"():<>?@[\\]{}", c))
			return true;
	}
	return false;
}

static bool is_language(struct jw_str value)
{
	static const char signs[] = " *,-.;=";

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') && !memchr(signs, c, sizeof(signs) - 1))
			return false;
	}
	return true;
}

/* What a form of HTML could have sent, too. */
static bool is_form_type(struct jw_str value)
{
	static const char *const types[] = {"application/x-www-form-urlencoded",
					    "multipart/form-data", "text/plain", NULL};
	struct jw_str type = value;
	struct jw_str parameters;

	jw_str_cut(value, ';', &type, &parameters);
	return is_among(jw_str_trim(type), types) && !has_unsafe_byte(value);
}

/* "CORS-safelisted request-header". A Range is left out: nobody asks for a part of a token. */
static bool may_go_unasked(struct jw_str name, struct jw_str value)
{
	if (value.len > UNASKED_VALUE_MAX)
		return false;
	if (jw_str_is_nocase(name, "Accept"))
		return !has_unsafe_byte(value);
	if (jw_str_is_nocase(name, "Accept-Language") ||
	    jw_str_is_nocase(name, "Content-Language"))
		return is_language(value);
	return jw_str_is_nocase(name, "Content-Type") && is_form_type(value);
}

static int compare(struct jw_str a, struct jw_str b)
{
	int order = strncasecmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* In its place, once. */
static void add_name(struct jw_str *names, size_t *count, struct jw_str name)
{
	size_t at = *count;

	while (at && compare(names[at - 1], name) > 0)
		at--;
	if (*count == NAMES_MAX || (at && !compare(names[at - 1], name)))
		return;
	memmove(names + at + 1, names + at, (*count - at) * sizeof(*names));
	names[at] = name;
	++*count;
}

static void write_names(const struct jw_str *names, size_t count, struct jw_buf *buf)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			jw_buf_char(buf, ',');
		for (size_t j = 0; j < names[i].len; j++) {
			char c = names[i].ptr[j];

			jw_buf_char(buf, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
		}
	}
}

/* "CORS-unsafe request-header names": where together they are too much, all of them. */
static size_t unsafe_names(const char *const *lines, struct jw_str names[NAMES_MAX])
{
	struct jw_str unasked[NAMES_MAX];
	size_t unasked_count = 0;
	size_t unasked_bytes = 0;
	size_t count = 0;

	for (; *lines; lines++) {
		struct jw_str name;
		struct jw_str value;

		if (!jw_str_cut(jw_str_of(*lines), ':', &name, &value) || is_browsers_own(name))
			continue;
		value = jw_str_trim(value);
		if (!may_go_unasked(name, value)) {
			add_name(names, &count, name);
			continue;
		}
		add_name(unasked, &unasked_count, name);
		unasked_bytes += value.len;
	}
	for (size_t i = 0; unasked_bytes > UNASKED_MAX && i < unasked_count; i++)
		add_name(names, &count, unasked[i]);
	return count;
}

static bool is_plain_method(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD") || !strcmp(method, "POST");
}

bool jw_cors_must_ask(const char *method, const char *const *lines, struct jw_buf *names)
{
	struct jw_str unsafe[NAMES_MAX];
	size_t count = unsafe_names(lines, unsafe);

	write_names(unsafe, count, names);
	return count || !is_plain_method(method);
}

static const char *say(struct jw_arena *arena, const char *origin, const char *url,
		       const char *why, const char *browser)
{
	return jw_arena_printf(
		arena,
		"%s; a browser says: Access to fetch at '%s' from origin '%s' has "
		"been blocked by CORS policy: %s",
		why, url, origin, browser);
}

/* With where it began, as browsers do. */
static const char *say_redirected(struct jw_arena *arena, const char *origin, const char *url,
				  const char *first, const char *why, const char *browser)
{
	if (!strcmp(url, first))
		return say(arena, origin, url, why, browser);
	return jw_arena_printf(
		arena,
		"%s; a browser says: Access to fetch at '%s' (redirected from '%s') from "
		"origin '%s' has been blocked by CORS policy: %s",
		why, url, first, origin, browser);
}

/* An origin alone: what a server sends back may be what it was sent. */
static const char *shown_origin(struct jw_str value, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	if (value.len > 100 || jw_url_parse(value, &url) || url.user.ptr || url.query.ptr ||
	    url.path.len)
		return NULL;
	jw_url_origin(&text, &url);
	return jw_arena_text(arena, jw_buf_get(&text));
}

static size_t count_of(const struct jw_http_reply *reply, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < reply->header_count; i++)
		count += jw_str_is_nocase(reply->headers[i].name, name);
	return count;
}

struct words {
	const char *why; /* NULL: it is allowed */
	const char *browser;
};

/* Section 4.10, "CORS check", where no cookies go along. */
static struct words look_at_origin(const struct jw_http_reply *reply, const char *origin,
				   struct jw_arena *arena)
{
	struct jw_str value = jw_http_header(reply, ALLOW_ORIGIN);
	const char *shown;

	if (!count_of(reply, ALLOW_ORIGIN))
		return (struct words){"it has no header " ALLOW_ORIGIN,
				      "No '" ALLOW_ORIGIN
				      "' header is present on the requested resource."};
	if (count_of(reply, ALLOW_ORIGIN) > 1 ||
	    (value.len && memchr(value.ptr, ',', value.len)))
		return (struct words){
			"its header " ALLOW_ORIGIN " names several origins, and may name one",
			"The '" ALLOW_ORIGIN
			"' header contains multiple values, but only one is allowed."};
	if (jw_str_is(value, "*") || jw_str_is(value, origin))
		return (struct words){NULL, NULL};
	shown = shown_origin(value, arena);
	if (!shown)
		return (struct words){"its header " ALLOW_ORIGIN " holds no origin",
				      "The '" ALLOW_ORIGIN
				      "' header contains an invalid value."};
	return (struct words){
		jw_arena_printf(arena, "its header " ALLOW_ORIGIN " names %s, another origin",
				shown),
		jw_arena_printf(
			arena,
			"The '" ALLOW_ORIGIN
			"' header has a value '%s' that is not equal to the supplied origin.",
			shown)};
}

const char *jw_cors_refusal(const struct jw_http_reply *reply, const char *origin,
			    const char *url, const char *first, struct jw_arena *arena)
{
	struct words words = look_at_origin(reply, origin, arena);

	if (!words.why)
		return NULL;
	return say_redirected(arena, origin, url, first,
			      jw_arena_printf(arena, "a page of %s can't read the answer: %s",
					      origin, words.why),
			      words.browser);
}

/* Section 4.3, "HTTP fetch": the CORS check comes before the redirect. */
const char *jw_cors_no_way_on(const struct jw_http_reply *hop, const char *origin,
			      const char *url, const char *first, struct jw_arena *arena)
{
	struct words words = look_at_origin(hop, origin, arena);

	if (!words.why)
		return NULL;
	return say_redirected(arena, origin, url, first,
			      jw_arena_printf(arena,
					      "a page of %s isn't led on by this redirect "
					      "(HTTP status %ld): %s",
					      origin, hop->status, words.why),
			      words.browser);
}

static bool is_word(struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", s.ptr[i]))
			return false;
	return true;
}

/* Section 3.3, "extracting header list values": of the whole list, and whether `wanted` is in it. */
enum listed { NOT_LISTED, LISTED, BROKEN };

static enum listed is_listed(const struct jw_http_reply *reply, const char *header,
			     struct jw_str wanted, bool any_case)
{
	enum listed listed = NOT_LISTED;

	for (size_t i = 0; i < reply->header_count; i++) {
		struct jw_str rest = reply->headers[i].value;
		bool has_more = jw_str_is_nocase(reply->headers[i].name, header);

		while (has_more) {
			struct jw_str item = rest;

			has_more = jw_str_cut(rest, ',', &item, &rest);
			item = jw_str_trim(item);
			if (!is_word(item))
				return BROKEN;
			if (jw_str_eq(item, wanted) ||
			    (any_case && item.len == wanted.len && item.len &&
			     !strncasecmp(item.ptr, wanted.ptr, item.len)))
				listed = LISTED;
		}
	}
	return listed;
}

static struct words unreadable(struct jw_arena *arena, const char *header)
{
	return (struct words){
		jw_arena_printf(arena, "its header %s can't be read as a list", header),
		jw_arena_printf(arena,
				"Cannot parse %s response header field in preflight "
				"response.",
				header)};
}

static struct words look_at_method(const struct jw_http_reply *reply, const char *method,
				   struct jw_arena *arena)
{
	enum listed listed = is_listed(reply, ALLOW_METHODS, jw_str_of(method), false);

	if (listed == BROKEN)
		return unreadable(arena, ALLOW_METHODS);
	if (listed == LISTED || is_plain_method(method) ||
	    is_listed(reply, ALLOW_METHODS, JW_STR("*"), false) == LISTED)
		return (struct words){NULL, NULL};
	return (struct words){
		jw_arena_printf(arena, "its header " ALLOW_METHODS " doesn't name %s", method),
		jw_arena_printf(arena,
				"Method %s is not allowed by " ALLOW_METHODS
				" in preflight response.",
				method)};
}

/* A * is for all of them but Authorization. */
static bool is_header_allowed(const struct jw_http_reply *reply, struct jw_str name)
{
	return is_listed(reply, ALLOW_HEADERS, name, true) == LISTED ||
	       (!jw_str_is(name, "authorization") &&
		is_listed(reply, ALLOW_HEADERS, JW_STR("*"), false) == LISTED);
}

static struct words look_at_headers(const struct jw_http_reply *reply, struct jw_str names,
				    struct jw_arena *arena)
{
	struct jw_str name = names;

	if (is_listed(reply, ALLOW_HEADERS, JW_STR("*"), false) == BROKEN)
		return unreadable(arena, ALLOW_HEADERS);
	for (bool has_more = names.len > 0; has_more;) {
		has_more = jw_str_cut(names, ',', &name, &names);
		if (!has_more)
			name = names;
		if (is_header_allowed(reply, name))
			continue;
		return (struct words){
			jw_arena_printf(
				arena, "its header " ALLOW_HEADERS " doesn't name %.*s%s",
				JW_STR_ARG(name),
				jw_str_is(name, "authorization") ? ", which a * doesn't mean"
								 : ""),
			jw_arena_printf(
				arena,
				"Request header field %.*s is not allowed by " ALLOW_HEADERS
				" in preflight response.",
				JW_STR_ARG(name))};
	}
	return (struct words){NULL, NULL};
}

#define ACCESS_CHECK "Response to preflight request doesn't pass access control check: "

/* Section 4.8, "CORS-preflight fetch". */
static struct words look_at_leave(const struct jw_http_reply *reply, const char *origin,
				  const char *method, struct jw_str names,
				  struct jw_arena *arena)
{
	struct words words;

	if (reply->status >= 300 && reply->status < 400)
		return (struct words){
			jw_arena_printf(arena, "it is a redirect (HTTP status %ld)",
					reply->status),
			ACCESS_CHECK "Redirect is not allowed for a preflight request."};
	words = look_at_origin(reply, origin, arena);
	if (words.why) {
		words.browser = jw_arena_printf(arena, ACCESS_CHECK "%s", words.browser);
		if (reply->status < 200 || reply->status >= 300)
			words.why = jw_arena_printf(arena, "its HTTP status is %ld, and %s",
						    reply->status, words.why);
		return words;
	}
	if (reply->status < 200 || reply->status >= 300)
		return (struct words){
			jw_arena_printf(arena, "its HTTP status is %ld", reply->status),
			ACCESS_CHECK "It does not have HTTP ok status."};
	words = look_at_method(reply, method, arena);
	return words.why ? words : look_at_headers(reply, names, arena);
}

const char *jw_cors_no_leave(const struct jw_http_reply *reply, const char *origin,
			     const char *url, const char *method, struct jw_str names,
			     struct jw_arena *arena)
{
	struct words words = look_at_leave(reply, origin, method, names, arena);

	if (!words.why)
		return NULL;
	return say(arena, origin, url,
		   jw_arena_printf(arena,
				   "a page of %s gets no leave to ask: it asks by OPTIONS "
				   "beforehand (%s%s%.*s), and of the answer %s",
				   origin, method, names.len ? " with " : "", JW_STR_ARG(names),
				   words.why),
		   words.browser);
}
