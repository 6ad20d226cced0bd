/* SPDX-License-Identifier: MIT */
/* What LiveKit reads in a token: the grants, the room, the identity. */
#include "livekit/grants.h"

#include <string.h>
#include <strings.h>

struct grant {
	const char *name;   /* a field of "video", or claim.field */
	const char *danger; /* NULL: harmless in a public page */
};

/* In LiveKit's order. DENY: a page that says nothing else is warned of it. Of the rest, canManageAgentSession stays in its
 * own room, and roomConfig.egress is told where it carries credentials. VALUE: it isn't true or false. */
#define GRANTS(ALLOW, DENY, VALUE, DENY_VALUE)                                                 \
	DENY("roomCreate", "can create and delete any room of the project, even where rooms "  \
			   "aren't made automatically")                                        \
	DENY("roomList", "can list all rooms of the project, with their names")                \
	DENY("roomRecord", "can start, stop and list any recording or stream of the project")  \
	DENY("roomAdmin", "can remove and mute participants, send data to them and start "     \
			  "agents in its room")                                                \
	ALLOW("roomJoin", NULL)                                                                \
	ALLOW("canPublish", NULL)                                                              \
	ALLOW("canSubscribe", NULL)                                                            \
	ALLOW("canPublishData", NULL)                                                          \
	VALUE("canPublishSources", NULL)                                                       \
	ALLOW("canUpdateOwnMetadata", NULL)                                                    \
	DENY("ingressAdmin", "can create, change and delete any ingress (incoming stream) of " \
			     "the project")                                                    \
	DENY("hidden", "can listen in a room without being seen by anyone")                    \
	DENY("recorder", "counts as a recorder: its room is shown as being recorded")          \
	DENY("agent", "can register as an agent's worker and take over the agents' jobs")      \
	ALLOW("canSubscribeMetrics", NULL)                                                     \
	ALLOW("canManageAgentSession", "can control the agents' sessions in its room")         \
	DENY_VALUE("destinationRoom", "can forward or move participants into another room")    \
	DENY("sip.admin", "can change the project's telephone trunks and dispatch rules")      \
	DENY("sip.call", "can make telephone calls that the project pays for")                 \
	DENY("agent.admin", "can manage the project's agents")                                 \
	DENY("agent.simulationAdmin", "can run simulations of the project's agents")           \
	DENY("agent.databaseAdmin", "can manage the databases of the project's agents")        \
	DENY("inference.perform", "can use AI models at the project's expense")                \
	DENY("observability.write", "can write into the project's logs and traces")            \
	VALUE("roomConfig.egress", "may carry the keys of a storage bucket or a stream, "      \
				   "readable for everyone who has the token")

#define ROW(name, danger) {name, danger},
#define NAME(name, danger) name,
#define NOTHING(name, danger)

static const struct grant grants[] = {GRANTS(ROW, ROW, ROW, ROW)};
const char *const jw_grants_names[] = {GRANTS(NAME, NAME, NAME, NAME) NULL};
const char *const jw_grants_denied[] = {GRANTS(NOTHING, NAME, NOTHING, NAME) NULL};
const char *const jw_grants_switches[] = {GRANTS(NAME, NAME, NOTHING, NOTHING) NULL};

/* Of the place of a credential in a token. */
#define PLACE_MAX ((size_t)1024)
#define GRANT_COUNT (sizeof(grants) / sizeof(*grants))

static const struct grant *grant_by_name(const char *name)
{
	for (size_t i = 0; i < GRANT_COUNT; i++)
		if (!strcmp(grants[i].name, name))
			return &grants[i];
	return NULL;
}

bool jw_grants_is_livekit(const struct jw_jwt *jwt)
{
	static const char *const claims[] = {"video", "sip", "agent", "inference"};

	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++)
		if (json_is_object(json_object_get(jwt->payload, claims[i])))
			return true;
	return false;
}

/* A member as Go reads it: by its name, else by its name in another case. */
static json_t *member(const json_t *object, const char *name)
{
	json_t *exact = json_object_get(object, name);
	const char *key;
	json_t *value;

	if (exact)
		return exact;
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		if (!strcasecmp(key, name))
			return value;
	}
	return NULL;
}

static json_t *video_of(const struct jw_jwt *jwt)
{
	return json_object_get(jwt->payload, "video");
}

