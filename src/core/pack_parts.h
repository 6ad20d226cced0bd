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
	IS_DEV_SIGNED = 512,
	IS_BARE = 256, /* claims without the text that they stood in */
};

enum { HAS_CLOCK = 1, WAS_ASKED = 2, IS_TOLD = 4, IS_REACHABLE = 8 };
enum { HAS_SCHEME = 1, IS_GIVEN = 2 };
enum { IS_KNOWN = 1, IS_STORED = 2, IS_EXPLICIT = 4, IS_GUESSED = 8 };

#define FINGERPRINT 8
#define DIGEST 32
