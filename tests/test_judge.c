/* SPDX-License-Identifier: MIT */
/* Verdicts by rows: one token, one moment (2026-01-02T03:04:05Z), one finding or none. */
#include "verdict/judge.h"

#include <string.h>

#include "base/when.h"

#include "judging.h"
#include "rows.h"

#define AT "/srv/page.html:13"
#define BROWSER "; a browser says: could not establish signal connection: "
#define GOOD "'exp': 1767409445, 'iat': 1767323000" /* 24 h left */
#define LIVEKIT "'video': {'room': 'test-room'}"

struct row {
	const char *name;
	const char *payload; /* NULL: nothing was decoded */
	enum jw_state state;
	enum jw_cause cause;
	const char *message; /* whole */
	const char *remedy;  /* NULL: that of the cause */
	const char *warning;
	const char *critical;
	struct jw_expect expect;
	enum jw_signature signature;
	const char *signature_says;
	enum jw_cause decode;
	const char *decode_says;
	unsigned notes;
	bool is_in_place;
	const char *alg;
	int64_t changes_in; /* seconds; 0: it never changes */
	size_t others;	    /* findings beside the deciding one */
};

static const char *const no_admin[] = {"roomAdmin", NULL};
static const char *const no_grants[] = {NULL};
static const char *const no_join[] = {"canUpdateOwnMetadata", "roomJoin", NULL};

