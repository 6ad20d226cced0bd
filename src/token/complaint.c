/* SPDX-License-Identifier: MIT */
/* What a program says on standard error, made fit for a message. */
#include "token/complaint.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf.h"
#include "token/find.h"

/* Shorter words, and lines of a text of many, are what everybody uses. */
#define WORD_MIN 4
/* So many bytes in a row of a secret give it away, as for what sinks quote. */
#define PIECE sizeof(uint64_t)
#define LINE_MAX 300

enum mark { MARK_SECRET = 1, MARK_TOKEN = 2 };

/* PIECE bytes of the line as a number, to be compared at once. */
struct gram {
	uint64_t bytes;
	size_t at;
	bool is_marked;
};

/* All is marked before anything is replaced: else the mask of one secret would break another,
 * or a token. */
struct marking {
	struct jw_str line;
	unsigned char *marks; /* for each byte */
	struct gram *grams;   /* all of the line, in order of their bytes */
	size_t gram_count;
};

static void mark(const struct marking *marking, size_t at, size_t len, enum mark as)
{
	for (size_t i = at; i < at + len; i++)
		marking->marks[i] |= as;
}

static uint64_t gram_bytes(const char *from)
{
	uint64_t bytes;

	memcpy(&bytes, from, sizeof(bytes));
	return bytes;
}

static int by_bytes(const void *left, const void *right)
{
	const struct gram *a = left;
	const struct gram *b = right;

	return (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static void marking_init(struct marking *marking, struct jw_str line)
{
	size_t count = line.len < PIECE ? 0 : line.len - PIECE + 1;

	*marking = (struct marking){
		.line = line,
		.marks = jw_xcalloc(line.len + 1, 1),
		.grams = jw_xcalloc(count + 1, sizeof(*marking->grams)),
		.gram_count = count,
	};
	for (size_t i = 0; i < count; i++)
		marking->grams[i] = (struct gram){.bytes = gram_bytes(line.ptr + i), .at = i};
	qsort(marking->grams, count, sizeof(*marking->grams), by_bytes);
}

static void marking_done(struct marking *marking)
{
	free(marking->marks);
	free(marking->grams);
}

static size_t first_gram(const struct marking *marking, uint64_t bytes)
{
	size_t low = 0;
	size_t high = marking->gram_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marking->grams[middle].bytes < bytes)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where the whole secret stands, all its pieces do. A gram is marked once, however often
 * the secret has it. */
static void mark_pieces(const struct marking *marking, struct jw_str secret)
{
	for (size_t i = 0; i + PIECE <= secret.len; i++) {
		uint64_t bytes = gram_bytes(secret.ptr + i);
		size_t at = first_gram(marking, bytes);

		for (; at < marking->gram_count; at++) {
			struct gram *gram = &marking->grams[at];

			if (gram->bytes != bytes || gram->is_marked)
				break;
			gram->is_marked = true;
			mark(marking, gram->at, PIECE, MARK_SECRET);
		}
	}
}

static void mark_whole(const struct marking *marking, struct jw_str secret)
{
	struct jw_str rest = marking->line;
	const char *met;

	while (rest.len && (met = memmem(rest.ptr, rest.len, secret.ptr, secret.len))) {
		mark(marking, (size_t)(met - marking->line.ptr), secret.len, MARK_SECRET);
		rest = jw_str_from(rest, (size_t)(met + 1 - rest.ptr));
	}
}

/* Line by line: programs that show a key of many lines show it so. */
static void mark_secret(const struct marking *marking, struct jw_str secret, size_t min)
{
	struct jw_str rest = jw_str_trim(secret);

	while (rest.len) {
		struct jw_str line = rest;

		if (jw_str_cut(rest, '\n', &line, &rest))
			min = WORD_MIN;
		else
			rest = (struct jw_str){0};
		line = jw_str_trim(line);
		if (line.len >= PIECE)
			mark_pieces(marking, line);
		else if (line.len >= min)
			mark_whole(marking, line);
	}
}

static void mark_word(const struct marking *marking, const char *word)
{
	const char *equals = strchr(word, '=');

	mark_secret(marking, jw_str_of(word), WORD_MIN);
	if (equals)
		mark_secret(marking, jw_str_of(equals + 1), WORD_MIN);
}

static void mark_tokens(const struct marking *marking)
{
	size_t at = 0;
	struct jw_str cut;

	while (jw_find_next_cut(marking->line.ptr, &at, &cut))
		mark(marking, at - cut.len, cut.len, MARK_TOKEN);
}

static void write_marked(const struct marking *marking, struct jw_buf *buf)
{
	size_t at = 0;

	while (at < marking->line.len) {
		unsigned marks = 0;

		if (!marking->marks[at]) {
			jw_buf_char(buf, marking->line.ptr[at++]);
			continue;
		}
		while (at < marking->line.len && marking->marks[at])
			marks |= marking->marks[at++];
		jw_buf_text(buf, marks & MARK_TOKEN ? JW_FIND_CUT : "***");
	}
}

static struct jw_str last_line(struct jw_str text)
{
	const char *start;

	text = jw_str_trim(text);
	start = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
	return jw_str_trim(start ? jw_str_from(text, (size_t)(start + 1 - text.ptr)) : text);
}

/* With a NUL behind it, and none in it. */
static char *copy_of(struct jw_str line)
{
	char *copy = jw_xcalloc(line.len + 1, 1);

	for (size_t i = 0; i < line.len; i++)
		copy[i] = line.ptr[i] ? line.ptr[i] : '?';
	return copy;
}

void jw_complaint(struct jw_str complaint, const char *const *values, const char *const *words,
		  struct jw_buf *buf)
{
	struct jw_str line = last_line(complaint);
	jw_autofree char *copy = copy_of(line);
	jw_autobuf struct jw_buf shown = JW_BUF(3 * line.len + sizeof(JW_FIND_CUT));
	struct marking marking;

	marking_init(&marking, (struct jw_str){copy, line.len});
	mark_tokens(&marking);
	for (; values && *values; values++)
		mark_secret(&marking, jw_str_of(*values), 1);
	for (; words && *words; words++)
		mark_word(&marking, *words);
	write_marked(&marking, &shown);
	marking_done(&marking);
	jw_utf_show(buf, jw_str_head(jw_buf_get(&shown), LINE_MAX));
	if (shown.len > LINE_MAX)
		jw_buf_text(buf, "...");
}
