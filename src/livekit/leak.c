/* SPDX-License-Identifier: MIT */
/* What a page that everybody may open must not hold: the secret that tokens are made with. */
#include "livekit/leak.h"

#include <string.h>
#include <strings.h>

#include "base/scan.h"
#include "base/url.h"
#include "token/find.h"

/* From so many bytes on a secret is no word that a page has by chance. */
#define LONG_SECRET 8
/* LiveKit warns of secrets below 32 bytes; half of that is told from words, labels and messages. */
#define LITERAL_MIN 16
#define LITERAL_MAX 256
#define NAME_MAX ((size_t)64)
/* Between a name and its value. */
#define GAP_MAX 32

bool jw_leak_is_private(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	struct jw_str name = jw_str_of(slash ? slash + 1 : path);
	struct jw_url url;

	if (path && !jw_url_parse(jw_str_of(path), &url))
		return false;
	return jw_str_is(name, ".env") || jw_str_starts(name, ".env.") ||
	       (name.len > 4 && jw_str_is(jw_str_from(name, name.len - 4), ".env"));
}

static char at(struct jw_str text, size_t i)
{
	return i < text.len ? text.ptr[i] : '\0';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t behind_blanks(struct jw_str text, size_t i)
{
	size_t end = i + GAP_MAX;

	while (i < end && is_blank(at(text, i)))
		i++;
	return i;
}

/* In quotes, and not as a name: {"secret": ...}. */
static bool is_value(struct jw_str text, size_t start, size_t len)
{
	size_t behind;

	if (!start || !is_quote(text.ptr[start - 1]) ||
	    at(text, start + len) != text.ptr[start - 1])
		return false;
	behind = behind_blanks(text, start + len + 1);
	return at(text, behind) != ':' && at(text, behind) != '=';
}

size_t jw_leak_find(struct jw_str text, struct jw_str secret)
{
	const char *from = text.ptr;
	const char *end;
	const char *found;

	/* An empty text may be NULL, to which nothing can be added. */
	if (!text.len || !secret.len)
		return text.len;
	end = text.ptr + text.len;
	while (from < end &&
	       (found = memmem(from, (size_t)(end - from), secret.ptr, secret.len))) {
		if (secret.len >= LONG_SECRET ||
		    is_value(text, (size_t)(found - text.ptr), secret.len))
			return (size_t)(found - text.ptr);
		from = found + 1;
	}
	return text.len;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* Whether, in small letters and without - and _, `part` is in it: at its end, or anywhere. */
enum where { AT_END, ANYWHERE };

static bool has_part(struct jw_str s, const char *part, enum where where)
{
	char letters[LITERAL_MAX + 1];
	size_t len = 0;
	size_t part_len = strlen(part);

	for (size_t i = 0; i < s.len && len < LITERAL_MAX; i++)
		if (s.ptr[i] != '_' && s.ptr[i] != '-')
			letters[len++] = s.ptr[i];
	letters[len] = '\0';
	if (where == AT_END)
		return len >= part_len && !strcasecmp(letters + len - part_len, part);
	return strcasestr(letters, part);
}

static bool names_secret(struct jw_str s, enum where where)
{
	return has_part(s, "apisecret", where) || has_part(s, "livekitsecret", where);
}

/* Not a placeholder, the name of a variable, or a text for people. */
static bool can_be_secret(struct jw_str literal)
{
	if (literal.len < LITERAL_MIN || literal.len > LITERAL_MAX ||
	    jw_find_is_placeholder(literal) || names_secret(literal, ANYWHERE))
		return false;
	for (size_t i = 0; i < literal.len; i++)
		if (literal.ptr[i] <= ' ' || literal.ptr[i] > '~' ||
		    strchr("${}<>", literal.ptr[i]))
			return false;
	return true;
}

/* Behind the sign between a name and its value: = : or =>; 0: there is none. */
static size_t behind_sign(struct jw_str text, size_t i)
{
	if (at(text, i) == '\\')
		i++;
	if (is_quote(at(text, i)))
		i++;
	i = behind_blanks(text, i);
	if (at(text, i) != '=' && at(text, i) != ':')
		return 0;
	i += at(text, i) == '=' && at(text, i + 1) == '>' ? 2 : 1;
	return behind_blanks(text, i);
}

static bool is_given_secret(struct jw_str text, size_t i)
{
	size_t end;
	size_t start;

	i = behind_sign(text, i);
	if (!i)
		return false;
	if (at(text, i) == '\\')
		i++;
	if (!is_quote(at(text, i)))
		return false;
	start = i + 1;
	for (end = start; end < text.len && end - start <= LITERAL_MAX; end++)
		if (text.ptr[end] == text.ptr[i] || text.ptr[end] == '\\' ||
		    text.ptr[end] == '\n')
			break;
	return at(text, end) != '\n' && end < text.len &&
	       can_be_secret((struct jw_str){text.ptr + start, end - start});
}

/* `found` is where "cre" stands, in small letters or capitals; true: *ret_start is where the name begins. */
static bool is_assignment(struct jw_str text, size_t found, size_t *ret_start)
{
	size_t start;
	size_t end;

	if (found < 2 || text.len - found < 4 ||
	    strncasecmp(text.ptr + found - 2, "secret", 6) != 0)
		return false;
	start = found - 2;
	end = found + 4;
	if (is_name_char(at(text, end)))
		return false;
	while (start && end - start < NAME_MAX && is_name_char(text.ptr[start - 1]))
		start--;
	if (!names_secret((struct jw_str){text.ptr + start, end - start}, AT_END))
		return false;
	*ret_start = start;
	return is_given_secret(text, end);
}

static size_t find_by(struct jw_str text, const char letters[3])
{
	size_t start;

	for (size_t found = jw_scan_find(text, 0, letters); found < text.len;
	     found = jw_scan_find(text, found + 1, letters))
		if (is_assignment(text, found, &start))
			return start;
	return text.len;
}

size_t jw_leak_find_assignment(struct jw_str text)
{
	size_t small;
	size_t capital;

	if (!text.len)
		return 0;
	small = find_by(text, "cre");
	capital = find_by(text, "CRE");
	return small < capital ? small : capital;
}