const char *jw_grants_room(const struct jw_jwt *jwt)
{
	return json_string_value(member(video_of(jwt), "room"));
}

bool jw_grants_has_video(const struct jw_jwt *jwt)
{
	return json_is_object(video_of(jwt));
}

const char *jw_grants_room_name(const struct jw_jwt *jwt)
{
	return json_string_value(json_object_get(video_of(jwt), "roomName"));
}

const char *jw_grants_identity(const struct jw_jwt *jwt)
{
	return jwt->sub && *jwt->sub ? jwt->sub : jwt->jti;
}

static bool is_in_force(const json_t *value)
{
	return json_is_true(value) || json_string_length(value) || json_array_size(value) ||
	       json_object_size(value);
}

static json_t *value_of(const struct jw_jwt *jwt, const char *grant)
{
	struct jw_str claim;
	struct jw_str field;

	if (!jw_str_cut(jw_str_of(grant), '.', &claim, &field))
		return member(video_of(jwt), grant);
	return field.len
		       ? member(json_object_getn(jwt->payload, claim.ptr, claim.len), field.ptr)
		       : NULL;
}

static bool is_written(const struct jw_jwt *jwt, const char *grant)
{
	return strcmp(grant, "room") != 0 && is_in_force(value_of(jwt, grant));
}

/* What a join allows where the token doesn't say otherwise. */
static bool is_implied(const struct jw_jwt *jwt, const char *grant)
{
	const json_t *value = value_of(jwt, grant);

	if (!is_written(jwt, "roomJoin") || (value && !json_is_null(value)))
		return false;
	if (!strcmp(grant, "canPublishData"))
		return jw_grants_has(jwt, "canPublish");
	return !strcmp(grant, "canPublish") || !strcmp(grant, "canSubscribe");
}

bool jw_grants_has(const struct jw_jwt *jwt, const char *grant)
{
	return is_written(jwt, grant) || is_implied(jwt, grant);
}

enum type { TYPE_TEXT, TYPE_BOOL, TYPE_TEXTS };

static bool is_type(const json_t *value, enum type type)
{
	const json_t *item;
	size_t index;

	if (!value || json_is_null(value))
		return true;
	if (type == TYPE_TEXT)
		return json_is_string(value);
	if (type == TYPE_BOOL)
		return json_is_boolean(value);
	json_array_foreach(value, index, item)
	{
		if (!json_is_string(item))
			return false;
	}
	return json_is_array(value);
}

struct claim {
	bool in_video;
	const char *name;
	enum type type;
	const char *says;
};

#define UNREADABLE ", and LiveKit refuses a token that it can't read"
#define NOT_TEXT(name) name " isn't a text" UNREADABLE
#define NOT_BOOL(name)                                                                         \
	{                                                                                      \
		true, name, TYPE_BOOL, "video." name " isn't true or false" UNREADABLE         \
	}

static const struct claim claims[] = {
	{false, "iss", TYPE_TEXT, NOT_TEXT("iss")},
	{false, "sub", TYPE_TEXT, NOT_TEXT("sub")},
	{false, "jti", TYPE_TEXT, NOT_TEXT("jti")},
	{true, "room", TYPE_TEXT, NOT_TEXT("video.room")},
	{true, "destinationRoom", TYPE_TEXT, NOT_TEXT("video.destinationRoom")},
	{true, "canPublishSources", TYPE_TEXTS,
	 "video.canPublishSources isn't a list of texts" UNREADABLE},
	NOT_BOOL("roomCreate"),
	NOT_BOOL("roomList"),
	NOT_BOOL("roomRecord"),
	NOT_BOOL("roomAdmin"),
	NOT_BOOL("roomJoin"),
	NOT_BOOL("canPublish"),
	NOT_BOOL("canSubscribe"),
	NOT_BOOL("canPublishData"),
	NOT_BOOL("canUpdateOwnMetadata"),
	NOT_BOOL("ingressAdmin"),
	NOT_BOOL("hidden"),
	NOT_BOOL("recorder"),
	NOT_BOOL("agent"),
	NOT_BOOL("canSubscribeMetrics"),
	NOT_BOOL("canManageAgentSession"),
};

#define CLAIM_COUNT (sizeof(claims) / sizeof(*claims))

