/* SPDX-License-Identifier: MIT */
/* Where in a token endpoint's answer the token stands: JSON of known shapes, a JSON Pointer, a bare string, plain text. */
#include "token/answer.h"

#include <assert.h>
#include <string.h>

#include "base/url.h"
#include "base/utf.h"
#include "token/answer_parts.h"
#include "token/find.h"
#include "token/json.h"

#define SENTENCE_MAX ((size_t)4096)
#define PLACE_MAX ((size_t)1024)
#define DEPTH_MAX 4

static const char *const token_keys[] = {"participant_token", "participantToken", "token",
					 "access_token",      "accessToken",	  "jwt",
					 "livekitToken"};
/* Frameworks wrap what they return in one of these; "" is the root. */
static const char *const wrappers[] = {"", "data", "message"};
static const char *const url_keys[] = {
	"server_url", "serverUrl",	    "url",	  "wsUrl", "ws_url",
	"livekitUrl", "livekit_socket_url", "project_url"};
static const char *const error_keys[] = {"error",	 "errors",	     "err",
					 "error_code",	 "errorCode",	     "error_message",
					 "errorMessage", "error_description"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct search {
	json_t *root;
	struct jw_arena *arena;
	struct jw_err *err;
	struct jw_answer_token found;
};

static struct jw_str text_of(const json_t *value)
{
	return (struct jw_str){json_string_value(value), json_string_length(value)};
}

/* A compact JWS and nothing else, but for "Bearer " in front. */
static bool is_token(struct jw_str text)
{
	struct jw_str rest = jw_str_from(text, strlen("Bearer"));
	struct jw_str token;
	size_t at = 0;

	if (jw_str_is_nocase(jw_str_head(text, strlen("Bearer")), "Bearer") && rest.len &&
	    jw_str_trim(rest).ptr != rest.ptr)
		text = jw_str_trim(rest);
	return text.len && jw_find_next(text, JW_FIND_LAST, &at, &token) &&
	       token.ptr == text.ptr && token.len == text.len;
}

static bool has_token(struct jw_str text)
{
	struct jw_str token;
	size_t at = 0;

	return jw_find_next(text, JW_FIND_LAST, &at, &token);
}

/* Something that says that an error happened, not that none did. */
static bool is_error_object(const json_t *root)
{
	for (size_t i = 0; i < COUNT(error_keys); i++) {
		const json_t *error = json_object_get(root, error_keys[i]);

		if (json_is_true(error) || json_string_length(error) ||
		    json_object_size(error) || json_array_size(error) ||
		    json_number_value(error) != 0)
			return true;
	}
	return false;
}

static enum jw_cause say_error_object(struct search *search)
{
	return jw_fail(search->err, JW_TOKEN_NOT_FOUND,
		       "the answer is an error object, without a token");
}

/* The first address that a client could use, from the object around the token or from the root. */
static const char *url_in(const struct search *search, const json_t *object)
{
	for (size_t i = 0; i < COUNT(url_keys); i++) {
		struct jw_str text = text_of(json_object_get(object, url_keys[i]));
		struct jw_url url;

		if (text.len && !jw_url_parse(text, &url) &&
		    (jw_str_is_nocase(url.scheme, "ws") ||
		     jw_str_is_nocase(url.scheme, "wss") ||
		     jw_str_is_nocase(url.scheme, "http") ||
		     jw_str_is_nocase(url.scheme, "https")))
			return jw_arena_text(search->arena, text);
	}
	return NULL;
}

/* What is called just "url" may be anything; so it has to look like a server. */
static bool is_bare_url(const char *key, struct jw_str text)
{
	jw_autobuf struct jw_buf whole = JW_BUF(JW_URL_MAX);
	struct jw_str cloud = JW_STR(".livekit.cloud");
	struct jw_url url;

	jw_buf_text(&whole, "wss://");
	jw_buf_str(&whole, text);
	if (!text.len || jw_str_has(text, "://") || jw_url_parse(jw_buf_get(&whole), &url))
		return false;
	return strcmp(key, "url") != 0 || url.port ||
	       (url.host.len > cloud.len &&
		jw_str_eq(jw_str_from(url.host, url.host.len - cloud.len), cloud));
}

static const char *bare_url_in(const struct search *search, const json_t *object)
{
	for (size_t i = 0; i < COUNT(url_keys); i++) {
		struct jw_str text = text_of(json_object_get(object, url_keys[i]));

		if (is_bare_url(url_keys[i], text))
			return jw_arena_text(search->arena, text);
	}
	return NULL;
}

static enum jw_cause take_text(struct search *search, struct jw_str text, const char *where,
			       const json_t *around)
{
	const char *url = url_in(search, around);

	search->found.token = jw_arena_str(search->arena, text);
	search->found.where = jw_arena_text(search->arena, jw_str_of(where));
	search->found.url = url ? url : url_in(search, search->root);
	if (!search->found.url)
		search->found.bare_url = bare_url_in(search, around);
	return JW_OK;
}

#define WHOLE_JSON "(JSON string)"
#define WHOLE_TEXT "(plain text)"

/* "stands at /token", or what is said where the token should be all there is. */
static const char *stands(const struct search *search, const char *where)
{
	if (where[0] != '/')
		return "is the whole answer";
	return jw_arena_printf(search->arena, "stands at %s", where);
}

static enum jw_cause say_placeholder(struct search *search, struct jw_str text,
				     const char *where)
{
	if (!text.len)
		return jw_fail(search->err, JW_PLACEHOLDER,
			       "an empty text %s where the token should be",
			       stands(search, where));
	return jw_fail(search->err, JW_PLACEHOLDER,
		       "a placeholder of %zu characters %s where the token should be", text.len,
		       stands(search, where));
}

static enum jw_cause say_other_kind(struct search *search, const json_t *value,
				    const char *where)
{
	jw_autobuf struct jw_buf content = JW_BUF(SENTENCE_MAX);

	if (json_is_null(value))
		return jw_fail(search->err, JW_PLACEHOLDER, "null %s where the token should be",
			       stands(search, where));
	if (json_is_object(value) && !json_object_size(value))
		return jw_fail(search->err, JW_PLACEHOLDER,
			       "an empty object, {}, %s where the token should be; in "
			       "JavaScript that is a promise without await: await toJwt()",
			       stands(search, where));
	if (json_is_object(value) || json_is_array(value))
		jw_answer_add_content(&content, value);
	return jw_fail(search->err, JW_TOKEN_MALFORMED,
		       "%s %s where the token, a text, should be%s%s", jw_answer_kind(value),
		       stands(search, where), content.len ? "; " : "",
		       content.len ? content.ptr : "");
}

/* The value at a place where the token must be. */
static enum jw_cause take(struct search *search, const json_t *value, const char *where,
			  const json_t *around)
{
	struct jw_str text = jw_str_trim(text_of(value));

	if (json_is_string(value) && !jw_find_is_placeholder(text))
		return take_text(search, text, where, around);
	if (is_error_object(search->root))
		return say_error_object(search);
	if (json_is_string(value))
		return say_placeholder(search, text, where);
	return say_other_kind(search, value, where);
}

static json_t *unwrapped(const struct search *search, const char *wrapper)
{
	return *wrapper ? json_object_get(search->root, wrapper) : search->root;
}

/* The first known place that there is; one with null only where there is no better. */
static bool find_known(const struct search *search, const char **ret_wrapper,
		       const char **ret_key)
{
	bool found = false;

	for (size_t w = 0; w < COUNT(wrappers); w++) {
		const json_t *object = unwrapped(search, wrappers[w]);

		for (size_t k = 0; k < COUNT(token_keys); k++) {
			const json_t *value = json_object_get(object, token_keys[k]);

			if (!value || (found && json_is_null(value)))
				continue;
			*ret_wrapper = wrappers[w];
			*ret_key = token_keys[k];
			found = true;
			if (!json_is_null(value))
				return true;
		}
	}
	return found;
}

/* Texts that are tokens, at places that nobody knows beforehand. */
struct walk {
	const json_t *value; /* NULL: none was met */
	const json_t *around;
	struct jw_buf where; /* of the one that was met */
	bool is_ambiguous;   /* another token was met too */
	struct jw_buf here;
};

static void look_at(struct walk *walk, const json_t *value, const json_t *around, int depth);

static void look_into(struct walk *walk, const json_t *value, int depth)
{
	size_t len = walk->here.len;
	size_t index;
	const char *key;
	json_t *inner;

	json_object_foreach((json_t *)(uintptr_t)value, key, inner)
	{
		jw_answer_add_part(&walk->here, key);
		look_at(walk, inner, value, depth + 1);
		walk->here.len = len;
	}
	json_array_foreach(value, index, inner)
	{
		jw_buf_printf(&walk->here, "/%zu", index);
		look_at(walk, inner, value, depth + 1);
		walk->here.len = len;
	}
}

static void look_at(struct walk *walk, const json_t *value, const json_t *around, int depth)
{
	if (depth < DEPTH_MAX)
		look_into(walk, value, depth);
	if (!json_is_string(value) || !is_token(jw_str_trim(text_of(value))))
		return;
	if (walk->value) {
		walk->is_ambiguous = walk->is_ambiguous || !json_equal(walk->value, value);
		return;
	}
	walk->value = value;
	walk->around = around;
	jw_buf_str(&walk->where, jw_buf_get(&walk->here));
}

static enum jw_cause say_no_token(struct search *search)
{
	jw_autobuf struct jw_buf content = JW_BUF(SENTENCE_MAX);

	if (is_error_object(search->root))
		return say_error_object(search);
	jw_answer_add_content(&content, search->root);
	return jw_fail(search->err, JW_TOKEN_NOT_FOUND,
		       "the answer is JSON without a token: %s", content.ptr);
}

static enum jw_cause find_anywhere(struct search *search)
{
	struct walk walk = {.where = JW_BUF(PLACE_MAX), .here = JW_BUF(PLACE_MAX)};
	enum jw_cause cause;

	if (!is_error_object(search->root))
		look_into(&walk, search->root, 0);
	if (!walk.value)
		cause = say_no_token(search);
	else if (walk.is_ambiguous)
		cause = jw_fail(
			search->err, JW_TOKEN_NOT_FOUND,
			"the answer holds several tokens, the first at %s: name the one "
			"that is meant by its JSON Pointer",
			walk.where.ptr);
	else
		cause = take(search, walk.value, walk.where.ptr, walk.around);
	jw_buf_done(&walk.where);
	jw_buf_done(&walk.here);
	return cause;
}

static enum jw_cause find_in_text(struct search *search, struct jw_str text, const char *where)
{
	if (is_token(text))
		return take_text(search, text, where, NULL);
	if (jw_find_is_placeholder(text))
		return say_placeholder(search, text, where);
	if (has_token(text))
		return jw_fail(search->err, JW_TOKEN_NOT_FOUND,
			       "the answer has a token among other text: name it by a pattern");
	return jw_fail(search->err, JW_TOKEN_NOT_FOUND,
		       "the answer is a text of %zu bytes that isn't a token", text.len);
}

static enum jw_cause find_in_json(struct search *search, const char *pointer)
{
	jw_autobuf struct jw_buf where = JW_BUF(PLACE_MAX);
	const char *wrapper = "";
	const char *key = "";
	json_t *value;
	json_t *around;
	enum jw_cause cause;

	if (pointer) {
		cause = jw_answer_walk(search->root, pointer, &value, &around, search->err);
		if (cause)
			return is_error_object(search->root) ? say_error_object(search) : cause;
		return take(search, value, *pointer ? pointer : WHOLE_JSON, around);
	}
	if (json_is_string(search->root))
		return find_in_text(search, jw_str_trim(text_of(search->root)), WHOLE_JSON);
	if (json_is_null(search->root) ||
	    (json_is_object(search->root) && !json_object_size(search->root)))
		return take(search, search->root, WHOLE_JSON, NULL);
	if (!find_known(search, &wrapper, &key))
		return find_anywhere(search);
	jw_buf_printf(&where, "%s%s/%s", *wrapper ? "/" : "", wrapper, key);
	around = unwrapped(search, wrapper);
	return take(search, json_object_get(around, key), where.ptr, around);
}

static bool is_called_json(struct jw_str content_type)
{
	struct jw_str type = content_type;
	struct jw_str parameters;

	jw_str_cut(content_type, ';', &type, &parameters);
	type = jw_str_trim(type);
	return type.len > 4 && jw_str_is_nocase(jw_str_from(type, type.len - 4), "json");
}

static bool begins_like_json(struct jw_str body)
{
	return memchr("{[\"", body.ptr[0], 3);
}

/* Scripts that forget the content type send JSON and tokens as text/html too. */
static bool is_page(struct jw_str body, struct jw_str content_type)
{
	return body.ptr[0] == '<' ||
	       (jw_str_is_nocase(jw_str_head(content_type, strlen("text/html")), "text/html") &&
		!begins_like_json(body) && jw_str_has(body, "</"));
}

/* {{TOKEN}} and [object Promise], but nothing that may be broken JSON. */
static bool is_bare_placeholder(struct jw_str body)
{
	return jw_find_is_placeholder(body) && !jw_str_has(body, "\"") &&
	       !jw_str_has(body, ":") && !jw_str_has(body, ",") &&
	       (jw_str_starts(body, "{{") || jw_str_starts(body, "["));
}

/* What json.c says of tokens beside doesn't hold of answers. */
static enum jw_cause bad_json(const struct jw_err *why, struct jw_err *err)
{
	const char *aside = strstr(why->text, "; LiveKit may");

	if (!aside)
		return jw_fail(err, JW_BAD_JSON, "the answer %s", why->text);
	return jw_fail(err, JW_BAD_JSON,
		       "the answer %.*s; programs differ in what they make of that",
		       (int)(aside - why->text), why->text);
}

static enum jw_cause find_in_body(struct search *search, struct jw_str body,
				  struct jw_str content_type, const char *pointer)
{
	bool is_json = is_called_json(content_type) || begins_like_json(body);
	struct jw_err why;
	enum jw_cause cause;

	if (is_page(body, content_type))
		return jw_fail(search->err, JW_TOKEN_NOT_FOUND,
			       "the answer is a web page, not a token (a login page?)");
	if (!is_json && !pointer)
		return find_in_text(search, body, WHOLE_TEXT);
	if (!is_json)
		return jw_fail(search->err, JW_BAD_JSON,
			       "the answer is plain text, so no JSON Pointer leads anywhere in "
			       "it");
	if (jw_json_parse(body, &search->root, &why))
		return is_bare_placeholder(body) ? say_placeholder(search, body, WHOLE_TEXT)
						 : bad_json(&why, search->err);
	cause = find_in_json(search, pointer);
	json_decref(search->root);
	return cause;
}

enum jw_cause jw_answer_find(struct jw_str body, struct jw_str content_type,
			     const char *pointer, struct jw_arena *arena,
			     struct jw_answer_token *ret_found, struct jw_err *err)
{
	struct search search = {.arena = arena, .err = err};
	enum jw_cause cause;

	assert(!pointer || !jw_answer_pointer_wrong(jw_str_of(pointer)));
	if (body.len > JW_ANSWER_BODY_MAX)
		return jw_fail(err, JW_BODY_TOO_LARGE,
			       "the answer is larger than 1 MiB, more than any with a token");
	if (jw_utf_encoding(body) == JW_ENCODING_UTF8_BOM)
		body = jw_str_from(body, 3);
	body = jw_str_trim(body);
	if (!body.len)
		return jw_fail(err, JW_TOKEN_NOT_FOUND, "the answer is empty");
	cause = find_in_body(&search, body, content_type, pointer);
	if (!cause)
		*ret_found = search.found;
	return cause;
}
