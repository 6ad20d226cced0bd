/* SPDX-License-Identifier: MIT */
/* LiveKit's grants, room and identity, as they stand in a token. */
#include <string.h>

#include "rows.h"

#include "base/buf.h"
#include "livekit/grants.h"

static struct jw_jwt jwt_of(const char *payload)
{
	struct jw_jwt jwt = {.payload = json_loads(payload, 0, NULL)};

	assert_non_null(jwt.payload);
	jwt.sub = json_string_value(json_object_get(jwt.payload, "sub"));
	jwt.jti = json_string_value(json_object_get(jwt.payload, "jti"));
	return jwt;
}

static void note(void *context, const char *grant)
{
	struct jw_buf *buf = context;

	if (buf->len)
		jw_buf_char(buf, ' ');
	jw_buf_text(buf, grant);
}

struct row {
	const char *name;
	const char *payload;
	bool is_livekit;
	const char *room;
	const char *identity;
	const char *grants;
};

static const struct row rows[] = {
	{"an ordinary participant",
	 "{\"sub\":\"user1\",\"video\":{\"roomJoin\":true,\"room\":\"test-room\"}}", true,
	 "test-room", "user1", "roomJoin"},
	{"all of them, in LiveKit's order",
	 "{\"video\":{\"destinationRoom\":\"b\",\"canManageAgentSession\":true,"
	 "\"canSubscribeMetrics\":true,\"agent\":true,\"recorder\":true,\"hidden\":true,"
	 "\"ingressAdmin\":true,\"canUpdateOwnMetadata\":true,\"canPublishSources\":["
	 "\"camera\"],"
	 "\"canPublishData\":true,\"canSubscribe\":true,\"canPublish\":true,\"roomJoin\":true,"
	 "\"roomAdmin\":true,\"roomRecord\":true,\"roomList\":true,\"roomCreate\":true,"
	 "\"room\":\"a\"},\"observability\":{\"write\":true},\"inference\":{\"perform\":true},"
	 "\"agent\":{\"databaseAdmin\":true,\"simulationAdmin\":true,\"admin\":true},"
	 "\"sip\":{\"call\":true,\"admin\":true},"
	 "\"roomConfig\":{\"egress\":{\"room\":{}}}}",
	 true, "a", NULL,
	 "roomCreate roomList roomRecord roomAdmin roomJoin canPublish canSubscribe "
	 "canPublishData canPublishSources canUpdateOwnMetadata ingressAdmin hidden recorder "
	 "agent "
	 "canSubscribeMetrics canManageAgentSession destinationRoom sip.admin sip.call "
	 "agent.admin "
	 "agent.simulationAdmin agent.databaseAdmin inference.perform observability.write "
	 "roomConfig.egress"},
	{"false, null, empty and numbers aren't in force",
	 "{\"video\":{\"roomJoin\":false,\"roomAdmin\":null,\"canPublishSources\":[],"
	 "\"destinationRoom\":\"\",\"roomList\":1},\"sip\":{\"call\":false},"
	 "\"roomConfig\":{\"egress\":{}}}",
	 true, NULL, NULL, ""},
	{"names that LiveKit doesn't know",
	 "{\"video\":{\"zeta\":true,\"roomName\":\"x\",\"roomJoin\":true,\"off\":false}}", true,
	 NULL, NULL, "roomJoin zeta roomName"},
	{"no grants at all", "{\"sub\":\"a\"}", false, NULL, "a", ""},
	{"an empty video", "{\"video\":{}}", true, NULL, NULL, ""},
	{"video is null", "{\"video\":null}", false, NULL, NULL, ""},
	{"video is a text", "{\"video\":\"roomJoin\"}", false, NULL, NULL, ""},
	{"video is a list", "{\"video\":[\"roomJoin\"]}", false, NULL, NULL, ""},
	{"sip alone", "{\"sip\":{\"call\":true}}", true, NULL, NULL, "sip.call"},
	{"agent alone", "{\"agent\":{\"admin\":true}}", true, NULL, NULL, "agent.admin"},
	{"inference alone", "{\"inference\":{\"perform\":true}}", true, NULL, NULL,
	 "inference.perform"},
	{"agent as another issuer has it", "{\"agent\":\"Mozilla/5.0\"}", false, NULL, NULL,
	 ""},
	{"room is no text", "{\"video\":{\"room\":5}}", true, NULL, NULL, ""},
	{"room is empty", "{\"video\":{\"room\":\"\"}}", true, "", NULL, ""},
	{"jti where sub is absent", "{\"jti\":\"j\"}", false, NULL, "j", ""},
	{"jti where sub is empty", "{\"sub\":\"\",\"jti\":\"j\"}", false, NULL, "j", ""},
	{"sub goes before jti", "{\"sub\":\"s\",\"jti\":\"j\"}", false, NULL, "s", ""},
	{"sub empty and no jti", "{\"sub\":\"\"}", false, NULL, NULL, ""},
	{"a claim named identity counts for nothing", "{\"identity\":\"i\"}", false, NULL, NULL,
	 ""},
};

