/* SPDX-License-Identifier: MIT */
/* doctor without a configuration: a folder or a page, a LiveKit server, and where the page or the endpoint is served. */
#include "app/doctor.h"

#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/url.h"
#include "livekit/grants.h"

/* LiveKit's tokens only, as html_file has them where it isn't told which: their payload names "video", which base64 writes
 * in one of three ways. */
#define LIVEKIT_TOKEN                                                                          \
	"eyJ[\\w-]+\\.(?=[\\w-]*(?:InZpZGVvI|J2aWRlby[I-L]|idmlkZW8i))[\\w-]+\\.[\\w-]*"
/* More lines than anybody reads; name the page then. */
#define PAGES_MAX 50
#define LIVEKIT_PORT 7880
/* A client of LiveKit's takes a token that ends sooner for one that has ended. */
#define FRESH "1m"

struct places {
	struct jw_doctor *doctor;
	const char *server; /* the first LiveKit server that is named, or the environment's */
	const char *served; /* the first URL of a page; NULL */
	bool has_endpoint;
	size_t pages;
};

bool jw_doctor_is_place(const char *word)
{
	return strchr(word, '/') || !strcmp(word, ".") || !strcmp(word, "..");
}

static bool is_url(const char *word)
{
	return strstr(word, "://");
}

