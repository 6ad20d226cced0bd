/* SPDX-License-Identifier: MIT */
/* What looks at every byte of large texts: with AVX2 where the processor has it. */
#include "base/scan.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#define HAS_AVX2 (__builtin_cpu_supports("avx2"))
#define BLOCK sizeof(__m256i)
#endif

#define LITERAL ((size_t)3)

static size_t find_portably(struct jw_str text, size_t at, const char literal[LITERAL])
{
	const char *found =
		at < text.len ? memmem(text.ptr + at, text.len - at, literal, LITERAL) : NULL;

	return found ? (size_t)(found - text.ptr) : text.len;
}

static size_t count_portably(struct jw_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

#ifdef HAS_AVX2

#define AVX2 __attribute__((target("avx2")))
#define FAST AVX2 __attribute__((always_inline)) static inline
#define STRIDE (4 * BLOCK)

FAST __m256i load(const char *from)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

struct pair {
	__m256i first;
	__m256i third;
};

/* The places among 32 whose first and third byte fit; few do, so the second is looked at by itself. */
FAST __m256i fits(const char *from, struct pair pair)
{
	return _mm256_and_si256(_mm256_cmpeq_epi8(load(from), pair.first),
				_mm256_cmpeq_epi8(load(from + LITERAL - 1), pair.third));
}

FAST bool is_in_block(const char *from, struct pair pair, char second, size_t *ret_place)
{
	unsigned bits = (unsigned)_mm256_movemask_epi8(fits(from, pair));

	for (; bits; bits &= bits - 1) {
		unsigned place = (unsigned)__builtin_ctz(bits);

		if (from[place + 1] != second)
			continue;
		*ret_place = place;
		return true;
	}
	return false;
}

FAST bool is_in_stride(const char *from, struct pair pair)
{
	__m256i front = _mm256_or_si256(fits(from, pair), fits(from + BLOCK, pair));
	__m256i back =
		_mm256_or_si256(fits(from + 2 * BLOCK, pair), fits(from + 3 * BLOCK, pair));
	__m256i any = _mm256_or_si256(front, back);

	return !_mm256_testz_si256(any, any);
}

AVX2 static size_t find_by_pair(struct jw_str text, size_t at, const char literal[LITERAL])
{
	const struct pair pair = {_mm256_set1_epi8(literal[0]), _mm256_set1_epi8(literal[2])};
	const char *from = text.ptr + at;
	const char *end = text.ptr + text.len;
	size_t place;

	while (end - from >= (ptrdiff_t)(BLOCK + LITERAL - 1)) {
		while (end - from >= (ptrdiff_t)(STRIDE + LITERAL - 1) &&
		       !is_in_stride(from, pair))
			from += STRIDE;
		if (end - from < (ptrdiff_t)(BLOCK + LITERAL - 1))
			break;
		if (is_in_block(from, pair, literal[1], &place))
			return (size_t)(from - text.ptr) + place;
		from += BLOCK;
	}
	/* Less than a block is left. */
	for (; end - from >= (ptrdiff_t)LITERAL; from++)
		if (from[0] == literal[0] && from[1] == literal[1] && from[2] == literal[2])
			return (size_t)(from - text.ptr);
	return text.len;
}

/* Less one for each byte of a column, in four blocks, that is c. */
FAST __m256i counted(const char *from, __m256i wanted)
{
	__m256i front = _mm256_add_epi8(_mm256_cmpeq_epi8(load(from), wanted),
					_mm256_cmpeq_epi8(load(from + BLOCK), wanted));
	__m256i back = _mm256_add_epi8(_mm256_cmpeq_epi8(load(from + 2 * BLOCK), wanted),
				       _mm256_cmpeq_epi8(load(from + 3 * BLOCK), wanted));

	return _mm256_add_epi8(front, back);
}

/* A byte holds the count of its column, up to 255: so the columns are added up before they run over. */
AVX2 static size_t count_in_blocks(struct jw_str text, char c)
{
	const __m256i wanted = _mm256_set1_epi8(c);
	const __m256i zero = _mm256_setzero_si256();
	const char *from = text.ptr;
	const char *end = text.ptr + text.len;
	__m256i total = zero;
	uint64_t sums[4];

	while (end - from >= (ptrdiff_t)STRIDE) {
		__m256i columns = zero;

		for (unsigned i = 0; i < 63 && end - from >= (ptrdiff_t)STRIDE; i++) {
			columns = _mm256_sub_epi8(columns, counted(from, wanted));
			from += STRIDE;
		}
		total = _mm256_add_epi64(total, _mm256_sad_epu8(columns, zero));
	}
	_mm256_storeu_si256((__m256i *)(void *)sums, total);
	return sums[0] + sums[1] + sums[2] + sums[3] +
	       count_portably(jw_str_from(text, (size_t)(from - text.ptr)), c);
}

#endif

size_t jw_scan_find(struct jw_str text, size_t at, const char literal[LITERAL])
{
#ifdef HAS_AVX2
	if (HAS_AVX2 && at < text.len)
		return find_by_pair(text, at, literal);
#endif
	return find_portably(text, at, literal);
}

size_t jw_scan_count(struct jw_str text, char c)
{
#ifdef HAS_AVX2
	if (HAS_AVX2 && text.len)
		return count_in_blocks(text, c);
#endif
	return count_portably(text, c);
}
