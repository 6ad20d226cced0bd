/* SPDX-License-Identifier: MIT */
/* A LiveKit token as LiveKit's own SDKs make it. */
#include "livekit/mint.h"

#include <stdlib.h>
#include <string.h>

#include "livekit/grants.h"
#include "token/base64url.h"

#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

const char *const jw_mint_sources[] = {"camera", "microphone", "screen_share",
				       "screen_share_audio", NULL};

/* jansson takes NULL for a value, as of a text that isn't UTF-8, and tells so. */
static bool set(json_t *object, const char *name, json_t *value)
{
	return !json_object_set_new(object, name, value);
}

static bool set_text(json_t *object, const char *name, const char *text)
{
	return !text || set(object, name, json_string(text));
}

/* The object of this name in there, made where there is none. */
static json_t *part(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (json_is_object(value))
		return value;
	value = json_object();
	json_object_set_new(object, name, value);
	return value;
}

/* "sip.admin" is a field of a claim of its own, the others are of `video`. */
static bool set_grant(json_t *claims, const char *grant, json_t *value)
{
	struct jw_str claim;
	struct jw_str field;
	char name[32];

	if (!jw_str_cut(jw_str_of(grant), '.', &claim, &field))
		return !json_object_set(part(claims, "video"), grant, value);
	if (claim.len >= sizeof(name))
		return false;
	memcpy(name, claim.ptr, claim.len);
	name[claim.len] = '\0';
	return !json_object_set(part(claims, name), field.ptr, value);
}

static bool set_all(json_t *claims, const char *const *grants, json_t *value)
{
	bool is_set = true;

	for (; grants && *grants; grants++)
		is_set = set_grant(claims, *grants, value) && is_set;
	return is_set;
}

static bool set_list(json_t *object, const char *name, const char *const *texts)
{
	json_t *list = json_array();
	bool is_set = true;

	for (; *texts; texts++)
		is_set = !json_array_append_new(list, json_string(*texts)) && is_set;
	return set(object, name, list) && is_set;
}

static bool set_video(json_t *claims, const struct jw_mint *mint)
{
	bool is_set = true;

	if (mint->room)
		is_set = set_text(part(claims, "video"), "room", mint->room);
	is_set = set_all(claims, mint->grants, json_true()) && is_set;
	is_set = set_all(claims, mint->denied, json_false()) && is_set;
	if (mint->destination_room)
		is_set = set_text(part(claims, "video"), "destinationRoom",
				  mint->destination_room) &&
			 is_set;
	if (mint->publish_sources)
		is_set = set_list(part(claims, "video"), "canPublishSources",
				  mint->publish_sources) &&
			 is_set;
	return is_set;
}

static bool set_attributes(json_t *claims, const struct jw_mint_attribute *attribute)
{
	json_t *attributes;
	bool is_set = true;

	if (!attribute)
		return true;
	attributes = json_object();
	for (; attribute->name; attribute++)
		is_set = set(attributes, attribute->name, json_string(attribute->value)) &&
			 is_set;
	return set(claims, "attributes", attributes) && is_set;
}

/* As protobuf's JSON has it. */
static bool set_agents(json_t *claims, const char *const *agents)
{
	json_t *list;
	bool is_set = true;

	if (!agents)
		return true;
	list = json_array();
	for (; *agents; agents++) {
		json_t *agent = json_object();

		is_set = set_text(agent, "agentName", *agents) && is_set;
		json_array_append_new(list, agent);
	}
	return set(part(claims, "roomConfig"), "agents", list) && is_set;
}

/* Room and what isn't a grant stay. */
static void drop_grants(json_t *claims)
{
	static const char *const others[] = {"sip", "agent", "inference", "observability"};
	json_t *room = json_incref(json_object_get(json_object_get(claims, "video"), "room"));
	json_t *config = json_object_get(claims, "roomConfig");

	json_object_del(claims, "video");
	if (room)
		set(part(claims, "video"), "room", room);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		json_object_del(claims, others[i]);
	json_object_del(config, "egress");
}

/* What a fresh token has of an older one. */
static json_t *from_base(const struct jw_mint *mint)
{
	json_t *claims = json_deep_copy(mint->base);
	const char *jti = json_string_value(json_object_get(claims, "jti"));
	const char *sub = json_string_value(json_object_get(claims, "sub"));

	/* Without sub, LiveKit takes jti for the identity. */
	if (jti && (!sub || !*sub))
		set_text(claims, "sub", jti);
	json_object_del(claims, "jti");
	json_object_del(claims, "iat");
	if (mint->grants)
		drop_grants(claims);
	return claims;
}

static bool set_claims(json_t *claims, const struct jw_mint *mint)
{
	return set_text(claims, "iss", mint->issuer) &&
	       set_text(claims, "sub", mint->identity) &&
	       set(claims, "nbf", json_integer(mint->nbf)) &&
	       set(claims, "exp", json_integer(mint->exp)) &&
	       set_text(claims, "name", mint->name) &&
	       set_text(claims, "metadata", mint->metadata) &&
	       set_attributes(claims, mint->attributes) && set_video(claims, mint) &&
	       set_agents(claims, mint->agents);
}

bool jw_mint_input(const struct jw_mint *mint, struct jw_buf *buf)
{
	json_t *claims = mint->base ? from_base(mint) : json_object();
	char *text = set_claims(claims, mint) ? json_dumps(claims, JSON_COMPACT) : NULL;
	bool is_made = text && jw_base64url_encode(JW_STR(HEADER), buf) &&
		       jw_buf_char(buf, '.') && jw_base64url_encode(jw_str_of(text), buf);

	free(text);
	json_decref(claims);
	return is_made;
}

bool jw_mint_signature(const unsigned char mac[32], struct jw_buf *buf)
{
	return jw_buf_char(buf, '.') &&
	       jw_base64url_encode((struct jw_str){(const char *)mac, 32}, buf);
}