static void assert_text(const char *text, const char *wanted)
{
	if (wanted)
		assert_string_equal(text, wanted);
	else
		assert_null(text);
}

static void reads(void **state)
{
	const struct row *row = *state;
	struct jw_jwt jwt = jwt_of(row->payload);
	jw_autobuf struct jw_buf met = JW_BUF(10000);

	jw_buf_text(&met, "");
	jw_grants_each(&jwt, note, &met);
	assert_string_equal(met.ptr, row->grants);
	assert_int_equal(jw_grants_is_livekit(&jwt), row->is_livekit);
	assert_text(jw_grants_room(&jwt), row->room);
	assert_text(jw_grants_identity(&jwt), row->identity);
	jw_jwt_done(&jwt);
}

static void has(void **state)
{
	struct jw_jwt jwt = jwt_of(
		"{\"video\":{\"room\":\"a\",\"roomJoin\":true,\"own\":\"x\",\"hidden\":false},"
		"\"sip\":{\"call\":true,\"new\":true},\"roomAdmin\":true}");

	(void)state;
	assert_true(jw_grants_has(&jwt, "roomJoin"));
	assert_true(jw_grants_has(&jwt, "own"));
	assert_true(jw_grants_has(&jwt, "sip.call"));
	assert_true(jw_grants_has(&jwt, "sip.new"));
	assert_false(jw_grants_has(&jwt, "sip.admin"));
	assert_false(jw_grants_has(&jwt, "call"));
	assert_false(jw_grants_has(&jwt, "hidden"));
	assert_false(jw_grants_has(&jwt, "room"));
	assert_false(jw_grants_has(&jwt, "roomAdmin"));
	assert_false(jw_grants_has(&jwt, ""));
	assert_false(jw_grants_has(&jwt, "."));
	assert_false(jw_grants_has(&jwt, "sip."));
	jw_jwt_done(&jwt);
}

struct force_row {
	const char *name;
	const char *video;
	const char *grant;
	bool has;
};

static const struct force_row force_rows[] = {
	{"a join may publish", "{\"roomJoin\":true}", "canPublish", true},
	{"a join may subscribe", "{\"roomJoin\":true}", "canSubscribe", true},
	{"a join may publish data", "{\"roomJoin\":true}", "canPublishData", true},
	{"null says nothing", "{\"roomJoin\":true,\"canPublish\":null}", "canPublish", true},
	{"not where it is said", "{\"roomJoin\":true,\"canPublish\":false}", "canPublish",
	 false},
	{"data follows publishing", "{\"roomJoin\":true,\"canPublish\":false}",
	 "canPublishData", false},
	{"data alone", "{\"roomJoin\":true,\"canPublish\":false,\"canPublishData\":true}",
	 "canPublishData", true},
	{"nothing without a join", "{\"roomList\":true}", "canPublish", false},
	{"nothing else is implied", "{\"roomJoin\":true}", "canUpdateOwnMetadata", false},
	{"names in another case count", "{\"RoomADMIN\":true}", "roomAdmin", true},
	{"the exact name goes first", "{\"ROOMADMIN\":true,\"roomAdmin\":false}", "roomAdmin",
	 false},
};

