/* SPDX-License-Identifier: MIT */
/* Slices of text, and the numbers, durations and sizes read from them. */
#include "base/str.h"

#include <string.h>
#include <strings.h>

struct jw_str jw_str_of(const char *text)
{
	return text ? (struct jw_str){text, strlen(text)} : (struct jw_str){0};
}

bool jw_str_eq(struct jw_str a, struct jw_str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

bool jw_str_is(struct jw_str s, const char *text)
{
	return jw_str_eq(s, jw_str_of(text));
}

bool jw_str_is_nocase(struct jw_str s, const char *text)
{
	return s.len == strlen(text) && (!s.len || !strncasecmp(s.ptr, text, s.len));
}

bool jw_str_starts(struct jw_str s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && (!len || !memcmp(s.ptr, prefix, len));
}

bool jw_str_has(struct jw_str s, const char *needle)
{
	return s.len && memmem(s.ptr, s.len, needle, strlen(needle));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct jw_str jw_str_trim(struct jw_str s)
{
	while (s.len && is_space(s.ptr[0]))
		s = jw_str_from(s, 1);
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct jw_str jw_str_from(struct jw_str s, size_t start)
{
	if (start >= s.len)
		return (struct jw_str){0};
	return (struct jw_str){s.ptr + start, s.len - start};
}

struct jw_str jw_str_head(struct jw_str s, size_t len)
{
	return (struct jw_str){s.ptr, s.len < len ? s.len : len};
}

bool jw_str_cut(struct jw_str s, char at, struct jw_str *ret_before, struct jw_str *ret_after)
{
	const char *found = s.len ? memchr(s.ptr, at, s.len) : NULL;

	if (!found)
		return false;
	*ret_after = jw_str_from(s, (size_t)(found - s.ptr) + 1);
	*ret_before = jw_str_head(s, (size_t)(found - s.ptr));
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

uint64_t jw_str_hash(struct jw_str s)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
	return hash;
}

int jw_str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void jw_str_hex(const unsigned char *bytes, size_t len, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
}

bool jw_str_u64(struct jw_str s, uint64_t max, uint64_t *ret_n)
{
	uint64_t n = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)s.ptr[i] - '0';

		if (!is_digit(s.ptr[i]) || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (n > max)
		return false;
	*ret_n = n;
	return true;
}

struct unit {
	const char *name;
	int64_t size;
};

/* Falling, so that "each once, in falling order" is one walk. */
static const struct unit time_units[] = {
	{"w", 604800000},
	{"d", 86400000},
	{"h", 3600000},
	{"m", 60000},
	{"s", 1000},
	{"ms", 1},
	{0},
};

static const struct unit byte_units[] = {
	{"GiB", 1 << 30}, {"G", 1 << 30}, {"MiB", 1 << 20}, {"M", 1 << 20},
	{"KiB", 1 << 10}, {"K", 1 << 10}, {"B", 1},	    {0},
};

static const struct unit *unit_of(const struct unit *from, struct jw_str s)
{
	for (; from->name; from++)
		if (jw_str_is(s, from->name))
			return from;
	return NULL;
}

/* Takes one "<digits><letters>" from the front of *s. A number too long for 64 bits saturates. */
static bool take_part(struct jw_str *s, uint64_t *ret_n, struct jw_str *ret_unit)
{
	size_t digits = 0;
	size_t end;
	uint64_t n = 0;

	while (digits < s->len && is_digit(s->ptr[digits]))
		digits++;
	for (end = digits; end < s->len && !is_digit(s->ptr[end]); end++)
		;
	if (!digits)
		return false;
	if (!jw_str_u64(jw_str_head(*s, digits), UINT64_MAX, &n))
		n = UINT64_MAX;
	*ret_n = n;
	*ret_unit = (struct jw_str){s->ptr + digits, end - digits};
	*s = jw_str_from(*s, end);
	return true;
}

/* total + n * size, or false past INT64_MAX. */
static bool add_part(int64_t *total, uint64_t n, int64_t size)
{
	if (n > (uint64_t)(INT64_MAX - *total) / (uint64_t)size)
		return false;
	*total += (int64_t)n * size;
	return true;
}

static enum jw_number in_range(int64_t n, int64_t min, int64_t max, int64_t *ret_n)
{
	if (n < min)
		return JW_NUMBER_LOW;
	if (n > max)
		return JW_NUMBER_HIGH;
	*ret_n = n;
	return JW_NUMBER_OK;
}

/* The sum of the parts in milliseconds. */
static enum jw_number duration(struct jw_str s, int64_t *ret_ms)
{
	const struct unit *next = time_units;
	int64_t total = 0;
	bool fits = true;

	if (!s.len)
		return JW_NUMBER_BAD;
	while (s.len) {
		uint64_t n;
		struct jw_str name;
		const struct unit *unit;

		if (!take_part(&s, &n, &name))
			return JW_NUMBER_BAD;
		if (!name.len)
			return next == time_units ? JW_NUMBER_NO_UNIT : JW_NUMBER_BAD;
		unit = unit_of(next, name);
		if (!unit)
			return JW_NUMBER_BAD;
		fits = fits && add_part(&total, n, unit->size);
		next = unit + 1;
	}
	if (!fits)
		return JW_NUMBER_HIGH;
	*ret_ms = total;
	return JW_NUMBER_OK;
}

enum jw_number jw_str_seconds(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n)
{
	int64_t ms = 0;
	enum jw_number result = duration(s, &ms);

	if (result != JW_NUMBER_OK)
		return result;
	if (jw_str_has(s, "ms"))
		return JW_NUMBER_BAD;
	return in_range(ms / 1000, min, max, ret_n);
}

enum jw_number jw_str_millis(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n)
{
	int64_t ms = 0;
	enum jw_number result = duration(s, &ms);

	return result == JW_NUMBER_OK ? in_range(ms, min, max, ret_n) : result;
}

enum jw_number jw_str_bytes(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n)
{
	uint64_t n;
	struct jw_str name;
	const struct unit *unit;
	int64_t total = 0;

	if (!take_part(&s, &n, &name) || s.len)
		return JW_NUMBER_BAD;
	unit = name.len ? unit_of(byte_units, name) : &byte_units[6];
	if (!unit)
		return JW_NUMBER_BAD;
	if (!add_part(&total, n, unit->size))
		return JW_NUMBER_HIGH;
	return in_range(total, min, max, ret_n);
}

#define NEAREST_MAX 40

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance, two rows at a time; both lengths are at most NEAREST_MAX. */
static size_t distance(struct jw_str a, struct jw_str b)
{
	size_t row[NEAREST_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t old = row[j];
			size_t change = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);

			row[j] = min3(row[j] + 1, row[j - 1] + 1, change);
			diagonal = old;
		}
	}
	return row[b.len];
}

const char *jw_str_nearest(struct jw_str s, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t best_distance = s.len / 3 + 1;

	if (!s.len || s.len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct jw_str name = jw_str_of(names[i]);
		size_t d;

		if (name.len > NEAREST_MAX)
			continue;
		d = distance(s, name);
		if (d <= best_distance && (!best || d < best_distance)) {
			best_distance = d;
			best = names[i];
		}
	}
	return best;
}
