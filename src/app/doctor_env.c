/* SPDX-License-Identifier: MIT */
/* Where LIVEKIT_* and keys come from, and what is wrong with them. Values aren't shown, but for a key and a masked URL. */
#include "app/doctor.h"

#include <string.h>

#include "core/dotenv.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define VALUE_MAX ((size_t)1 << 16)

/* A variable as the first place that has it sets it. */
struct variable {
	struct jw_buf value;
	const char *file;   /* NULL: the environment */
	bool is_set;	    /* somewhere, perhaps to nothing */
	const char *broken; /* why its line in the file can't be read; NULL: it can */
};

struct reading {
	struct jw_doctor *doctor;
	struct variable variables[JW_ENV_COUNT];
	const char *seen_file; /* a file that is there, or would be; for messages */
	bool has_file;
};

/* A later file may have it where this one hasn't. */
static void read_file(struct reading *reading, const char *path)
{
	jw_autobuf struct jw_buf text = JW_BUF(FILE_MAX_BYTES);
	struct jw_err err;

	if (jw_adapter_files.slurp(NULL, path, &text, NULL, &err))
		return;
	if (!reading->has_file)
		reading->seen_file = path;
	reading->has_file = true;
	for (size_t i = 0; i < JW_ENV_COUNT; i++) {
		struct variable *variable = &reading->variables[i];

		if (variable->is_set ||
		    !jw_dotenv_has(jw_buf_get(&text), jw_str_of(jw_env_names[i])))
			continue;
		variable->is_set = true;
		variable->file = path;
		if (jw_dotenv_get(jw_buf_get(&text), jw_str_of(jw_env_names[i]),
				  &variable->value, &err))
			variable->broken = jw_arena_text(JW_DOCTOR_ARENA(reading->doctor),
							 jw_str_of(err.text));
	}
}

/* The environment wins over .env.local, and that over .env, as with the libraries that read them. */
static void read_all(struct reading *reading)
{
	static const char *const names[] = {".env.local", ".env"};
	struct jw_doctor *doctor = reading->doctor;

	for (size_t i = 0; i < JW_ENV_COUNT; i++) {
		const char *value = jw_adapter_files.env(NULL, jw_env_names[i]);

		jw_buf_init(&reading->variables[i].value, VALUE_MAX);
		reading->variables[i].is_set = value != NULL;
		if (value)
			jw_buf_text(&reading->variables[i].value, value);
	}
	for (const char *const *folder = doctor->folders; folder && *folder; folder++) {
		const char *slash = (*folder)[strlen(*folder) - 1] == '/' ? "" : "/";

		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			const char *path = jw_arena_printf(JW_DOCTOR_ARENA(doctor), "%s%s%s",
							   *folder, slash, names[i]);

			if (!reading->seen_file || !reading->has_file)
				reading->seen_file = path;
			read_file(reading, path);
		}
	}
}

static struct jw_str value_of(const struct reading *reading, enum jw_env_name name)
{
	return jw_buf_get(&reading->variables[name].value);
}

static const char *place_of(const struct variable *variable)
{
	return variable->file ? variable->file : "the environment";
}

static struct jw_doctor_setting *add_setting(struct jw_doctor *doctor, const char *name)
{
	struct jw_doctor_setting *setting;

	doctor->settings = jw_arena_grow(JW_DOCTOR_ARENA(doctor), doctor->settings,
					 doctor->setting_count, sizeof(*doctor->settings));
	setting = &doctor->settings[doctor->setting_count++];
	*setting = (struct jw_doctor_setting){.name = name};
	doctor->plan.settings = doctor->settings;
	doctor->plan.setting_count = doctor->setting_count;
	return setting;
}

static void set_fault(struct jw_doctor_setting *setting, const struct jw_env_fault *fault,
		      const char *seen)
{
	setting->cause = fault->cause;
	setting->state = fault->state;
	setting->seen = seen;
	setting->remedy = fault->remedy;
}