static void is_in_force_or_not(void **state)
{
	const struct force_row *row = *state;
	char payload[256];
	struct jw_jwt jwt;

	snprintf(payload, sizeof(payload), "{\"video\":%s}", row->video);
	jwt = jwt_of(payload);
	assert_int_equal(jw_grants_has(&jwt, row->grant), row->has);
	jw_jwt_done(&jwt);
}

struct misread_row {
	const char *name;
	const char *payload;
	const char *says; /* how it begins; NULL: it can be read */
};

static const struct misread_row misread_rows[] = {
	{"an ordinary token",
	 "{\"iss\":\"k\",\"sub\":\"u\",\"video\":{\"roomJoin\":true,\"room\":\"r\"}}", NULL},
	{"nulls", "{\"iss\":null,\"sub\":null,\"video\":{\"roomJoin\":null,\"room\":null}}",
	 NULL},
	{"sources", "{\"video\":{\"canPublishSources\":[\"camera\"]}}", NULL},
	{"a number as sub", "{\"sub\":5}", "sub isn't a text"},
	{"a number as iss", "{\"iss\":5}", "iss isn't a text"},
	{"a number as jti", "{\"jti\":5}", "jti isn't a text"},
	{"a text as roomJoin", "{\"video\":{\"roomJoin\":\"true\"}}",
	 "video.roomJoin isn't true or false"},
	{"a number as hidden", "{\"video\":{\"hidden\":1}}",
	 "video.hidden isn't true or false"},
	{"a list as room", "{\"video\":{\"room\":[]}}", "video.room isn't a text"},
	{"a text as sources", "{\"video\":{\"canPublishSources\":\"camera\"}}",
	 "video.canPublishSources isn't a list"},
	{"a number among sources", "{\"video\":{\"canPublishSources\":[1]}}",
	 "video.canPublishSources isn't a list"},
	{"in another case", "{\"video\":{\"RoomJoin\":1}}",
	 "video.roomJoin isn't true or false"},
};

static void misreads(void **state)
{
	const struct misread_row *row = *state;
	struct jw_jwt jwt = jwt_of(row->payload);
	const char *says = jw_grants_misread(&jwt);

	if (row->says)
		assert_ptr_equal(strstr(says ? says : "", row->says), says);
	else
		assert_null(says);
	jw_jwt_done(&jwt);
}

struct danger {
	const char *name;
	bool is_danger;
};

static const struct danger dangers[] = {
	{"roomCreate", true},
	{"roomList", true},
	{"roomRecord", true},
	{"roomAdmin", true},
	{"roomJoin", false},
	{"canPublish", false},
	{"canSubscribe", false},
	{"canPublishData", false},
	{"canPublishSources", false},
	{"canUpdateOwnMetadata", false},
	{"ingressAdmin", true},
	{"hidden", true},
	{"recorder", true},
	{"agent", true},
	{"canSubscribeMetrics", false},
	{"canManageAgentSession", true},
	{"destinationRoom", true},
	{"sip.admin", true},
	{"sip.call", true},
	{"agent.admin", true},
	{"agent.simulationAdmin", true},
	{"agent.databaseAdmin", true},
	{"inference.perform", true},
	{"observability.write", true},
	{"roomConfig.egress", true},
};

static void warns(void **state)
{
	const struct danger *row = *state;

	assert_int_equal(jw_grants_danger(row->name) != NULL, row->is_danger);
}

static void names_are_complete(void **state)
{
	size_t count = 0;

	(void)state;
	while (jw_grants_names[count]) {
		assert_string_equal(jw_grants_names[count], dangers[count].name);
		count++;
	}
	assert_int_equal(count, sizeof(dangers) / sizeof(*dangers));
	assert_null(jw_grants_danger("roomNonsense"));
	assert_null(jw_grants_danger(""));
}

static bool is_denied(const char *name)
{
	for (const char *const *denied = jw_grants_denied; *denied; denied++)
		if (!strcmp(*denied, name))
			return true;
	return false;
}

/* Those of the list in which a stranger could do harm, but for what stays within the token's own room and what is
 * only harmful by its content. */
