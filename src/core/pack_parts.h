/* SPDX-License-Identifier: MIT */
/* How a pack's bytes are laid, between who writes and who reads them. */
#pragma once

#include "core/pack.h"

struct jw_pack {
	uint32_t size;
	uint32_t holders;
	uint32_t texts; /* where they begin in bytes */
	unsigned char bytes[];
};

enum {
	HAS_CLAIMS = 1,
	IS_LIVEKIT = 2,
	IS_IN_PLACE = 4,
	IS_NOTE = 8,
	HAS_SOURCE_CLOCK = 16,
	HAS_DIGEST = 32,
	HAS_FINGERPRINT = 64,
	HAS_SIGNATURE = 128,
	IS_BARE = 256,		/* claims without the text that they stood in */
	IS_DIGEST_SHOWN = 1024, /* the fingerprint is the digest's first digits */
	IS_DECODED = 512,	/* the text is there as what it encodes */
	IS_DEV_SIGNED = 2048,
	ISNT_DEV_SIGNED = 4096,
};

enum { HAS_CLOCK = 1, WAS_ASKED = 2, IS_TOLD = 4, IS_REACHABLE = 8 };
enum { HAS_SCHEME = 1, IS_GIVEN = 2 };
enum { IS_KNOWN = 1, IS_STORED = 2, IS_EXPLICIT = 4, IS_GUESSED = 8 };

#define FINGERPRINT 8
#define DIGEST 32

/* Texts that a pack needn't hold: the place, and what mostly is a token's header. A text's number is 0 for NULL, then come
 * these from 1 on, then the places in the block. */
#define KNOWN 3
extern const char *const jw_pack_headers[KNOWN - 1];