static const struct row rows[] = {
	{"a good token", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .changes_in = 86400},
	{"a good token, signature valid", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry, signature)",
	 .signature = JW_SIG_VALID, .changes_in = 86400},

	{"expired this second", "{'exp': 1767323045}", JW_STATE_CRITICAL, JW_EXPIRED,
	 .message = AT " token ended 0s ago (2026-01-02T03:04:05Z)"},
	{"one second left", "{'exp': 1767323046}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1s more (until 2026-01-02T03:04:06Z) (expiry only)",
	 .changes_in = 1},
	{"expired, LiveKit's last second", "{'exp': 1767322986, " LIVEKIT "}",
	 JW_STATE_CRITICAL, JW_EXPIRED,
	 .message = AT
	 " token ended 59s ago (2026-01-02T03:03:06Z); LiveKit itself allows 60 s more"},
	{"expired for LiveKit too", "{'exp': 1767322985, " LIVEKIT "}", JW_STATE_CRITICAL,
	 JW_EXPIRED,
	 .message = AT " token ended 1m ago (2026-01-02T03:03:05Z)" BROWSER
		       "invalid token: …, error: token has invalid claims: token is expired"},
	{"expired, of somebody else", "{'exp': 1767315126}", JW_STATE_CRITICAL, JW_EXPIRED,
	 .message = AT " token ended 2h11m ago (2026-01-02T00:52:06Z)"},
	{"no expiry", "{'iat': 1767323000}", JW_STATE_CRITICAL, JW_NO_EXPIRY,
	 .message = AT " token has no expiry (exp)"},
	{"no expiry, LiveKit", "{" LIVEKIT "}", JW_STATE_CRITICAL, JW_NO_EXPIRY,
	 .message =
		 AT " token has no expiry (exp): released LiveKit servers accept it for ever"},
	{"no expiry, thresholds asked for", "{}", JW_STATE_CRITICAL, JW_NO_EXPIRY,
	 .message = AT " token has no expiry (exp)", .warning = "20%", .critical = "600:"},
	{"expiry is text", "{'exp': '1767409445'}", JW_STATE_CRITICAL, JW_EXPIRY_INVALID,
	 .message = AT " token's expiry (exp) is text, not a number", .warning = "1h"},

	{"nbf within the leeway", "{'exp': 1767409445, 'nbf': 1767323105}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.leeway = 60}, .changes_in = 86400},
	{"nbf one second further", "{'exp': 1767409445, 'nbf': 1767323106}", JW_STATE_CRITICAL,
	 JW_NOT_YET_VALID,
	 .message = AT " token isn't valid before 2026-01-02T03:05:06Z (nbf), in 1m1s",
	 .expect = {.leeway = 60}, .changes_in = 1},
	{"nbf ahead, LiveKit refuses", "{'exp': 1767409445, 'nbf': 1767323106, " LIVEKIT "}",
	 JW_STATE_CRITICAL, JW_NOT_YET_VALID,
	 .message =
		 AT " token isn't valid before 2026-01-02T03:05:06Z (nbf), in 1m1s" BROWSER
		    "invalid token: …, error: token has invalid claims: token is not valid yet",
	 .expect = {.leeway = 60}, .changes_in = 1},
	{"nbf ahead, LiveKit doesn't refuse yet",
	 "{'exp': 1767409445, 'nbf': 1767323105, " LIVEKIT "}", JW_STATE_CRITICAL,
	 JW_NOT_YET_VALID,
	 .message = AT " token isn't valid before 2026-01-02T03:05:05Z (nbf), in 1m",
	 .changes_in = 60},
	{"nbf is text", "{'exp': 1767409445, 'nbf': 'soon', " LIVEKIT "}", JW_STATE_CRITICAL,
	 JW_TOKEN_MALFORMED,
	 .message = AT
	 ": the token's nbf is text, not a number, and servers may refuse it for that",
	 .changes_in = 86400},
	{"iat is text", "{'exp': 1767409445, 'iat': 'now'}", JW_STATE_CRITICAL,
	 JW_TOKEN_MALFORMED,
	 .message = AT
	 ": the token's iat is text, not a number, and servers may refuse it for that",
	 .changes_in = 86400},

	{"iat ahead as tolerated", "{'exp': 1767409445, 'iat': 1767323075}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .changes_in = 86400},
	{"iat one second further", "{'exp': 1767409445, 'iat': 1767323076}", JW_STATE_WARNING,
	 JW_CLOCK_SKEW,
	 .message = AT
	 " token was made 31s in the future (iat 2026-01-02T03:04:36Z) by the clock here",
	 .changes_in = 1},
	{"simulated before iat, as tolerated", "{'exp': 1767409445, 'iat': 1767323075}",
	 JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.is_simulated = true}, .changes_in = 86400},
	{"simulated before iat", "{'exp': 1767409445, 'iat': 1767323076}", JW_STATE_CRITICAL,
	 JW_NOT_YET_VALID,
	 .message = AT
	 " token was made 2026-01-02T03:04:36Z (iat), 31s after the simulated moment",
	 .remedy = "simulate a moment after the token was made",
	 .expect = {.is_simulated = true}, .changes_in = 1},
	{"simulated before iat and nbf",
	 "{'exp': 1767409445, 'iat': 1767326645, 'nbf': 1767326645, " LIVEKIT "}",
	 JW_STATE_CRITICAL, JW_NOT_YET_VALID,
	 .message =
		 AT " token was made 2026-01-02T04:04:05Z (iat), 1h after the simulated moment",
	 .remedy = "simulate a moment after the token was made",
	 .expect = {.leeway = 60, .is_simulated = true}, .changes_in = 3570},
	{"a skew that explains nbf",
	 "{'exp': 1767409445, 'iat': 1767326645, 'nbf': 1767326645, " LIVEKIT "}",
	 JW_STATE_CRITICAL, JW_CLOCK_SKEW,
	 .message =
		 AT " token was made 1h in the future (iat 2026-01-02T04:04:05Z) by the clock "
		    "here, and isn't "
		    "valid yet" BROWSER
		    "invalid token: …, error: token has invalid claims: token is not valid yet",
	 .expect = {.leeway = 60}, .changes_in = 3540},
	{"nbf ahead, made just now",
	 "{'exp': 1767409445, 'iat': 1767323045, 'nbf': 1767326645}", JW_STATE_CRITICAL,
	 JW_NOT_YET_VALID,
	 .message = AT " token isn't valid before 2026-01-02T04:04:05Z (nbf), in 1h",
	 .expect = {.leeway = 60}, .changes_in = 3540},

	{"a skew that explains nbf, leeway included",
	 "{'exp': 1767409445, 'iat': 1767326645, 'nbf': 1767326705}", JW_STATE_CRITICAL,
	 JW_CLOCK_SKEW,
	 .message = AT
	 " token was made 1h in the future (iat 2026-01-02T04:04:05Z) by the clock here, "
	 "and isn't valid yet",
	 .expect = {.leeway = 60}, .changes_in = 3570},
	{"a skew that doesn't explain nbf",
	 "{'exp': 1767409445, 'iat': 1767326645, 'nbf': 1767326706}", JW_STATE_CRITICAL,
	 JW_NOT_YET_VALID,
	 .message = AT " token isn't valid before 2026-01-02T04:05:06Z (nbf), in 1h1m",
	 .expect = {.leeway = 60}, .changes_in = 3570, .others = 1},

	{"a minute more than the warning", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .warning = "1439m", .changes_in = 61},
	{"exactly the warning", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .warning = "1d", .changes_in = 1},
	{"less than the warning", "{'exp': 1767325444}", JW_STATE_WARNING, JW_EXPIRING,
	 .message = AT " token ends in 39m59s (2026-01-02T03:44:04Z), less than the 1h that "
		       "warning asks for (1h)",
	 .warning = "1h", .critical = "10m", .changes_in = 1800},
	{"less than critical", "{'exp': 1767323644}", JW_STATE_CRITICAL, JW_EXPIRING,
	 .message = AT " token ends in 9m59s (2026-01-02T03:14:04Z), less than the 10m that "
		       "critical asks for "
		       "(10m)",
	 .warning = "1h", .critical = "10m", .changes_in = 599},
	{"critical comes first even where warning asks less", "{'exp': 1767323644}",
	 JW_STATE_CRITICAL, JW_EXPIRING,
	 .message = AT " token ends in 9m59s (2026-01-02T03:14:04Z), less than the 1h that "
		       "critical asks for (1h)",
	 .warning = "10m", .critical = "1h", .changes_in = 599},
	{"a share of the lifetime", "{'iat': 1767313045, 'exp': 1767325044}", JW_STATE_WARNING,
	 JW_EXPIRING,
	 .message = AT " token ends in 33m19s (2026-01-02T03:37:24Z), less than the 40m that "
		       "warning asks for "
		       "(min(1h, 20%))",
	 .warning = "min(1h, 20%)", .critical = "min(10m, 5%)", .changes_in = 1400},
	{"a share of exp - nbf", "{'nbf': 1767313045, 'exp': 1767325044}", JW_STATE_WARNING,
	 JW_EXPIRING,
	 .message = AT " token ends in 33m19s (2026-01-02T03:37:24Z), less than the 40m that "
		       "warning asks for "
		       "(20%)",
	 .warning = "20%", .changes_in = 1999},
	{"a share of nobody knows what", "{'exp': 1767409445}", JW_STATE_UNKNOWN,
	 JW_LIFETIME_UNKNOWN,
	 .message = AT " token doesn't say when its lifetime began (no iat or nbf before exp), "
		       "so 20% of it isn't "
		       "known",
	 .warning = "20%", .changes_in = 86400},
	{"the absolute part is left", "{'exp': 1767409445}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .warning = "min(1h, 20%)", .changes_in = 82801},
	{"an alert goes before an unknown lifetime", "{'exp': 1767323644}", JW_STATE_WARNING,
	 JW_EXPIRING,
	 .message = AT " token ends in 9m59s (2026-01-02T03:14:04Z), less than the 1h that "
		       "warning asks for (1h)",
	 .warning = "1h", .critical = "5%", .changes_in = 599},
	{"an unknown lifetime, the other threshold fine", "{'exp': 1767409445}",
	 JW_STATE_UNKNOWN, JW_LIFETIME_UNKNOWN,
	 .message = AT " token doesn't say when its lifetime began (no iat or nbf before exp), "
		       "so 5% of it isn't "
		       "known",
	 .warning = "1h", .critical = "5%", .changes_in = 82801},
	{"a range at least", "{" GOOD "}", JW_STATE_CRITICAL, JW_EXPIRING,
	 .message = AT
	 " token ends in 1d (2026-01-03T03:04:05Z), which the range for critical doesn't allow "
	 "(86401:)",
	 .critical = "86401:", .changes_in = 86400},
	{"a range at most", "{" GOOD "}", JW_STATE_WARNING, JW_EXPIRING,
	 .message = AT
	 " token ends in 1d (2026-01-03T03:04:05Z), which the range for warning doesn't allow "
	 "(0:3600)",
	 .warning = "0:3600", .changes_in = 82800},

	{"another issuer", "{" GOOD ", 'iss': 'APIother'}", JW_STATE_CRITICAL,
	 JW_ISSUER_MISMATCH,
	 .message = AT " token's issuer (iss) is \"APIother\", expected \"devkey\"",
	 .expect = {.issuer = "devkey"}, .changes_in = 86400},
	{"the issuer", "{" GOOD ", 'iss': 'devkey'}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.issuer = "devkey"}, .changes_in = 86400},
	{"an issuer that may be a secret", "{" GOOD ", 'iss': 'APIother'}", JW_STATE_CRITICAL,
	 JW_ISSUER_MISMATCH,
	 .message = AT " token's issuer (iss) is \"APIother\", expected one of 40 characters",
	 .expect = {.issuer = "s3cretS3cret16charss3cretS3cret16charsss"}, .changes_in = 86400},
	{"no issuer", "{" GOOD "}", JW_STATE_CRITICAL, JW_ISSUER_MISMATCH,
	 .message = AT " token's issuer (iss) is absent, expected \"devkey\"",
	 .expect = {.issuer = "devkey"}, .changes_in = 86400},
	{"another audience", "{" GOOD ", 'aud': ['a', 'b']}", JW_STATE_CRITICAL,
	 JW_AUDIENCE_MISMATCH,
	 .message = AT " token's audience (aud) is \"a\", \"b\", expected \"c\"",
	 .expect = {.audience = "c"}, .changes_in = 86400},
	{"another audience, a text", "{" GOOD ", 'aud': 'a'}", JW_STATE_CRITICAL,
	 JW_AUDIENCE_MISMATCH, .message = AT " token's audience (aud) is \"a\", expected \"c\"",
	 .expect = {.audience = "c"}, .changes_in = 86400},
	{"no audience", "{" GOOD "}", JW_STATE_CRITICAL, JW_AUDIENCE_MISMATCH,
	 .message = AT " token names no audience (aud), expected \"c\"",
	 .expect = {.audience = "c"}, .changes_in = 86400},
	{"many other audiences", "{" GOOD ", 'aud': ['a', 5, 'b', 'd', 'e']}",
	 JW_STATE_CRITICAL, JW_AUDIENCE_MISMATCH,
	 .message = AT
	 " token's audience (aud) is \"a\", what isn't text, \"b\" and 2 more, expected \"c\"",
	 .expect = {.audience = "c"}, .changes_in = 86400},
	{"an empty list of audiences", "{" GOOD ", 'aud': []}", JW_STATE_CRITICAL,
	 JW_AUDIENCE_MISMATCH, .message = AT " token names no audience (aud), expected \"c\"",
	 .expect = {.audience = "c"}, .changes_in = 86400},
	{"an audience of another kind", "{" GOOD ", 'aud': {'c': 'c'}}", JW_STATE_CRITICAL,
	 JW_AUDIENCE_MISMATCH, .message = AT " token names no audience (aud), expected \"c\"",
	 .expect = {.audience = "c"}, .changes_in = 86400},
	{"one of the audiences", "{" GOOD ", 'aud': ['a', 'b']}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.audience = "b"}, .changes_in = 86400},
	{"another subject", "{" GOOD ", 'sub': 'user2'}", JW_STATE_CRITICAL,
	 JW_SUBJECT_MISMATCH,
	 .message = AT " token's subject (sub) is \"user2\", expected \"user1\"",
	 .expect = {.subject = "user1"}, .changes_in = 86400},
	{"another room", "{" GOOD ", 'video': {'room': 'lobby'}}", JW_STATE_CRITICAL,
	 JW_ROOM_MISMATCH,
	 .message = AT " token's room (video.room) is \"lobby\", expected \"test-room\"",
	 .expect = {.room = "test-room"}, .changes_in = 86400},
	{"no room", "{" GOOD ", 'video': {'roomName': 'test-room'}}", JW_STATE_CRITICAL,
	 JW_ROOM_MISMATCH,
	 .message = AT " token's room (video.room) is absent, expected \"test-room\"",
	 .expect = {.room = "test-room"}, .changes_in = 86400},
	{"another identity, from jti", "{" GOOD ", 'jti': 'user2'}", JW_STATE_CRITICAL,
	 JW_IDENTITY_MISMATCH,
	 .message = AT " token's identity is \"user2\", expected \"user1\"",
	 .expect = {.identity = "user1"}, .changes_in = 86400},
	{"the identity", "{" GOOD ", 'sub': 'user1'}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.identity = "user1"}, .changes_in = 86400},
	{"a claim with a line end and an escape", "{" GOOD ", 'sub': 'a\\nb\\u001bc\\u202e'}",
	 JW_STATE_CRITICAL, JW_SUBJECT_MISMATCH,
	 .message = AT " token's subject (sub) is \"a?b?c?\", expected \"user1\"",
	 .expect = {.subject = "user1"}, .changes_in = 86400},
	{"a claim that holds a token",
	 "{" GOOD ", 'sub': 'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl y'}",
	 JW_STATE_CRITICAL, JW_SUBJECT_MISMATCH,
	 .message = AT " token's subject (sub) is \"x [token] y\", expected \"user1\"",
	 .expect = {.subject = "user1"}, .changes_in = 86400},
	{"a claim in which a token begins before the cut",
	 "{" GOOD ", 'sub': '........................................................... "
	 "eyJhbGciOiJIUzI1NiJ9"
	 ".eyJzdWIiOiJhIn0.c2lnbmF0dXJl'}",
	 JW_STATE_CRITICAL, JW_SUBJECT_MISMATCH,
	 .message = AT " token's subject (sub) is "
		       "\"........................................................... "
		       "[tok...\", expected \"user1\"",
	 .expect = {.subject = "user1"}, .changes_in = 86400},
	{"a claim of 64 bytes",
	 "{" GOOD
	 ", 'sub': '0123456789012345678901234567890123456789012345678901234567890123'}",
	 JW_STATE_CRITICAL, JW_SUBJECT_MISMATCH,
	 .message = AT " token's subject (sub) is "
		       "\"0123456789012345678901234567890123456789012345678901234567890123\", "
		       "expected \"user1\"",
	 .expect = {.subject = "user1"}, .changes_in = 86400},
	{"a longer claim is cut between characters",
	 "{" GOOD
	 ", 'sub': '012345678901234567890123456789012345678901234567890123456789012€9'}",
	 JW_STATE_CRITICAL, JW_SUBJECT_MISMATCH,
	 .message = AT " token's subject (sub) is "
		       "\"012345678901234567890123456789012345678901234567890123456789012...\","
		       " expected \"user1\"",
	 .expect = {.subject = "user1"}, .changes_in = 86400},

	{"exactly the least lifetime", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.min_lifetime = 86400}, .changes_in = 1},
	{"too short", "{" GOOD "}", JW_STATE_WARNING, JW_LIFETIME_TOO_SHORT,
	 .message = AT " token is good for 1d from now, less than min_lifetime (1d1h)",
	 .expect = {.min_lifetime = 90000}, .changes_in = 86400},
	{"too short doesn't matter any more", "{'exp': 1767315126}", JW_STATE_CRITICAL,
	 JW_EXPIRED, .message = AT " token ended 2h11m ago (2026-01-02T00:52:06Z)",
	 .expect = {.min_lifetime = 90000}},
	{"exactly the most lifetime", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.max_lifetime = 86445}, .changes_in = 86400},
	{"too long", "{" GOOD "}", JW_STATE_WARNING, JW_LIFETIME_TOO_LONG,
	 .message = AT " token was made for 1d, longer than max_lifetime (23h)",
	 .expect = {.max_lifetime = 82800}, .changes_in = 86400},
	{"too long from nbf", "{'exp': 1767409445, 'nbf': 1767300000}", JW_STATE_WARNING,
	 JW_LIFETIME_TOO_LONG,
	 .message = AT " token was made for 1d6h, longer than max_lifetime (1d)",
	 .expect = {.max_lifetime = 86400}, .changes_in = 86400},
	{"how long isn't known", "{'exp': 1767409445}", JW_STATE_UNKNOWN, JW_LIFETIME_UNKNOWN,
	 .message = AT " token doesn't say when its lifetime began (no iat or nbf before exp), "
		       "so nobody knows whether it was made for longer than max_lifetime (1m)",
	 .expect = {.max_lifetime = 60}, .changes_in = 86400},
	{"how long isn't known, for a share and in all", "{'exp': 1767409445}",
	 JW_STATE_UNKNOWN, JW_LIFETIME_UNKNOWN, .warning = "20%",
	 .expect = {.max_lifetime = 60}, .changes_in = 86400},
	{"how long isn't known, and no end", "{'iat': 1767323000}", JW_STATE_CRITICAL,
	 JW_NO_EXPIRY, .expect = {.max_lifetime = 60}},
	{"a forbidden grant", "{" GOOD ", 'video': {'roomAdmin': true}}", JW_STATE_WARNING,
	 JW_GRANT_FORBIDDEN, .expect = {.forbid_grants = no_admin}, .changes_in = 86400},
	{"a harmless grant, forbidden all the same",
	 "{" GOOD ", 'sub': 'u', 'video': {'roomJoin': true, 'room': 'r'}}", JW_STATE_WARNING,
	 JW_GRANT_FORBIDDEN, .message = AT " token has the grant roomJoin, which is forbidden",
	 .expect = {.forbid_grants = no_join}, .changes_in = 86400},
	{"several grants, told together",
	 "{" GOOD ", 'video': {'roomAdmin': true, 'roomJoin': true, 'room': 'r', "
	 "'canUpdateOwnMetadata': true}, 'sub': 'a'}",
	 JW_STATE_WARNING, JW_GRANT_FORBIDDEN,
	 .message = AT " token has the grants canUpdateOwnMetadata and roomJoin, which are "
		       "forbidden",
	 .expect = {.forbid_grants = no_join}, .changes_in = 86400},
	{"in a page, the grants of a list of its own",
	 "{" GOOD ", 'video': {'roomCreate': true, 'room': 'r'}}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.forbid_grants = no_admin, .is_public = true}, .changes_in = 86400},
	{"in a page, a grant that nobody spoke of",
	 "{" GOOD ", 'video': {'recorder': true, 'room': 'r'}}", JW_STATE_WARNING,
	 JW_GRANT_FORBIDDEN,
	 .message =
		 AT " token has the grant recorder, and so has everybody who opens the page: "
		    "it counts as a recorder: its room is shown as being recorded",
	 .expect = {.is_public = true}, .changes_in = 86400},
	{"in a page, four grants that nobody spoke of",
	 "{" GOOD ", 'video': {'recorder': true, 'hidden': true, 'room': 'r'}, "
	 "'sip': {'call': true}, 'inference': {'perform': true}}",
	 JW_STATE_WARNING, JW_GRANT_FORBIDDEN,
	 .message = AT
	 " token has the grants hidden, recorder, sip.call and inference.perform, and "
	 "so has everybody who opens the page: hidden can listen in a room without "
	 "being seen by anyone; recorder counts as a recorder: its room is shown as "
	 "being recorded; sip.call can make telephone calls that the project pays for",
	 .expect = {.is_public = true}, .changes_in = 86400},
	{"in a page, what every visitor needs",
	 "{" GOOD ", 'sub': 'a', 'video': {'roomJoin': true, 'room': 'r', 'canPublish': true, "
	 "'canUpdateOwnMetadata': true, 'canManageAgentSession': true}, "
	 "'roomConfig': {'egress': {'room': {'layout': 'grid'}}}}",
	 JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.is_public = true}, .changes_in = 86400},
	{"in a page, nothing is forbidden",
	 "{" GOOD ", 'video': {'roomAdmin': true, 'room': 'r'}, "
	 "'roomConfig': {'egress': {'tracks': {'s3': {'secret': 's'}}}}}",
	 JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.is_public = true, .forbid_grants = no_grants}, .changes_in = 86400},
	{"not in a page", "{" GOOD ", 'video': {'roomAdmin': true, 'room': 'r'}}", JW_STATE_OK,
	 JW_OK, .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .changes_in = 86400},
	{"in a page, a credential",
	 "{" GOOD ", 'video': {'room': 'r'}, "
	 "'roomConfig': {'egress': {'tracks': {'s3': {'bucket': 'b', 'secret': 's'}}}}}",
	 JW_STATE_WARNING, JW_GRANT_FORBIDDEN,
	 .message = AT
	 " token holds a credential at roomConfig.egress.tracks.s3.secret, and everybody who "
	 "opens the page can read it there: it opens the storage or the stream that recordings "
	 "go to",
	 .remedy = "change that credential, which is no secret any more, and let the server "
		   "start the recording or name its storage in the configuration of egress; "
		   "then make a fresh token without it",
	 .expect = {.is_public = true}, .changes_in = 86400},
	{"in a page, a credential beside a list of its own",
	 "{" GOOD ", 'video': {'roomAdmin': true, 'room': 'r'}, "
	 "'roomConfig': {'egress': {'tracks': {'gcp': {'credentials': 's'}}}}}",
	 JW_STATE_WARNING, JW_GRANT_FORBIDDEN,
	 .expect = {.is_public = true, .forbid_grants = no_admin}, .changes_in = 86400,
	 .others = 1},
	{"too long a lifetime in a page", "{" GOOD "}", JW_STATE_WARNING, JW_LIFETIME_TOO_LONG,
	 .message = AT " token was made for 1d, longer than max_lifetime (23h), and whoever "
		       "copies it out of the page has it for as long",
	 .expect = {.max_lifetime = 82800, .is_public = true}, .changes_in = 86400},
	{"a grant that is false", "{" GOOD ", 'video': {'roomAdmin': false}}", JW_STATE_OK,
	 JW_OK, .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .expect = {.forbid_grants = no_admin}, .changes_in = 86400},

	{"a forged token", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL, JW_SIGNATURE_INVALID,
	 .message =
		 AT ": the signature doesn't fit the configured key" BROWSER
		    "invalid token: …, error: token signature is invalid: signature is invalid",
	 .signature = JW_SIG_INVALID, .changes_in = 86400},
	{"a forged and expired token", "{'exp': 1}", JW_STATE_CRITICAL, JW_SIGNATURE_INVALID,
	 .message = AT ": not by key livekit", .signature = JW_SIG_INVALID,
	 .signature_says = "not by key livekit", .others = 1},
	{"an unknown key", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL, JW_KEY_UNKNOWN,
	 .message = AT ": none of the configured keys is this token's" BROWSER
		       "invalid API key: …",
	 .signature = JW_SIG_KEY_UNKNOWN, .changes_in = 86400},
	{"an algorithm that doesn't fit, and nobody says why", "{" GOOD "}", JW_STATE_CRITICAL,
	 JW_ALGORITHM_REFUSED,
	 .message = AT ": the token's algorithm doesn't fit the configured key",
	 .signature = JW_SIG_REFUSED, .alg = "RS256", .changes_in = 86400},
	{"HS256 and a public key", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL,
	 JW_ALGORITHM_REFUSED,
	 .message = AT ": the token's algorithm doesn't fit the configured key",
	 .signature = JW_SIG_REFUSED, .changes_in = 86400},
	{"a signature that wasn't looked at for want of a key", "{" GOOD "}", JW_STATE_OK,
	 JW_OK, .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .signature = JW_SIG_NO_KEY, .changes_in = 86400},

	{"malformed", NULL, JW_STATE_CRITICAL, JW_TOKEN_MALFORMED,
	 .message = AT ": two segments, not three" BROWSER "invalid authorization token",
	 .decode = JW_TOKEN_MALFORMED, .decode_says = "two segments, not three"},
	{"a placeholder", NULL, JW_STATE_CRITICAL, JW_PLACEHOLDER,
	 .message = AT ": {{TOKEN}} stands there" BROWSER "invalid authorization token",
	 .decode = JW_PLACEHOLDER, .decode_says = "{{TOKEN}} stands there"},
	{"nothing decoded and nobody says why", NULL, JW_STATE_UNKNOWN, JW_INTERNAL,
	 .message = AT ": not a token that can be read"},
	{"alg none", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL, JW_ALGORITHM_REFUSED,
	 .message = AT
	 ": alg is none" BROWSER
	 "invalid token: …, error: token signature is invalid: signing method … is invalid",
	 .decode = JW_ALGORITHM_REFUSED, .decode_says = "alg is none", .alg = "none",
	 .signature = JW_SIG_REFUSED, .changes_in = 86400},
	{"LiveKit doesn't take RS256", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL,
	 JW_ALGORITHM_REFUSED,
	 .message = AT
	 ": the token is signed with \"RS256\", and LiveKit takes HS256 only" BROWSER
	 "invalid token: …, error: token signature is invalid: signing method … is invalid",
	 .alg = "RS256", .signature = JW_SIG_VALID, .changes_in = 86400},
	{"somebody else may take RS256", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry, signature)",
	 .alg = "RS256", .signature = JW_SIG_VALID, .changes_in = 86400},
	{"an algorithm that doesn't fit, of somebody else", "{" GOOD "}", JW_STATE_CRITICAL,
	 JW_ALGORITHM_REFUSED, .message = AT ": RS256 needs a public key", .alg = "RS256",
	 .signature = JW_SIG_REFUSED, .signature_says = "RS256 needs a public key",
	 .changes_in = 86400},
	{"a crit header, of which LiveKit knows nothing", "{" GOOD ", " LIVEKIT "}",
	 JW_STATE_CRITICAL, JW_ALGORITHM_REFUSED, .message = AT ": crit names exp",
	 .decode = JW_ALGORITHM_REFUSED, .decode_says = "crit names exp", .changes_in = 86400},
	{"padding, LiveKit", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL, JW_TOKEN_MALFORMED,
	 .message = AT
	 ": the token has '=' at the end of a part, and LiveKit refuses it for that" BROWSER
	 "invalid authorization token",
	 .notes = JW_NOTE_PADDING | JW_NOTE_SPACE, .changes_in = 86400},
	{"padding, of somebody else", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .notes = JW_NOTE_PADDING, .changes_in = 86400},
	{"white space and Bearer around", "{" GOOD ", " LIVEKIT "}", JW_STATE_OK, JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .notes = JW_NOTE_SPACE | JW_NOTE_BEARER, .is_in_place = true, .changes_in = 86400},
	{"blanks around, given by itself", "{" GOOD ", " LIVEKIT "}", JW_STATE_OK, JW_OK,
	 .notes = JW_NOTE_SPACE | JW_NOTE_BLANK, .changes_in = 86400},
	{"blanks around, in a page", "{" GOOD ", " LIVEKIT "}", JW_STATE_CRITICAL,
	 JW_TOKEN_MALFORMED, .notes = JW_NOTE_SPACE | JW_NOTE_BLANK, .is_in_place = true,
	 .changes_in = 86400},
	{"blanks around, in a page, of somebody else", "{" GOOD "}", JW_STATE_OK, JW_OK,
	 .notes = JW_NOTE_SPACE | JW_NOTE_BLANK, .is_in_place = true, .changes_in = 86400},
	{"a claim that LiveKit can't read", "{" GOOD ", 'sub': 5, " LIVEKIT "}",
	 JW_STATE_CRITICAL, JW_TOKEN_MALFORMED, .changes_in = 86400},
	{"the same claim of somebody else", "{" GOOD ", 'sub': 5}", JW_STATE_OK, JW_OK,
	 .changes_in = 86400},
	{"a join without a room", "{" GOOD ", 'sub': 'u', 'video': {'roomJoin': true}}",
	 JW_STATE_CRITICAL, JW_ROOM_MISMATCH, .changes_in = 86400},
	{"a join without an identity", "{" GOOD ", 'video': {'roomJoin': true, 'room': 'r'}}",
	 JW_STATE_CRITICAL, JW_IDENTITY_MISMATCH, .changes_in = 86400},
	{"a join with jti for an identity",
	 "{" GOOD ", 'jti': 'u', 'video': {'roomJoin': true, 'room': 'r'}}", JW_STATE_OK, JW_OK,
	 .changes_in = 86400},

	{"severity of expired", "{'exp': 1767315126}", JW_STATE_WARNING, JW_EXPIRED,
	 .message = AT " token ended 2h11m ago (2026-01-02T00:52:06Z)",
	 .expect = {.severity =
			    (const uint8_t[JW_CAUSE_COUNT]){[JW_EXPIRED] = JW_STATE_WARNING}}},
	{"severity of expiring replaces critical", "{'exp': 1767323644}", JW_STATE_UNKNOWN,
	 JW_EXPIRING,
	 .message = AT " token ends in 9m59s (2026-01-02T03:14:04Z), less than the 10m that "
		       "critical asks for "
		       "(10m)",
	 .warning = "1h", .critical = "10m",
	 .expect = {.severity =
			    (const uint8_t[JW_CAUSE_COUNT]){[JW_EXPIRING] = JW_STATE_UNKNOWN}},
	 .changes_in = 599},
	{"severity of a renamed not_yet_valid",
	 "{'exp': 1767409445, 'iat': 1767326645, 'nbf': 1767326645}", JW_STATE_UNKNOWN,
	 JW_CLOCK_SKEW,
	 .message = AT " token was made 1h in the future (iat 2026-01-02T04:04:05Z) by the "
		       "clock here, and isn't "
		       "valid yet",
	 .expect = {.leeway = 60,
		    .severity = (const uint8_t[JW_CAUSE_COUNT]){[JW_NOT_YET_VALID] =
									JW_STATE_UNKNOWN}},
	 .changes_in = 3540},
	{"severity of clock_skew counts for the new name",
	 "{'exp': 1767409445, 'iat': 1767326645, 'nbf': 1767326645}", JW_STATE_WARNING,
	 JW_CLOCK_SKEW,
	 .message = AT " token was made 1h in the future (iat 2026-01-02T04:04:05Z) by the "
		       "clock here, and isn't "
		       "valid yet",
	 .expect = {.leeway = 60,
		    .severity = (const uint8_t[JW_CAUSE_COUNT]){[JW_CLOCK_SKEW] =
									JW_STATE_WARNING}},
	 .changes_in = 3570},
};