static void dangers_are_denied(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dangers) / sizeof(*dangers); i++) {
		bool is_exempt = !strcmp(dangers[i].name, "canManageAgentSession") ||
				 !strcmp(dangers[i].name, "roomConfig.egress");

		assert_int_equal(is_denied(dangers[i].name),
				 dangers[i].is_danger && !is_exempt);
	}
}

struct credential {
	const char *name;
	const char *egress;
	const char *place; /* NULL: none */
};

#define PLACE "roomConfig.egress"

static const struct credential credentials[] = {
	{"no egress", "null", NULL},
	{"a text for egress", "\"secret\"", NULL},
	{"a bucket without a key", "{\"room\":{\"file\":{\"s3\":{\"bucket\":\"b\"}}}}", NULL},
	{"the id of a key alone", "{\"tracks\":{\"s3\":{\"accessKey\":\"AKIA\"}}}", NULL},
	{"S3",
	 "{\"room\":{\"fileOutputs\":[{},{\"s3\":{\"accessKey\":\"AKIA\",\"secret\":\"x\"}}]}}",
	 PLACE ".room.fileOutputs[1].s3.secret"},
	{"S3, a session", "{\"tracks\":{\"s3\":{\"sessionToken\":\"x\"}}}",
	 PLACE ".tracks.s3.sessionToken"},
	{"S3, as the .proto has it", "{\"tracks\":{\"s3\":{\"session_token\":\"x\"}}}",
	 PLACE ".tracks.s3.session_token"},
	{"S3, a role's id", "{\"tracks\":{\"s3\":{\"assumeRoleExternalId\":\"x\"}}}",
	 PLACE ".tracks.s3.assumeRoleExternalId"},
	{"S3, through a proxy", "{\"tracks\":{\"s3\":{\"proxy\":{\"password\":\"x\"}}}}",
	 PLACE ".tracks.s3.proxy.password"},
	{"GCP", "{\"participant\":{\"segmentOutputs\":[{\"gcp\":{\"credentials\":\"{}\"}}]}}",
	 PLACE ".participant.segmentOutputs[0].gcp.credentials"},
	{"Azure", "{\"room\":{\"imageOutputs\":[{\"azure\":{\"accountKey\":\"x\"}}]}}",
	 PLACE ".room.imageOutputs[0].azure.accountKey"},
	{"AliOSS", "{\"tracks\":{\"aliOSS\":{\"secret\":\"x\"}}}",
	 PLACE ".tracks.aliOSS.secret"},
	{"a stream", "{\"room\":{\"streamOutputs\":[{\"urls\":[\"rtmp://a/live/x\"]}]}}",
	 PLACE ".room.streamOutputs[0].urls"},
	{"no stream", "{\"room\":{\"streamOutputs\":[{\"urls\":[]}]}}", NULL},
	{"an empty secret", "{\"tracks\":{\"s3\":{\"secret\":\"\"}}}", NULL},
	{"a secret that is no text", "{\"tracks\":{\"s3\":{\"secret\":true}}}", NULL},
};

static void finds_credentials(void **state)
{
	const struct credential *row = *state;
	jw_autobuf struct jw_buf json = JW_BUF(4096);
	jw_autobuf struct jw_buf place = JW_BUF(4096);
	struct jw_jwt jwt = {0};

	jw_buf_printf(&json, "{\"roomConfig\": {\"egress\": %s}}", row->egress);
	jwt.payload = json_loads(json.ptr, 0, NULL);
	assert_non_null(jwt.payload);
	assert_int_equal(jw_grants_credential(&jwt, &place), row->place != NULL);
	if (row->place)
		assert_string_equal(place.ptr, row->place);
	else
		assert_int_equal(place.len, 0);
	json_decref(jwt.payload);
}

int main(void)
{
	JW_ROWS(rows, reads);
	JW_TEST(has);
	JW_ROWS(force_rows, is_in_force_or_not);
	JW_ROWS(misread_rows, misreads);
	JW_ROWS(dangers, warns);
	JW_TEST(names_are_complete);
	JW_TEST(dangers_are_denied);
	JW_ROWS(credentials, finds_credentials);
	return rows_run();
}
