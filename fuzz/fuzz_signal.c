/* SPDX-License-Identifier: MIT */
/* Any bytes as what a LiveKit server sends to who joins: something is made of them, once and for all, and the words for it
 * quote nothing. */
#include <string.h>

#include "base/mem.h"
#include "livekit/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static enum jw_signal hear(struct jw_str came)
{
	const char *says = "";
	enum jw_signal signal = jw_signal_first(came, "room", "me", &says);

	must(!says == (signal == JW_SIGNAL_NOTHING || signal == JW_SIGNAL_JOINED));
	return signal;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct jw_str came = {(const char *)data, size};
	enum jw_signal whole = hear(came);
	enum jw_signal half = hear(jw_str_head(came, size / 2));
	const char *says;

	must(half == JW_SIGNAL_NOTHING || half == whole);
	jw_signal_read(came, "room", "me", &says);
	return 0;
}