static struct jw_token token_of(const struct row *row)
{
	struct jw_token token = judging_token(row->payload ? row->payload : "{}");

	token.has_claims = row->payload != NULL;
	token.decode = row->decode;
	token.decode_says = row->decode_says;
	token.signature = row->signature;
	token.signature_says = row->signature_says;
	token.jwt.notes = row->notes;
	token.is_in_place = row->is_in_place;
	if (row->alg)
		token.jwt.alg = row->alg;
	return token;
}

static void check_next(const struct row *row, const struct jw_verdict *verdict)
{
	assert_int_equal(verdict->will_change, row->changes_in != 0);
	if (row->changes_in)
		assert_int_equal(verdict->next_change, NOW + row->changes_in);
}

static void is_judged(void **state)
{
	const struct row *row = *state;
	struct jw_token token = token_of(row);
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	struct jw_expect expect = row->expect;
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	expect.warning = judging_threshold(row->warning);
	expect.critical = judging_threshold(row->critical);
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(jw_cause_name(verdict.cause), jw_cause_name(row->cause));
	assert_int_equal(verdict.state, row->state);
	if (row->message)
		assert_string_equal(verdict.message, row->message);
	assert_int_equal(verdict.deciding, 0);
	assert_int_equal(verdict.proved != 0, row->state == JW_STATE_OK);
	assert_int_equal(!verdict.remedy, row->state == JW_STATE_OK);
	if (row->cause)
		assert_string_equal(verdict.remedy, row->remedy
							    ? row->remedy
							    : jw_cause_row(row->cause)->remedy);
	assert_int_equal(verdict.finding_count, row->others + (row->cause != JW_OK));
	check_next(row, &verdict);
	jw_arena_done(&arena);
	judging_done(&token);
}