/* Whether a key may be this name: most aren't, and are told so by their first letter. */
static bool is_like(const char *name, const char *key)
{
	return ((name[0] ^ key[0]) & ~0x20) == 0 && !strcasecmp(name, key);
}

/* The first claim of the table before `end` that is of another type here; `end` where none is. An object has few members,
 * so they are gone through, rather than looked up one after the other. */
static size_t first_misread(const json_t *object, bool in_video, size_t end)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		for (size_t i = 0; i < end; i++)
			if (claims[i].in_video == in_video && is_like(claims[i].name, key) &&
			    !is_type(value, claims[i].type) &&
			    member(object, claims[i].name) == value)
				end = i;
	}
	return end;
}

const char *jw_grants_misread(const struct jw_jwt *jwt)
{
	size_t found = first_misread(jwt->payload, false, CLAIM_COUNT);

	found = first_misread(video_of(jwt), true, found);
	return found < CLAIM_COUNT ? claims[found].says : NULL;
}

void jw_grants_each(const struct jw_jwt *jwt, void (*each)(void *context, const char *grant),
		    void *context)
{
	const char *name;
	json_t *value;

	for (size_t i = 0; i < GRANT_COUNT; i++)
		if (is_written(jwt, grants[i].name))
			each(context, grants[i].name);
	json_object_foreach(video_of(jwt), name, value)
	{
		if (strcmp(name, "room") && !grant_by_name(name) && is_in_force(value))
			each(context, name);
	}
}

const char *jw_grants_danger(const char *grant)
{
	const struct grant *known = grant_by_name(grant);

	return known ? known->danger : NULL;
}

/* What is a secret by itself, wherever it stands in roomConfig.egress (livekit_egress.proto: S3, GCP, Azure, AliOSS, a
 * proxy). A key's id is none. */
static const char *const secret_fields[] = {
	"secret",      "session_token", "assume_role_external_id",
	"credentials", "account_key",	"password",
};

/* Protobuf's JSON has sessionToken and session_token for one field. */
static bool is_field(const char *key, const char *name)
{
	for (; *key && *name; key++, name++) {
		while (*key == '_')
			key++;
		while (*name == '_')
			name++;
		if (strncasecmp(key, name, 1) != 0)
			return false;
	}
	return !*key && !*name;
}

static bool is_secret_field(const char *key)
{
	for (size_t i = 0; i < sizeof(secret_fields) / sizeof(*secret_fields); i++)
		if (is_field(key, secret_fields[i]))
			return true;
	return false;
}

/* A stream's address has its key in it, so LiveKit's own check lets none through. */
static bool holds_credential(const char *key, const json_t *value)
{
	if (json_string_length(value))
		return is_secret_field(key);
	return is_field(key, "urls") && json_string_length(json_array_get(value, 0));
}

static bool find_credential(const json_t *value, struct jw_buf *path);

/* Takes back what was said of the place since. */
static bool not_here(struct jw_buf *path, size_t since)
{
	path->len = since;
	return false;
}

static bool find_in_member(const char *key, const json_t *value, struct jw_buf *path)
{
	size_t before = path->len;

	jw_buf_printf(path, ".%s", key);
	return holds_credential(key, value) || find_credential(value, path) ||
	       not_here(path, before);
}

static bool find_in_item(size_t index, const json_t *value, struct jw_buf *path)
{
	size_t before = path->len;

	jw_buf_printf(path, "[%zu]", index);
	return find_credential(value, path) || not_here(path, before);
}

/* A token isn't nested deeper than its reader allows. */
static bool find_credential(const json_t *value, struct jw_buf *path)
{
	const char *key;
	json_t *member;
	size_t index;

	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		if (find_in_member(key, member, path))
			return true;
	}
	json_array_foreach(value, index, member)
	{
		if (find_in_item(index, member, path))
			return true;
	}
	return false;
}

bool jw_grants_credential(const struct jw_jwt *jwt, struct jw_buf *ret_path)
{
	jw_autobuf struct jw_buf path = JW_BUF(PLACE_MAX);

	jw_buf_text(&path, "roomConfig.egress");
	if (!find_credential(value_of(jwt, "roomConfig.egress"), &path))
		return false;
	return jw_buf_str(ret_path, jw_buf_get(&path));
}