/* Which of the variables that are needed are set nowhere; NULL: all are there. */
static const char *missing(const struct reading *reading, bool is_url_needed)
{
	jw_autobuf struct jw_buf names = JW_BUF(256);
	size_t count = 0;

	for (size_t i = 0; i < JW_ENV_COUNT; i++) {
		if (reading->variables[i].is_set || (i == JW_ENV_URL && !is_url_needed))
			continue;
		jw_buf_printf(&names, "%s%s",
			      !count		      ? ""
			      : i + 1 == JW_ENV_COUNT ? " and "
						      : ", ",
			      jw_env_names[i]);
		count++;
	}
	if (!count)
		return NULL;
	return jw_arena_printf(JW_DOCTOR_ARENA(reading->doctor), "%s %s set nowhere: %s%s",
			       names.ptr, count == 1 ? "is" : "are",
			       reading->has_file ? "neither in the environment nor in "
						 : "not in the environment, and there is no ",
			       reading->seen_file ? reading->seen_file : "file .env");
}

/* The first variable with a fault by itself; says which. */
static const struct jw_env_fault *first_fault(const struct reading *reading,
					      const char **ret_seen)
{
	static const struct jw_env_fault broken = {
		JW_CONFIG, JW_STATE_UNKNOWN, "",
		"write the variable anew, on one line: NAME=VALUE"};

	for (size_t i = 0; i < JW_ENV_COUNT; i++) {
		const struct variable *variable = &reading->variables[i];
		const struct jw_env_fault *fault = NULL;
		const char *says;

		if (!variable->is_set)
			continue;
		if (variable->broken)
			fault = &broken;
		else
			fault = jw_env_fault((enum jw_env_name)i, jw_buf_get(&variable->value));
		if (!fault)
			continue;
		says = variable->broken ? variable->broken : fault->says;
		*ret_seen = jw_arena_printf(JW_DOCTOR_ARENA(reading->doctor), "%s of %s: %s%s",
					    jw_env_names[i], place_of(variable),
					    variable->broken ? "" : "it ", says);
		return fault;
	}
	return NULL;
}

/* A key that looks like the secret beside it isn't shown. */
static const char *shown_key(struct jw_doctor *doctor, struct jw_str key, struct jw_str secret)
{
	if (!jw_env_key_is_shown(key, secret))
		return jw_arena_printf(JW_DOCTOR_ARENA(doctor), "of %zu characters", key.len);
	return jw_arena_text(JW_DOCTOR_ARENA(doctor), key);
}

static bool is_same_place(const struct variable *a, const struct variable *b)
{
	return a->file && b->file ? !strcmp(a->file, b->file) : a->file == b->file;
}

static const char *place_of_pair(const struct reading *reading)
{
	const struct variable *key = &reading->variables[JW_ENV_KEY];
	const struct variable *secret = &reading->variables[JW_ENV_SECRET];

	if (is_same_place(key, secret))
		return place_of(key);
	return jw_arena_printf(JW_DOCTOR_ARENA(reading->doctor), "%s, the secret from %s",
			       place_of(key), place_of(secret));
}

/* The server isn't named where the pair stands. */
static bool is_apart(const struct reading *reading)
{
	const struct variable *url = &reading->variables[JW_ENV_URL];

	return !is_same_place(url, &reading->variables[JW_ENV_KEY]) ||
	       !is_same_place(url, &reading->variables[JW_ENV_SECRET]);
}

/* A folder that came from elsewhere could else have a token sent to whom it likes, of a pair that it doesn't hold. */
static void keep_apart(struct reading *reading)
{
	struct jw_doctor *doctor = reading->doctor;

	doctor->env_apart = jw_arena_printf(
		JW_DOCTOR_ARENA(doctor),
		"LIVEKIT_URL is from %s, the key from %s, and a token of a key pair is only "
		"sent to a server that is named in the same place: write all three there, or "
		"name the server %s",
		place_of(&reading->variables[JW_ENV_URL]), place_of_pair(reading),
		doctor->has_places ? "on the command line"
				   : "in the configuration (accepted_by)");
}

/* What is set, and where. */
static const char *all_set(struct reading *reading, const char *server)
{
	struct jw_doctor *doctor = reading->doctor;
	struct jw_arena *arena = JW_DOCTOR_ARENA(doctor);
	const struct variable *url = &reading->variables[JW_ENV_URL];
	const struct variable *key = &reading->variables[JW_ENV_KEY];
	const struct variable *secret = &reading->variables[JW_ENV_SECRET];
	const char *url_place = "";

	if (url->is_set && is_apart(reading))
		url_place = jw_arena_printf(arena, " from %s", place_of(url));
	return jw_arena_printf(
		arena, "%s%s%s%s, key %s, secret of %zu characters, from %s",
		url->is_set ? "LIVEKIT_URL "
		: server    ? "server as named"
			    : "no LIVEKIT_URL",
		url->is_set ? jw_doctor_masked(doctor, doctor->env_url) : "", url_place,
		server && url->is_set && strcmp(doctor->env_url, server) != 0
			? jw_arena_printf(arena, " (looked at: %s)",
					  jw_doctor_masked(doctor, server))
			: "",
		shown_key(doctor, jw_buf_get(&key->value), jw_buf_get(&secret->value)),
		secret->value.len, place_of_pair(reading));
}