/* The findings as text: "cause state token" each, for tests of several. */
static const char *listed(const struct jw_verdict *verdict, struct jw_arena *arena)
{
	const char *list = "";

	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];

		list = jw_arena_printf(arena, "%s%s %s %d\n", list,
				       jw_cause_name(finding->cause),
				       jw_state_name(finding->state), (int)finding->token);
	}
	return list;
}

static void findings_stand_in_order(void **state)
{
	static const char *const forbidden[] = {"roomAdmin", "roomCreate", NULL};
	struct jw_token tokens[] = {
		judging_token("{'exp': 1767323644, 'iss': 'a', 'video': {'roomAdmin': true, "
			      "'roomCreate': true}}"),
		judging_token("{'exp': 1767315126, 'iss': 'b'}"),
		judging_token("{'exp': 1}"),
		judging_token("{}"),
	};
	struct jw_failure failures[] = {
		{JW_PATTERN_LIMIT, JW_AT_SOURCE, "/srv/b.html", "too much work"},
		{JW_FILE_MISSING, JW_AT_SOURCE, "/srv/x.html", "no such file"},
		{JW_SECRET_MISSING, JW_AT_JWKS, NULL, "environment variable X isn't set"},
	};
	struct jw_facts facts = {
		.tokens = tokens, .token_count = 4, .failures = failures, .failure_count = 3};
	struct jw_expect expect = {.issuer = "b", .forbid_grants = forbidden};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	tokens[1].signature = JW_SIG_INVALID;
	tokens[2].is_note = true;
	tokens[3].has_claims = false;
	tokens[3].decode = JW_PLACEHOLDER;
	expect.warning = judging_threshold("1h");
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(listed(&verdict, &arena), "file_missing CRITICAL -1\n"
						      "secret_missing UNKNOWN -1\n"
						      "pattern_limit UNKNOWN -1\n"
						      "placeholder CRITICAL 3\n"
						      "signature_invalid CRITICAL 1\n"
						      "expiring WARNING 0\n"
						      "expired CRITICAL 1\n"
						      "issuer_mismatch CRITICAL 0\n"
						      "grant_forbidden WARNING 0\n");
	assert_string_equal(verdict.message, "/srv/x.html: no such file");
	assert_string_equal(verdict.findings[1].message, "environment variable X isn't set");
	assert_int_equal(verdict.findings[1].at, JW_AT_JWKS);
	assert_true(verdict.deciding == JW_NO_TOKEN);
	assert_int_equal(jw_verdict_of_token(&verdict, 0)->cause, JW_ISSUER_MISMATCH);
	assert_int_equal(jw_verdict_of_token(&verdict, 1)->cause, JW_SIGNATURE_INVALID);
	assert_null(jw_verdict_of_token(&verdict, 2));
	assert_int_equal(jw_verdict_of_token(&verdict, 3)->cause, JW_PLACEHOLDER);
	assert_null(jw_verdict_of_token(&verdict, JW_NO_TOKEN));
	jw_arena_done(&arena);
	for (size_t i = 0; i < 4; i++)
		judging_done(&tokens[i]);
}

