/* SPDX-License-Identifier: MIT */
/* The options that targets, keys and sinks have, whatever their kind. */
#include "core/config.h"

#include "contract/edit.h"
#include "livekit/grants.h"

#define DAY INT64_C(86400)
#define YEARS_10 (3650 * DAY)
/* For the start of a row whose field lies deeper than its name says. */
#define EXPECT(field) .name = #field, .offset = offsetof(struct jw_target, expect.field)

const struct jw_section jw_config_sections[] = {
	{"include", "more files of this configuration: a path, a glob, or a list of them"},
	{"defaults",
	 "what the targets of this file, and of the files that it includes, have unless "
	 "they say otherwise"},
	{"keys", "what tokens are signed with, by name"},
	{"sinks", "where results are sent, by name"},
	{"daemon", "what jwtwatch run listens on and keeps"},
	{"modules", "what /probe of the daemon may be asked for, by name"},
	{"targets", "what is checked"},
	{0},
};

const struct jw_option jw_target_options[] = {
	{JW_OPT(struct jw_target, name), .type = JW_T_TEXT, .required = true, .value = "NAME",
	 .help = "what the target is called in every output, once in a configuration"},
	/* The field holds the check itself: core/config.c reads this row by its own rule. */
	{JW_OPT(struct jw_target, check), .type = JW_T_TEXT, .required = true, .value = "CHECK",
	 .help = "how the token is got: jwtwatch help lists the checks"},
	{JW_OPT(struct jw_target, timeout), .type = JW_T_MILLIS, .fallback = "10s", .min = 1,
	 .max = 300000, .value = "DURATION",
	 .help = "how long one check of the target may take"},
	{JW_OPT(struct jw_target, interval), .type = JW_T_MILLIS, .fallback = "5m", .min = 1000,
	 .max = 30 * DAY * 1000, .value = "DURATION",
	 .help = "how often jwtwatch run checks the target"},
	{JW_OPT(struct jw_target, retry_interval), .type = JW_T_MILLIS, .min = 1000,
	 .max = 30 * DAY * 1000, .value = "DURATION",
	 .help = "how often while it fails (a fifth of the interval)"},
	{JW_OPT(struct jw_target, attempts), .type = JW_T_COUNT, .fallback = "3", .min = 1,
	 .max = 100, .value = "NUMBER",
	 .help = "so many failures of the network in a row before jwtwatch run tells one"},
	{JW_OPT(struct jw_target, enabled), .type = JW_T_BOOL, .fallback = "true",
	 .value = "true|false", .help = "false: the target is read, but not checked"},
	{EXPECT(severity), .type = JW_T_SEVERITY, .value = "CAUSE=STATE",
	 .help = "another state for a cause: warning, critical or unknown"},
	{JW_OPT(struct jw_target, labels), .type = JW_T_LABELS, .value = "NAME=TEXT",
	 .help = "labels for the outputs that have them, such as team or site"},
	{JW_OPT(struct jw_target, runbook), .type = JW_T_TEXT, .value = "URL",
	 .help = "where people read what to do, shown with a failure"},
	{JW_OPT(struct jw_target, ca_file), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificates (PEM) of the authorities to trust instead of the system's"},
	{JW_OPT(struct jw_target, client_certificate), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificate and key (PEM) to show to servers that ask for one"},
	{EXPECT(certificate_warning), .type = JW_T_SECONDS, .fallback = "14d", .min = 1,
	 .max = YEARS_10, .value = "DURATION",
	 .help = "WARNING where a server's certificate ends sooner"},
	{EXPECT(certificate_critical), .type = JW_T_SECONDS, .fallback = "1d", .min = 1,
	 .max = YEARS_10, .value = "DURATION",
	 .help = "CRITICAL where a server's certificate ends sooner"},
	{0},
};

static const char *const renew_sources[] = {[JW_RENEW_MINT] = "mint",
					    [JW_RENEW_ENDPOINT] = "endpoint",
					    [JW_RENEW_COMMAND] = "command",
					    [JW_RENEW_RUN] = "run",
					    NULL};
static const char *const renew_ways[] = {
	[JW_EDIT_RENAME] = "replace", [JW_EDIT_IN_PLACE] = "in_place", NULL};

const struct jw_option jw_renew_options[] = {
	{JW_OPT(struct jw_renew, from), .type = JW_T_CHOICE, .choices = renew_sources,
	 .fallback = "mint", .value = "WHERE",
	 .help = "where the fresh token comes from: mint makes a LiveKit token, endpoint asks "
		 "another target, command runs a program that prints it, run runs a program "
		 "that changes the page itself"},
	{JW_OPT(struct jw_renew, key), .type = JW_T_TEXT, .value = "NAME",
	 .help = "of mint: the key that signs it; left out: the first key of the target"},
	{JW_OPT(struct jw_renew, room), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "of mint: the LiveKit room; left out: that of the old token"},
	{JW_OPT(struct jw_renew, identity), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "of mint: the identity; left out: that of the old token"},
	{.name = "name",
	 .offset = offsetof(struct jw_renew, participant),
	 .type = JW_T_TEXT,
	 .value = "TEXT",
	 .help = "of mint: the participant's name for people; left out: that of the old token"},
	{JW_OPT(struct jw_renew, metadata), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "of mint: the participant's metadata; left out: those of the old token"},
	{JW_OPT(struct jw_renew, attributes), .type = JW_T_PAIRS, .value = "NAME=TEXT",
	 .help = "of mint: the participant's attributes; left out: those of the old token"},
	{JW_OPT(struct jw_renew, grants), .type = JW_T_TEXTS, .choices = jw_grants_switches,
	 .value = "GRANT",
	 .help = "of mint: the grants that it carries; left out: those of the old token"},
	{JW_OPT(struct jw_renew, ttl), .type = JW_T_SECONDS, .fallback = "24h", .min = 1,
	 .max = YEARS_10, .value = "DURATION", .help = "of mint: how long it is good"},
	{JW_OPT(struct jw_renew, endpoint), .type = JW_T_TEXT, .value = "NAME",
	 .help = "of endpoint: the token_endpoint target that gives the token"},
	{JW_OPT(struct jw_renew, command), .type = JW_T_COMMAND, .value = "WORD",
	 .help = "of command and run: the program and its arguments; no shell takes part"},
	{JW_OPT(struct jw_renew, env), .type = JW_T_VARIABLES, .value = "NAME=VALUE",
	 .help = "of command and run: variables for its environment"},
	{JW_OPT(struct jw_renew, also), .type = JW_T_PATHS, .value = "PATH",
	 .help = "further files that hold the same token: all get the new one, or none"},
	{JW_OPT(struct jw_renew, root), .type = JW_T_PATH, .value = "PATH",
	 .help = "the folder that files must lie in, once links are followed"},
	{JW_OPT(struct jw_renew, write), .type = JW_T_CHOICE, .choices = renew_ways,
	 .fallback = "replace", .value = "HOW",
	 .help = "replace: a new file takes the place of the old one in one step; in_place: "
		 "the "
		 "file itself is written, for one that is mounted by itself or has several "
		 "names"},
	{JW_OPT(struct jw_renew, before), .type = JW_T_THRESHOLD, .value = "THRESHOLD",
	 .help = "jwtwatch run renews by itself where a check finds that less is left, 25% or "
		 "2h, or that "
		 "the token isn't good any more; left out: never"},
	{0},
};

static const char *const livekit_urls[] = {
	"ws://", "wss://", "http://", "https://", JW_ACCEPTED_BY_RESPONSE, NULL};

const struct jw_option jw_token_options[] = {
	{EXPECT(warning), .type = JW_T_THRESHOLD, .fallback = "min(1h, 20%)",
	 .value = "THRESHOLD",
	 .help = "WARNING where less is left: 90s, 1h, 20%, min(1h, 20%) or a range such as "
		 "3600:"},
	{EXPECT(critical), .type = JW_T_THRESHOLD, .fallback = "min(10m, 5%)",
	 .value = "THRESHOLD", .help = "CRITICAL where less is left, in the same forms"},
	{EXPECT(accepted_by), .type = JW_T_URL, .choices = livekit_urls, .value = "URL",
	 .help = "the LiveKit server that must accept the token; from_response: the one whose "
		 "URL comes with the token"},
	{JW_OPT(struct jw_target, key), .type = JW_T_TEXTS, .value = "NAME",
	 .help = "keys that may have signed the token; any one must verify it"},
	{EXPECT(issuer), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "what iss must be (for LiveKit: the API key)"},
	{EXPECT(audience), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "what aud must be or hold"},
	{EXPECT(subject), .type = JW_T_TEXT, .value = "TEXT", .help = "what sub must be"},
	{EXPECT(room), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "which LiveKit room the token must be for"},
	{EXPECT(identity), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "which LiveKit identity the token must give"},
	{EXPECT(min_lifetime), .type = JW_T_SECONDS, .min = 1, .max = YEARS_10,
	 .value = "DURATION",
	 .help = "how long the token must still be good when it is met (exp - now)"},
	{EXPECT(max_lifetime), .type = JW_T_SECONDS, .min = 1, .max = YEARS_10,
	 .value = "DURATION",
	 .help = "how long a token may be good in all (exp - iat, or exp - nbf)"},
	{EXPECT(leeway), .type = JW_T_SECONDS, .fallback = "60s", .min = 0, .max = 3600,
	 .value = "DURATION", .help = "how far ahead nbf may lie, as clocks differ"},
	{EXPECT(forbid_grants), .type = JW_T_TEXTS, .choices = jw_grants_names,
	 .may_be_empty = true, .value = "GRANT",
	 .help = "a LiveKit grant that the token must not carry; once for each (in a page: "
		 "those with which a stranger could do harm; '' for none)"},
	{JW_OPT(struct jw_target, renew), .type = JW_T_GROUP, .group = jw_renew_options,
	 .group_size = sizeof(struct jw_renew), .value = "MAPPING",
	 .help = "how jwtwatch renew replaces the token by a fresh one (of html_file only)"},
	{JW_OPT(struct jw_target, same_as), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the target that must hold the same token, so that an old copy is found out"},
	{EXPECT(same_as_grace), .type = JW_T_SECONDS, .fallback = "60s", .min = 0, .max = DAY,
	 .value = "DURATION", .help = "how long the two may differ"},
	{EXPECT(rotate_every), .type = JW_T_SECONDS, .min = 1, .max = YEARS_10,
	 .value = "DURATION",
	 .help = "how long one token may stay before another is to be there"},
	{0},
};

const struct jw_option jw_sink_options[] = {
	{JW_OPT(struct jw_sink_entry, host), .type = JW_T_TEXT, .value = "NAME",
	 .help = "whose service it is, as the monitoring system calls it (this option and "
		 "service are "
		 "of icinga, nrdp and command_file only); $name$ is the target's name (this "
		 "machine's name)"},
	{JW_OPT(struct jw_sink_entry, service), .type = JW_T_TEXT, .fallback = "$name$",
	 .value = "NAME",
	 .help = "what the service is called there; $name$ is the target's name"},
	{JW_OPT(struct jw_sink_entry, timeout), .type = JW_T_MILLIS, .fallback = "10s",
	 .min = 1, .max = 300000, .value = "DURATION", .help = "how long one result may take"},
	{0},
};

static const char *const server_urls[] = {"ws://", "wss://", "http://", "https://", NULL};
const char *const jw_token_choices[] = {[JW_TOKEN_NAME] = "name",
					[JW_TOKEN_METADATA] = "metadata",
					[JW_TOKEN_ATTRIBUTES] = "attributes",
					NULL};

const struct jw_option jw_token_api_options[] = {
	{JW_OPT(struct jw_token_api, key), .type = JW_T_TEXT, .required = true, .value = "NAME",
	 .help = "the key that signs the tokens: its issuer is LiveKit's API key"},
	{JW_OPT(struct jw_token_api, url), .type = JW_T_URL, .choices = server_urls,
	 .required = true, .value = "URL",
	 .help = "the LiveKit server that the tokens are for, as browsers reach it"},
	{JW_OPT(struct jw_token_api, rooms), .type = JW_T_TEXTS, .required = true,
	 .value = "PATTERN",
	 .help = "rooms that tokens are given for, where * is anything; who names none gets "
		 "one "
		 "made of the first"},
	{JW_OPT(struct jw_token_api, identities), .type = JW_T_TEXTS, .required = true,
	 .value = "PATTERN",
	 .help = "identities that tokens are given for, where * is anything; who names none "
		 "gets one made of the first"},
	{JW_OPT(struct jw_token_api, ttl), .type = JW_T_SECONDS, .min = 60, .max = YEARS_10,
	 .value = "DURATION",
	 .help = "how long a token is good where nobody asks for another time (6h, or max_ttl "
		 "where that is less)"},
	{JW_OPT(struct jw_token_api, max_ttl), .type = JW_T_SECONDS, .fallback = "24h",
	 .min = 60, .max = YEARS_10, .value = "DURATION",
	 .help = "how long a token may be good at most"},
	{JW_OPT(struct jw_token_api, grants), .type = JW_T_TEXTS, .choices = jw_grants_switches,
	 .fallback = "roomJoin", .value = "GRANT",
	 .help = "what the tokens allow, for everybody who asks alike"},
	{JW_OPT(struct jw_token_api, deny), .type = JW_T_TEXTS, .choices = jw_grants_switches,
	 .value = "GRANT",
	 .help = "what they don't allow, such as canPublish, which comes with roomJoin"},
	{JW_OPT(struct jw_token_api, choices), .type = JW_T_TEXTS, .choices = jw_token_choices,
	 .fallback = "name", .may_be_empty = true, .value = "CHOICE",
	 .help = "what else who asks may choose of the participant"},
	{JW_OPT(struct jw_token_api, agents), .type = JW_T_TEXTS, .value = "PATTERN",
	 .help = "agents that may be asked for with the room, where * is anything; left out: "
		 "none"},
	{JW_OPT(struct jw_token_api, origins), .type = JW_T_TEXTS, .value = "ORIGIN",
	 .help = "whose pages may ask in a browser: https://HOST or https://HOST:PORT; left "
		 "out: only those of the daemon itself"},
	{JW_OPT(struct jw_token_api, rate), .type = JW_T_COUNT, .fallback = "60", .min = 1,
	 .max = 1000000, .value = "NUMBER",
	 .help = "requests a minute that one client's address may make"},
	{0},
};

const struct jw_option jw_daemon_options[] = {
	{JW_OPT(struct jw_daemon_entry, listen), .type = JW_T_TEXTS,
	 .fallback = "127.0.0.1:9788", .value = "ADDRESS",
	 .help = "where the daemon answers: HOST:PORT, [IPv6]:PORT, *:PORT or unix:PATH; one "
		 "or a list"},
	{JW_OPT(struct jw_daemon_entry, hosts), .type = JW_T_TEXTS, .value = "HOST",
	 .help = "further names that it may be asked by, beside localhost, loopback addresses "
		 "and those of listen: what a proxy passes on as Host; one or a list"},
	{JW_OPT(struct jw_daemon_entry, state), .type = JW_T_PATH, .value = "PATH",
	 .help = "the file that keeps what is remembered of the targets over a restart"},
	{.name = "static",
	 .offset = offsetof(struct jw_daemon_entry, static_folder),
	 .type = JW_T_PATH,
	 .value = "DIR",
	 .help = "a folder whose files are served at paths that the daemon hasn't got itself"},
	{JW_OPT(struct jw_daemon_entry, token_api), .type = JW_T_GROUP,
	 .group = jw_token_api_options, .group_size = sizeof(struct jw_token_api),
	 .value = "MAPPING",
	 .help = "tokens for pages, at /api/token, for who comes from this machine; left out: "
		 "none are given"},
	{0},
};

const struct jw_option jw_module_options[] = {
	{JW_OPT(struct jw_module_entry, allow), .type = JW_T_TEXTS, .required = true,
	 .value = "PATTERN",
	 .help = "which URLs it may be asked for: https://HOST/PATH, where * in the path is "
		 "anything, and *. may begin the host; one or a list"},
	{0},
};

const struct jw_option jw_key_options[] = {
	{JW_OPT(struct jw_key_entry, issuer), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "whose tokens this key signs: LiveKit's API key, the token's iss"},
	{JW_OPT(struct jw_key_entry, secret), .type = JW_T_SECRET, .required = true,
	 .value = "SECRET",
	 .help = "{env: NAME}, {file: PATH}, {credential: NAME}, {env_file: PATH, name: NAME}, "
		 "or "
		 "the secret as a text"},
	{JW_OPT(struct jw_key_entry, max_ttl), .type = JW_T_SECONDS, .min = 1,
	 .max = INT64_C(3650) * 86400, .value = "DURATION",
	 .help = "jwtwatch makes no token with this key that is good for longer; left out: "
		 "any"},
	{0},
};