/* Among the keys of this run. */
static void add_key(struct reading *reading)
{
	struct jw_doctor *doctor = reading->doctor;
	struct jw_config *config = doctor->session->config;
	const struct variable *variable = &reading->variables[JW_ENV_SECRET];
	struct jw_secret *secret = jw_arena_alloc(&config->arena, sizeof(*secret));
	struct jw_key_entry *keys =
		jw_arena_array(&config->arena, config->key_count + 1, sizeof(*keys));

	secret->kind = variable->file ? JW_SECRET_ENV_FILE : JW_SECRET_ENV;
	secret->value = variable->file ? variable->file : jw_env_names[JW_ENV_SECRET];
	secret->name = variable->file ? jw_env_names[JW_ENV_SECRET] : NULL;
	if (config->key_count)
		memcpy(keys, config->keys, config->key_count * sizeof(*keys));
	keys[config->key_count++] = (struct jw_key_entry){
		.name = JW_DOCTOR_KEY,
		.issuer = jw_arena_text(&config->arena, value_of(reading, JW_ENV_KEY)),
		.secret = secret,
	};
	config->keys = keys;
	doctor->has_env_key = true;
}

static void judge(struct reading *reading, const char *server)
{
	struct jw_doctor *doctor = reading->doctor;
	struct jw_doctor_setting *setting = add_setting(doctor, NULL);
	const char *gone = missing(reading, !server);
	const char *seen = NULL;
	const struct jw_env_fault *fault = first_fault(reading, &seen);
	struct jw_str url = value_of(reading, JW_ENV_URL);

	if (fault) {
		set_fault(setting, fault, seen);
		return;
	}
	if (reading->variables[JW_ENV_URL].is_set)
		doctor->env_url = jw_arena_text(JW_DOCTOR_ARENA(doctor), url);
	if (gone) {
		setting->cause = JW_SECRET_MISSING;
		setting->state = JW_STATE_UNKNOWN;
		setting->seen = gone;
		setting->remedy =
			"set them there: the key pair stands under keys: in the server's "
			"configuration";
		return;
	}
	if (server)
		url = jw_str_of(server);
	fault = jw_env_pair_fault(url, value_of(reading, JW_ENV_KEY),
				  value_of(reading, JW_ENV_SECRET));
	setting->seen = all_set(reading, server);
	if (fault)
		set_fault(setting, fault,
			  jw_arena_printf(JW_DOCTOR_ARENA(doctor), "the key pair %s; %s",
					  fault->says, setting->seen));
	/* A pair that is only weak, or known to all, works. */
	if (!fault || fault->state != JW_STATE_UNKNOWN)
		add_key(reading);
	if (!server && is_apart(reading))
		keep_apart(reading);
}

void jw_doctor_env(struct jw_doctor *doctor, const char *server)
{
	struct reading reading = {.doctor = doctor};

	read_all(&reading);
	judge(&reading, server);
	for (size_t i = 0; i < JW_ENV_COUNT; i++)
		jw_buf_done(&reading.variables[i].value);
}

static const char *secret_place(struct jw_doctor *doctor, const struct jw_secret *secret)
{
	struct jw_arena *arena = JW_DOCTOR_ARENA(doctor);

	switch (secret->kind) {
	case JW_SECRET_FILE:
		return secret->value;
	case JW_SECRET_ENV:
		return jw_arena_printf(arena, "%s of the environment", secret->value);
	case JW_SECRET_CREDENTIAL:
		return jw_arena_printf(arena, "the credential %s", secret->value);
	case JW_SECRET_ENV_FILE:
		return jw_arena_printf(arena, "%s of %s", secret->name, secret->value);
	case JW_SECRET_PLAIN:
		break;
	}
	return "the configuration";
}