static void each_token_is_refused_by_itself(void **state)
{
	struct jw_token tokens[] = {judging_token("{" GOOD "}"), judging_token("{" GOOD "}")};
	struct jw_facts facts = {.tokens = tokens, .token_count = 2};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	tokens[0].decode = JW_ALGORITHM_REFUSED;
	tokens[0].signature = tokens[1].signature = JW_SIG_REFUSED;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(listed(&verdict, &arena), "algorithm_refused CRITICAL 0\n"
						      "algorithm_refused CRITICAL 1\n");
	jw_arena_done(&arena);
	judging_done(&tokens[0]);
	judging_done(&tokens[1]);
}

static void a_failure_beside_a_good_token(void **state)
{
	struct jw_token token = judging_token("{" GOOD "}");
	struct jw_failure failure = {
		JW_FILE_UNREADABLE, JW_AT_SOURCE, "/srv/b\n.html",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl is no folder"};
	struct jw_facts facts = {
		.tokens = &token, .token_count = 1, .failures = &failure, .failure_count = 1};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.state, JW_STATE_UNKNOWN);
	assert_int_equal(verdict.cause, JW_FILE_UNREADABLE);
	assert_string_equal(verdict.message, "/srv/b?.html: [token] is no folder");
	assert_int_equal(verdict.proved, 0);
	expect.severity =
		(const uint8_t[JW_CAUSE_COUNT]){[JW_FILE_UNREADABLE] = JW_STATE_CRITICAL};
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.state, JW_STATE_CRITICAL);
	jw_arena_done(&arena);
	judging_done(&token);
}

