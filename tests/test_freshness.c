/* SPDX-License-Identifier: MIT */
/* What headers say about caches, by rows: how long the answer may be kept, and whether at all. */
#include "checks/freshness.h"

#include <string.h>

#include "rows.h"

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\n"

struct row {
	const char *name;
	const char *headers; /* "Name: value\n" each */
	struct jw_freshness fresh;
	long status; /* 0: 200 */
};

/* For the rows: stored, explicit, guessed, max_age, age. */
#define FRESH(stored, explicit_, guessed, max_age_, age_)                                      \
	{                                                                                      \
		true, stored, explicit_, guessed, max_age_, age_                               \
	}

static const struct row rows[] = {
	{"nothing at all", "", .fresh = FRESH(true, false, false, 0, 0)},
	{"max-age", "Cache-Control: max-age=60\n", .fresh = FRESH(true, true, false, 60, 0)},
	{"max-age in other letters and quotes", "cache-control: Max-Age=\"60\"\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"max-age with blanks", "Cache-Control: public ,  max-age = 60 ,\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"max-age of a word", "Cache-Control: max-age=soon\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"max-age with a sign", "Cache-Control: max-age=-1\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"max-age without a value", "Cache-Control: max-age\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"max-age twice: the first", "Cache-Control: max-age=60, max-age=5\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"max-age beyond all numbers", "Cache-Control: max-age=99999999999999999999999\n",
	 .fresh = FRESH(true, true, false, INT64_C(1) << 31, 0)},
	{"s-maxage is longer", "Cache-Control: max-age=60, s-maxage=600\n",
	 .fresh = FRESH(true, true, false, 600, 0)},
	{"s-maxage is shorter", "Cache-Control: s-maxage=5, max-age=60\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"s-maxage of what is private", "Cache-Control: private, s-maxage=600\n",
	 .fresh = FRESH(true, false, false, 0, 0)},
	{"private and max-age: a browser keeps it", "Cache-Control: private, max-age=60\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"private, max-age and s-maxage", "Cache-Control: private, max-age=60, s-maxage=600\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"private of one header", "Cache-Control: private=\"set-cookie\", s-maxage=600\n",
	 .fresh = FRESH(true, true, false, 600, 0)},
	{"no-store", "Cache-Control: no-store\n", .fresh = FRESH(false, false, false, 0, 0)},
	{"no-store in a second line", "Cache-Control: max-age=60\nCache-Control: NO-STORE\n",
	 .fresh = FRESH(false, true, false, 60, 0)},
	{"no-cache", "Cache-Control: no-cache\n", .fresh = FRESH(true, true, false, 0, 0)},
	{"no-cache beside max-age", "Cache-Control: max-age=60, no-cache\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"no-cache of some headers, with a comma inside",
	 "Cache-Control: no-cache=\"a, no-store\", max-age=60\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"an escaped quote", "Cache-Control: x=\"a\\\", no-store\", max-age=60\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"a quote left open", "Cache-Control: max-age=60, x=\"no-store\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"a backslash at the end", "Cache-Control: max-age=60, x=\"a\\\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"what nobody knows", "Cache-Control: immutable\n",
	 .fresh = FRESH(true, false, false, 0, 0)},
	{"Expires", DATE "Expires: Sun, 06 Nov 1994 09:49:37 GMT\n",
	 .fresh = FRESH(true, true, false, 3600, 0)},
	{"Expires before Date", DATE "Expires: Sun, 06 Nov 1994 08:49:36 GMT\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"Expires without Date", "Expires: Sun, 06 Nov 2094 08:49:37 GMT\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"Expires: 0", DATE "Expires: 0\n", .fresh = FRESH(true, true, false, 0, 0)},
	{"max-age instead of Expires",
	 DATE "Expires: Sun, 06 Nov 1994 09:49:37 GMT\nCache-Control: max-age=5\n",
	 .fresh = FRESH(true, true, false, 5, 0)},
	{"Age", "Cache-Control: max-age=60\nAge: 45\n",
	 .fresh = FRESH(true, true, false, 60, 45)},
	{"Age of a word", "Cache-Control: max-age=60\nAge: old\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
	{"Last-Modified: caches guess", DATE "Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT\n",
	 .fresh = FRESH(true, false, true, 0, 0)},
	{"Last-Modified beside Cache-Control",
	 "Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT\nCache-Control: private\n",
	 .fresh = FRESH(true, false, false, 0, 0)},
	{"Last-Modified beside Expires",
	 "Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT\nExpires: 0\n",
	 .fresh = FRESH(true, true, false, 0, 0)},
	{"Last-Modified of what was made", "Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT\n",
	 .fresh = FRESH(true, false, false, 0, 0), .status = 201},
	{"Vary: *", "Cache-Control: max-age=60\nVary: *\n",
	 .fresh = FRESH(false, true, false, 60, 0)},
	{"Vary by a header", "Cache-Control: max-age=60\nVary: Accept\n",
	 .fresh = FRESH(true, true, false, 60, 0)},
};

static void reads_headers(void **state)
{
	const struct row *row = *state;
	struct jw_http_header headers[8];
	struct jw_http_reply reply = {.status = row->status ? row->status : 200,
				      .headers = headers};
	struct jw_str rest = jw_str_of(row->headers);
	struct jw_str line;
	struct jw_freshness fresh;

	while (jw_str_cut(rest, '\n', &line, &rest)) {
		struct jw_http_header *header = &headers[reply.header_count++];

		assert_true(jw_str_cut(line, ':', &header->name, &header->value));
		header->value = jw_str_trim(header->value);
	}
	fresh = jw_freshness_read(&reply);
	assert_int_equal(fresh.is_known, row->fresh.is_known);
	assert_int_equal(fresh.is_stored, row->fresh.is_stored);
	assert_int_equal(fresh.is_explicit, row->fresh.is_explicit);
	assert_int_equal(fresh.is_guessed, row->fresh.is_guessed);
	assert_int_equal(fresh.max_age, row->fresh.max_age);
	assert_int_equal(fresh.age, row->fresh.age);
}

int main(void)
{
	JW_ROWS(rows, reads_headers);
	return rows_run();
}
