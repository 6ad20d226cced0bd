/* SPDX-License-Identifier: MIT */
/* Slices of text that need no NUL, and the numbers, durations and sizes read from them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes. {NULL, 0} is the empty slice. */
struct jw_str {
	const char *ptr;
	size_t len;
};

#define JW_STR(literal) ((struct jw_str){(literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define JW_STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

/* NULL becomes the empty slice. */
struct jw_str jw_str_of(const char *text);

bool jw_str_eq(struct jw_str a, struct jw_str b);
bool jw_str_is(struct jw_str s, const char *text);
bool jw_str_is_nocase(struct jw_str s, const char *text);
bool jw_str_starts(struct jw_str s, const char *prefix);
bool jw_str_has(struct jw_str s, const char *needle);
/* The slice without blanks, tabs, CR and LF at both ends. */
struct jw_str jw_str_trim(struct jw_str s);
struct jw_str jw_str_from(struct jw_str s, size_t start);
struct jw_str jw_str_head(struct jw_str s, size_t len);
/* Splits at the first `at`: true and both halves, or false with both left untouched. */
bool jw_str_cut(struct jw_str s, char at, struct jw_str *ret_before, struct jw_str *ret_after);

/* FNV-1a: for tables of names that nobody chooses to do harm, not for secrets. */
uint64_t jw_str_hash(struct jw_str s);
/* 0 to 15; -1: not a hexadecimal digit, in either case. */
int jw_str_hex_digit(char c);
/* Writes len bytes as 2 * len lower-case hexadecimal digits, without a NUL behind them. */
void jw_str_hex(const unsigned char *bytes, size_t len, char *to);

/* Decimal digits only, the whole slice, at most max. False leaves *ret_n untouched. */
bool jw_str_u64(struct jw_str s, uint64_t max, uint64_t *ret_n);

enum jw_number {
	JW_NUMBER_OK,
	JW_NUMBER_BAD,	   /* not of the form at all */
	JW_NUMBER_NO_UNIT, /* a bare number: which unit was meant? */
	JW_NUMBER_LOW,	   /* below min */
	JW_NUMBER_HIGH,	   /* above max */
};

/* A duration such as 90s, 1h or 2d12h: units w d h m s (and ms for jw_str_millis), each at most once and
 * in falling order. Seconds and milliseconds respectively; anything but JW_NUMBER_OK leaves
 * *ret_n untouched. */
enum jw_number jw_str_seconds(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n);
enum jw_number jw_str_millis(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n);
/* A size in bytes: digits with an optional KiB, MiB or GiB (also K, M, G), powers of 1024. */
enum jw_number jw_str_bytes(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n);

/* Of the count names, the one that the writer of `s` most likely meant, or NULL when none is near. */
const char *jw_str_nearest(struct jw_str s, const char *const *names, size_t count);