static void nothing_is_never_ok(void **state)
{
	struct jw_token token = judging_token("{" GOOD "}");
	struct jw_facts facts = {0};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.cause, JW_TOKEN_NOT_FOUND);
	assert_int_equal(verdict.state, JW_STATE_CRITICAL);
	assert_string_equal(verdict.message,
			    "no token was found, so there is nothing to judge");
	assert_true(verdict.deciding == JW_NO_TOKEN);
	assert_false(verdict.will_change);
	token.is_note = true;
	facts = (struct jw_facts){.tokens = &token, .token_count = 1};
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.cause, JW_TOKEN_NOT_FOUND);
	assert_string_equal(verdict.message,
			    "/srv/page.html: no token was found, so there is nothing to judge");
	jw_arena_done(&arena);
	judging_done(&token);
}

static void the_first_to_end_of_several(void **state)
{
	struct jw_token tokens[] = {
		judging_token("{'exp': 1767409445}"),
		judging_token("{'exp': 1767323145}"),
		judging_token("{'exp': 1767323245}"),
		judging_token("{'exp': 1767323245}"),
	};
	struct jw_facts facts = {.tokens = tokens, .token_count = 4};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	tokens[1].is_note = true;
	tokens[2].path = "-";
	tokens[2].line = 0;
	tokens[0].signature = tokens[2].signature = tokens[3].signature = JW_SIG_VALID;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.state, JW_STATE_OK);
	assert_int_equal(verdict.deciding, 2);
	assert_string_equal(verdict.message,
			    "3 tokens, the first to end: - good for 3m20s more "
			    "(until 2026-01-02T03:07:25Z) (expiry, signature)");
	assert_int_equal(verdict.proved, JW_PROVED_EXPIRY | JW_PROVED_SIGNATURE);
	assert_int_equal(verdict.next_change, NOW + 200);
	tokens[3].signature = JW_SIG_NOT_CHECKED;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.proved, JW_PROVED_EXPIRY);
	jw_arena_done(&arena);
	for (size_t i = 0; i < 4; i++)
		judging_done(&tokens[i]);
}