static bool is_folder(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* What http means by the URL: a server of LiveKit's, else an endpoint or a page. */
enum meaning { A_SERVER, A_PAGE, AN_ENDPOINT };

static enum meaning meaning_of(const char *word, const char *server)
{
	struct jw_url url;
	struct jw_url other;

	if (jw_url_parse(jw_str_of(word), &url))
		return A_PAGE;
	if (jw_str_is_nocase(url.scheme, "ws") || jw_str_is_nocase(url.scheme, "wss"))
		return A_SERVER;
	if (jw_url_port(&url) == LIVEKIT_PORT)
		return A_SERVER;
	if (server && !jw_url_parse(jw_str_of(server), &other) &&
	    jw_str_eq(url.host, other.host) && jw_url_port(&url) == jw_url_port(&other))
		return A_SERVER;
	if (url.query.ptr || strcasestr(word, "token") || jw_str_has(url.path, "/api/") ||
	    jw_str_has(url.path, "connection-details"))
		return AN_ENDPOINT;
	return A_PAGE;
}

/* The first of the words that is one for sure; NULL: none is. */
static const char *named_server(const struct jw_args *args)
{
	for (size_t i = 0; i < args->operand_count; i++)
		if (is_url(args->operands[i]) &&
		    meaning_of(args->operands[i], NULL) == A_SERVER)
			return args->operands[i];
	return NULL;
}

/* The folders that are named, and those of the pages. */
static void set_folders(struct jw_doctor *doctor)
{
	const struct jw_args *args = doctor->session->args;
	struct jw_arena *arena = JW_DOCTOR_ARENA(doctor);
	const char **folders = jw_arena_array(arena, args->operand_count + 1, sizeof(*folders));
	size_t count = 0;

	for (size_t i = 0; i < args->operand_count; i++) {
		const char *word = args->operands[i];
		const char *slash = strrchr(word, '/');

		if (!*word || is_url(word))
			continue;
		if (is_folder(word) || !slash)
			folders[count++] = word;
		else
			folders[count++] =
				slash == word
					? "/"
					: jw_arena_text(arena,
							(struct jw_str){
								word, (size_t)(slash - word)});
	}
	doctor->folders = folders;
}

static void expect(struct places *places, size_t target)
{
	struct jw_doctor *doctor = places->doctor;

	if (places->server)
		jw_doctor_set(doctor, target, "accepted_by", places->server);
	if (doctor->has_env_key)
		jw_doctor_set(doctor, target, "key", JW_DOCTOR_KEY);
}

static enum jw_cause finish(struct places *places, size_t target, struct jw_err *err)
{
	struct jw_config *config = places->doctor->session->config;

	return jw_config_finish(config, &config->targets[target], err);
}

static enum jw_cause add_page(struct places *places, const char *name, const char *glob,
			      struct jw_err *err)
{
	struct jw_doctor *doctor = places->doctor;
	size_t target;

	if (jw_doctor_target(doctor, "html_file", name, "path", glob, &target, err))
		return err->cause;
	expect(places, target);
	places->pages++;
	jw_doctor_look_at(doctor, JW_STEP_PAGE, target);
	return finish(places, target, err);
}

/* What an editor or a person leaves beside a page, and what explains it. */
static bool is_page_name(const char *path)
{
	static const char *const ends[] = {"~",	   ".bak", ".old", ".orig", ".save", ".swp",
					   ".tmp", ".log", ".md",  ".txt",  ".rst",  ".yaml",
					   ".yml", ".pem", ".csv", ".jwt"};
	const char *name = strrchr(path, '/');
	size_t len = strlen(path);

	if (name && name[1] == '.')
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (len >= strlen(ends[i]) && !strcmp(path + len - strlen(ends[i]), ends[i]))
			return false;
	return true;
}

static enum jw_cause add_found(struct places *places, const struct jw_discovery *discovery,
			       struct jw_err *err)
{
	size_t left = 0;

	for (size_t i = 0; i < discovery->file_count; i++) {
		const struct jw_found_file *file = &discovery->files[i];

		if (!file->has_livekit || !file->name || !is_page_name(file->path))
			continue;
		if (places->pages == PAGES_MAX)
			left++;
		else if (add_page(places, file->path, file->glob, err))
			return err->cause;
	}
	if (left)
		jw_log(JW_LOG_WARNING,
		       "%zu more pages hold a token and aren't looked at: name those that "
		       "matter",
		       left);
	return JW_OK;
}

/* A folder in which something should be, and isn't. Who has tokens made for the asking may have none in pages. */
static void add_nothing(struct places *places, const struct jw_discovery *discovery,
			const char *folder)
{
	struct jw_doctor *doctor = places->doctor;
	struct jw_doctor_item *item;

	if (places->has_endpoint && !discovery->trouble_count) {
		jw_doctor_why_not(doctor, JW_STEP_PAGE,
				  jw_arena_printf(JW_DOCTOR_ARENA(doctor),
						  "no page in %s holds a LiveKit token",
						  folder));
		return;
	}
	item = jw_doctor_look_at(doctor, JW_STEP_PAGE, SIZE_MAX);
	item->name = folder;
	item->cause = discovery->trouble_count ? JW_FILE_UNREADABLE : JW_TOKEN_NOT_FOUND;
	item->says = "no page in it holds a LiveKit token";
	if (discovery->trouble_count)
		item->says = jw_arena_printf(JW_DOCTOR_ARENA(doctor), "%s: %s",
					     discovery->troubles[0].path,
					     discovery->troubles[0].says);
}

/* Should a dead file system hold us here, nothing else is known yet. */
static void guard_search(struct jw_session *session)
{
	jw_session_refuse(session, "files", JW_DEADLINE,
			  "a file system didn't answer, or holds more than can be looked "
			  "through, within the time of the whole run (-t)");
	session->words_ms = 0;
	jw_session_last_words(session);
	session->words_ms = 0;
	session->turn_count = 0;
}

/* Pages that are named, whatever is in them; then those in folders that hold a token. */
static enum jw_cause add_files(struct places *places, struct jw_err *err)
{
	struct jw_doctor *doctor = places->doctor;
	const struct jw_args *args = doctor->session->args;
	struct jw_err own;
	const struct jw_crypto *crypto =
		doctor->session->world.crypto(doctor->session->world.crypto_context, &own);
	const struct jw_discovery *discovery;
	const char *folder = NULL;

	if (!crypto)
		return jw_fail(err, JW_INTERNAL, "%s", own.text);
	doctor->search = jw_search_new(&doctor->session->world, crypto, NULL);
	for (size_t i = 0; i < args->operand_count; i++) {
		const char *word = args->operands[i];

		if (!*word || is_url(word))
			continue;
		if (!is_folder(word)) {
			if (add_page(places, word,
				     jw_discover_glob(word, JW_DOCTOR_ARENA(doctor)), err))
				return err->cause;
			continue;
		}
		folder = word;
		jw_search_path(doctor->search, word);
	}
	discovery = jw_search_end(doctor->search);
	jw_doctor_elsewhere(doctor, discovery);
	if (add_found(places, discovery, err))
		return err->cause;
	if (folder && !places->pages)
		add_nothing(places, discovery, folder);
	return JW_OK;
}

static enum jw_cause add_served(struct places *places, const char *url, struct jw_err *err)
{
	struct jw_doctor *doctor = places->doctor;
	struct jw_doctor_item *item;
	size_t target;

	if (jw_doctor_target(doctor, "token_endpoint", jw_doctor_masked(doctor, url), "url",
			     url, &target, err))
		return err->cause;
	jw_doctor_set(doctor, target, "pattern", LIVEKIT_TOKEN);
	expect(places, target);
	item = jw_doctor_look_at(doctor, JW_STEP_SERVED, target);
	item->look.url = url;
	item->look.is_guessed = true;
	return finish(places, target, err);
}

static enum jw_cause add_endpoint(struct places *places, const char *url, struct jw_err *err)
{
	struct jw_doctor *doctor = places->doctor;
	size_t target;

	if (jw_doctor_target(doctor, "token_endpoint", jw_doctor_masked(doctor, url), "url",
			     url, &target, err))
		return err->cause;
	jw_doctor_set(doctor, target, "min_lifetime", FRESH);
	if (!places->server)
		jw_doctor_set(doctor, target, "accepted_by", JW_ACCEPTED_BY_RESPONSE);
	jw_doctor_origin(doctor, target, places->served);
	expect(places, target);
	jw_doctor_look_at(doctor, JW_STEP_ENDPOINT, target)->look.url = url;
	return finish(places, target, err);
}

static enum jw_cause add_url(struct places *places, const char *url, struct jw_err *err)
{
	struct jw_doctor *doctor = places->doctor;

	switch (meaning_of(url, places->server)) {
	case A_SERVER:
		return jw_doctor_server(doctor, url, SIZE_MAX, err);
	case AN_ENDPOINT:
		return add_endpoint(places, url, err);
	case A_PAGE:
		break;
	}
	return add_served(places, url, err);
}

/* What the words are, before anything is made of them. */
static void look_through(struct places *places)
{
	const struct jw_args *args = places->doctor->session->args;

	for (size_t i = 0; i < args->operand_count; i++) {
		const char *word = args->operands[i];

		if (!*word || !is_url(word))
			continue;
		if (meaning_of(word, places->server) == AN_ENDPOINT)
			places->has_endpoint = true;
		if (meaning_of(word, places->server) == A_PAGE && !places->served)
			places->served = word;
	}
}

enum jw_cause jw_doctor_from_places(struct jw_doctor *doctor, struct jw_err *err)
{
	const struct jw_args *args = doctor->session->args;
	struct places places = {.doctor = doctor, .server = named_server(args)};

	doctor->session->config = jw_config_new();
	guard_search(doctor->session);
	set_folders(doctor);
	jw_doctor_env(doctor, places.server);
	if (!places.server)
		places.server = doctor->env_url;
	look_through(&places);
	if (places.server &&
	    (jw_doctor_server(doctor, places.server, SIZE_MAX, err) ||
	     (doctor->has_env_key &&
	      jw_doctor_pair(doctor, places.server, SIZE_MAX, JW_DOCTOR_KEY, NULL, err))))
		return err->cause;
	if (add_files(&places, err))
		return err->cause;
	for (size_t i = 0; i < args->operand_count; i++)
		if (is_url(args->operands[i]) && add_url(&places, args->operands[i], err))
			return err->cause;
	return JW_OK;
}