/* The .env file that the secret is from may name another key beside it. */
static const char *other_key(struct jw_doctor *doctor, const struct jw_key_entry *key,
			     struct jw_str secret)
{
	jw_autobuf struct jw_buf text = JW_BUF(FILE_MAX_BYTES);
	jw_autobuf struct jw_buf value = JW_BUF(VALUE_MAX);
	struct jw_err err;

	if (key->secret->kind != JW_SECRET_ENV_FILE || !key->issuer ||
	    strcmp(key->secret->name, jw_env_names[JW_ENV_SECRET]) != 0 ||
	    jw_adapter_files.slurp(NULL, key->secret->value, &text, NULL, &err) ||
	    jw_dotenv_get(jw_buf_get(&text), jw_str_of(jw_env_names[JW_ENV_KEY]), &value,
			  &err) ||
	    jw_str_is(jw_buf_get(&value), key->issuer))
		return NULL;
	return jw_arena_printf(
		JW_DOCTOR_ARENA(doctor),
		"%s has LIVEKIT_API_KEY %s, and the configuration's issuer of this key is %s",
		key->secret->value, shown_key(doctor, jw_buf_get(&value), secret),
		shown_key(doctor, jw_str_of(key->issuer), secret));
}

/* A PEM text or a JWK isn't a secret of LiveKit's. */
static bool is_livekit_secret(struct jw_str secret)
{
	return !jw_str_starts(secret, "-----BEGIN") && !jw_str_starts(secret, "{");
}

static void judge_key(struct jw_doctor *doctor, struct jw_doctor_setting *setting,
		      const struct jw_key_entry *key, struct jw_str secret, const char *server)
{
	const char *place = secret_place(doctor, key->secret);
	const struct jw_env_fault *fault = jw_env_fault(JW_ENV_SECRET, secret);
	const char *other = other_key(doctor, key, secret);

	setting->seen = jw_arena_printf(
		JW_DOCTOR_ARENA(doctor), "issuer %s, secret of %zu characters, from %s",
		key->issuer ? shown_key(doctor, jw_str_of(key->issuer), secret) : "not named",
		secret.len, place);
	if (fault) {
		set_fault(setting, fault,
			  jw_arena_printf(JW_DOCTOR_ARENA(doctor), "%s: it %s", place,
					  fault->says));
		return;
	}
	fault = jw_env_pair_fault(jw_str_of(server), jw_str_of(key->issuer), secret);
	if (other) {
		setting->cause = JW_CONFIG;
		setting->state = JW_STATE_UNKNOWN;
		setting->seen = other;
		setting->remedy = "write the key that the server has into both";
	} else if (fault && key->issuer) {
		set_fault(setting, fault,
			  jw_arena_printf(JW_DOCTOR_ARENA(doctor), "the key pair %s; %s",
					  fault->says, setting->seen));
	}
}

void jw_doctor_env_key(struct jw_doctor *doctor, const struct jw_key_entry *key,
		       const char *server)
{
	struct jw_doctor_setting *setting = add_setting(doctor, key->name);
	jw_autobuf struct jw_buf secret = JW_BUF(VALUE_MAX);
	struct jw_err err;

	if (jw_secret_read(key->secret, &jw_adapter_files, &secret, &err)) {
		setting->cause = JW_SECRET_MISSING;
		setting->state = JW_STATE_UNKNOWN;
		setting->seen = jw_arena_text(JW_DOCTOR_ARENA(doctor), jw_str_of(err.text));
		setting->remedy = jw_cause_row(JW_SECRET_MISSING)->remedy;
	} else if (is_livekit_secret(jw_buf_get(&secret))) {
		judge_key(doctor, setting, key, jw_buf_get(&secret), server);
	} else {
		setting->seen = jw_arena_printf(JW_DOCTOR_ARENA(doctor), "a key from %s",
						secret_place(doctor, key->secret));
	}
}

bool jw_doctor_env_is_pair(struct jw_doctor *doctor, const char *name)
{
	const struct jw_config *config = doctor->session->config;
	jw_autobuf struct jw_buf secret = JW_BUF(VALUE_MAX);
	struct jw_err err;

	for (size_t i = 0; i < config->key_count; i++)
		if (!strcmp(config->keys[i].name, name))
			return !jw_secret_read(config->keys[i].secret, &jw_adapter_files,
					       &secret, &err) &&
			       is_livekit_secret(jw_buf_get(&secret));
	return false;
}