/* The danger comes from the table of grants; here only that it is told. */
static void a_grant_is_told_with_its_danger(void **state)
{
	struct jw_token token = judging_token("{" GOOD ", 'video': {'roomAdmin': true}}");
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	struct jw_expect expect = {.forbid_grants = no_admin};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;
	const char *start = AT " token has the grant roomAdmin, which is forbidden: it ";

	(void)state;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_memory_equal(verdict.message, start, strlen(start));
	assert_true(strlen(verdict.message) > strlen(start));
	jw_arena_done(&arena);
	judging_done(&token);
}

/* A file that secrets belong into is no page. */
static void a_private_file_may_hold_more(void **state)
{
	struct jw_token token =
		judging_token("{" GOOD ", 'video': {'roomAdmin': true, 'room': 'r'}, "
			      "'roomConfig': {'egress': {'tracks': {'s3': {'secret': 's'}}}}}");
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	struct jw_expect expect = {.is_public = true};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	token.path = "/srv/.env.local";
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.finding_count, 0);
	token.path = "/srv/.envoy";
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.finding_count, 2);
	/* A server has given it out. */
	token.path = "https://voice.example/x.env";
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.finding_count, 2);
	jw_arena_done(&arena);
	judging_done(&token);
}

/* No sum or difference may run over, whatever the moment and the options. */
static void the_ends_of_time(void **state)
{
	static const int64_t moments[] = {INT64_MIN, INT64_MIN + 1, 0, INT64_MAX - 1,
					  INT64_MAX};
	static const int64_t claims[] = {-62135596800, -1, 0, JW_WHEN_MAX};
	static const int64_t options[] = {0, 60, INT64_MAX};
	static const char *const thresholds[] = {NULL,
						 "36500d",
						 "100%",
						 "12345678901234567890:",
						 "~:-12345678901234567890",
						 "@~:0",
						 "-9223372036854775:9223372036854775"};
	struct jw_token token = judging_token("{'exp': 0, 'nbf': 0, 'iat': 0}");
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	struct jw_arena arena = {0};

	(void)state;
	for (size_t i = 0; i < (size_t)5 * 4 * 4 * 4 * 3 * 3 * 7; i++) {
		int64_t now = moments[i % 5];
		int64_t option = options[i / 320 % 3];
		struct jw_expect expect = {
			.min_lifetime = option,
			.max_lifetime = option,
			.leeway = options[i / 960 % 3],
			.warning = judging_threshold(thresholds[i / 2880]),
		};
		struct jw_verdict verdict;

		token.jwt.exp.seconds = claims[i / 5 % 4];
		token.jwt.nbf.seconds = claims[i / 20 % 4];
		token.jwt.iat.seconds = claims[i / 80 % 4];
		jw_judge(&facts, &expect, now, &arena, &verdict);
		assert_int_equal(verdict.state == JW_STATE_OK, verdict.finding_count == 0);
		assert_true(!verdict.will_change || verdict.next_change > now);
		jw_arena_done(&arena);
	}
	judging_done(&token);
}

int main(void)
{
	JW_ROWS(rows, is_judged);
	JW_TEST(findings_stand_in_order);
	JW_TEST(each_token_is_refused_by_itself);
	JW_TEST(a_failure_beside_a_good_token);
	JW_TEST(nothing_is_never_ok);
	JW_TEST(the_first_to_end_of_several);
	JW_TEST(a_grant_is_told_with_its_danger);
	JW_TEST(a_private_file_may_hold_more);
	JW_TEST(the_ends_of_time);
	return rows_run();
}
