/* SPDX-License-Identifier: MIT */
/* One HTTP/1.x request (RFC 9112), strictly: what two servers could read in two ways is refused. */
#include <string.h>

#include "adapter/server_parts.h"

#define HEAD_MAX ((size_t)16 * 1024)
#define BODY_MAX ((size_t)64 * 1024)

enum {
	MORE = -1,
	WHOLE = 0,
	BAD = 400,
	TOO_LARGE = 413,
	HEAD_TOO_LARGE = 431,
	NOT_DONE = 501,
	VERSION_UNKNOWN = 505
};

/* Behind the empty line that ends the head; 0: it isn't there yet. */
static size_t head_end(const struct jw_buf *in)
{
	for (size_t i = 0; i < in->len; i++) {
		if (in->ptr[i] != '\n')
			continue;
		if (i + 1 < in->len && in->ptr[i + 1] == '\n')
			return i + 2;
		if (i + 2 < in->len && in->ptr[i + 1] == '\r' && in->ptr[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

/* In place. False: a broken escape, or a NUL. */
static bool decode(char *path)
{
	char *to = path;

	for (const char *at = path; *at; at++) {
		int high;
		int low;

		if (*at != '%') {
			*to++ = *at;
			continue;
		}
		high = jw_str_hex_digit(at[1]);
		low = high < 0 ? -1 : jw_str_hex_digit(at[2]);
		if (low < 0 || !(high || low))
			return false;
		*to++ = (char)(high << 4 | low);
		at += 2;
	}
	*to = '\0';
	return true;
}

static enum jw_method method_of(const char *word)
{
	static const char *const names[] = {[JW_METHOD_GET] = "GET",
					    [JW_METHOD_HEAD] = "HEAD",
					    [JW_METHOD_POST] = "POST",
					    [JW_METHOD_OPTIONS] = "OPTIONS"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(word, names[i]))
			return (enum jw_method)i;
	return JW_METHOD_OTHER;
}

/* "http://host/path" means the path, as a client of a proxy writes it. */
static char *without_origin(char *target)
{
	char *slash;

	if (strncasecmp(target, "http://", 7) != 0)
		return target;
	slash = strchr(target + 7, '/');
	return slash ? slash : target + strlen(target);
}

static int parse_target(struct jw_visit *visit, char *target)
{
	static char none[] = "";

	for (const char *c = target; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return BAD;
	target = without_origin(target);
	if (*target != '/' || strchr(target, '#'))
		return BAD;
	visit->query = strchr(target, '?');
	if (visit->query)
		*visit->query++ = '\0';
	else
		visit->query = none;
	visit->path = target;
	return decode(target) ? WHOLE : BAD;
}

static int parse_first(struct jw_visit *visit, char *line)
{
	char *target = strchr(line, ' ');
	char *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || target == line || strchr(version + 1, ' '))
		return BAD;
	*target++ = '\0';
	*version++ = '\0';
	if (strncmp(version, "HTTP/", 5) != 0)
		return BAD;
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return VERSION_UNKNOWN;
	visit->is_old = !strcmp(version, "HTTP/1.0");
	visit->method = method_of(line);
	return parse_target(visit, target);
}

static bool is_token(const char *name)
{
	static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *name && strspn(name, allowed) == strlen(name);
}

static int parse_header(struct jw_visit *visit, char *line)
{
	char *value = strchr(line, ':');
	size_t len;

	if (!value)
		return BAD;
	*value++ = '\0';
	if (!is_token(line))
		return BAD;
	value += strspn(value, " \t");
	len = strlen(value);
	while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		value[--len] = '\0';
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < ' ' && *c != '\t')
			return BAD;
	if (visit->header_count == JW_REQUEST_HEADERS_MAX)
		return HEAD_TOO_LARGE;
	visit->headers[visit->header_count].name = line;
	visit->headers[visit->header_count++].value = value;
	return WHOLE;
}

static const char *header(const struct jw_visit *visit, const char *name, size_t *count)
{
	const char *value = NULL;

	*count = 0;
	for (size_t i = 0; i < visit->header_count; i++) {
		if (strcasecmp(visit->headers[i].name, name) != 0)
			continue;
		value = visit->headers[i].value;
		++*count;
	}
	return value;
}

static int read_length(struct jw_visit *visit)
{
	size_t count;
	const char *given;
	uint64_t len;

	if (header(visit, "Transfer-Encoding", &count))
		return header(visit, "Content-Length", &count) ? BAD : NOT_DONE;
	given = header(visit, "Content-Length", &count);
	visit->body_len = 0;
	if (!given)
		return WHOLE;
	if (count > 1 || strspn(given, "0123456789") != strlen(given) || !*given)
		return BAD;
	if (!jw_str_u64(jw_str_of(given), BODY_MAX, &len))
		return TOO_LARGE;
	visit->body_len = (size_t)len;
	return WHOLE;
}

/* What any of its lines says: they are one list (RFC 9110 section 5.3). */
static bool connection_says(const struct jw_visit *visit, const char *word)
{
	for (size_t i = 0; i < visit->header_count; i++)
		if (!strcasecmp(visit->headers[i].name, "Connection") &&
		    strcasestr(visit->headers[i].value, word))
			return true;
	return false;
}

static int look_at_headers(struct jw_visit *visit)
{
	size_t count;
	int status = read_length(visit);

	if (status)
		return status;
	header(visit, "Host", &count);
	if (count > 1 || (!count && !visit->is_old))
		return BAD;
	visit->keeps_alive = !connection_says(visit, "close") &&
			     (!visit->is_old || connection_says(visit, "keep-alive"));
	return WHOLE;
}

/* The lines of the head, each made a text of its own. */
static int parse_head(struct jw_visit *visit, size_t end)
{
	char *line = visit->text = jw_xmalloc(end + 1);
	char *stop = line + end;
	bool is_first = true;

	memcpy(visit->text, visit->in.ptr, end);
	visit->text[end] = '\0';
	visit->header_count = 0;
	while (line < stop) {
		char *newline = memchr(line, '\n', (size_t)(stop - line));
		size_t len = (size_t)(newline - line);
		int status;

		if (len && line[len - 1] == '\r')
			len--;
		if (memchr(line, '\0', len) || memchr(line, '\r', len))
			return BAD;
		line[len] = '\0';
		if (!len && !is_first)
			break;
		status = is_first ? parse_first(visit, line) : parse_header(visit, line);
		if (status)
			return status;
		is_first = false;
		line = newline + 1;
	}
	return look_at_headers(visit);
}

/* In front of a request they are let be (RFC 9112 section 2.2). */
static void drop_empty_lines(struct jw_buf *in)
{
	size_t len = 0;

	while (len < in->len && (in->ptr[len] == '\r' || in->ptr[len] == '\n'))
		len++;
	if (len)
		jw_buf_consume(in, len);
}

int jw_server_parse(struct jw_visit *visit)
{
	int status;

	if (!visit->used) {
		size_t end;

		drop_empty_lines(&visit->in);
		end = head_end(&visit->in);
		if (!end)
			return visit->in.len >= HEAD_MAX ? HEAD_TOO_LARGE : MORE;
		if (end > HEAD_MAX)
			return HEAD_TOO_LARGE;
		status = parse_head(visit, end);
		if (status)
			return status;
		visit->used = end;
	}
	return visit->in.len - visit->used < visit->body_len ? MORE : WHOLE;
}
