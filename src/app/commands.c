/* SPDX-License-Identifier: MIT */
/* The commands: what each is for, and which flags it takes. */
#include "app/app.h"

#define F(flag) (1U << JW_FLAG_##flag)
#define ALWAYS (F(VERSION) | F(HELP))
#define JUDGING                                                                                \
	(F(FORMAT) | F(WARNING) | F(CRITICAL) | F(VERBOSE) | F(QUIET) | F(COLOR) | F(AT) |     \
	 F(FAIL_ON) | F(TIMEOUT_RESULT) | F(PERFDATA) | F(DEADLINE) | ALWAYS)

const struct jw_command jw_commands[] = {
	{"check", "[TARGET...]",
	 "check all targets of the configuration, or the named ones, once",
	 JUDGING | F(CONFIG) | F(SINK) | F(TEXTFILE), jw_cmd_check, NULL},
	{"run", NULL,
	 "watch all targets of the configuration until told to stop: the daemon, with /metrics "
	 "for Prometheus",
	 F(CONFIG) | F(QUIET) | ALWAYS, jw_cmd_run, NULL},
	{"status", "[TARGET...]",
	 "what the running daemon knows of all targets, or the named ones, judged again now "
	 "and "
	 "without another check",
	 F(CONFIG) | F(FORMAT) | F(VERBOSE) | F(QUIET) | F(COLOR) | F(AT) | F(FAIL_ON) |
		 F(PERFDATA) | F(DEADLINE) | ALWAYS,
	 jw_cmd_status, NULL},
	{"inspect", "[TOKEN|-|@FILE]", "take one token apart: claims, times, grants, signature",
	 F(FORMAT) | F(WARNING) | F(CRITICAL) | F(AT) | ALWAYS | F(KEY_FILE), jw_cmd_inspect,
	 NULL},
	{"forecast", "[TARGET...]",
	 "what turns red when: the moments at which verdicts will change by themselves",
	 F(CONFIG) | F(FORMAT) | F(DEADLINE) | F(UNTIL) | F(VERBOSE) | F(COLOR) | F(AT) |
		 ALWAYS,
	 jw_cmd_forecast, NULL},
	{"discover", "PATH...",
	 "find the tokens in files and folders, and print targets that watch them as YAML, or "
	 "with -o json where they stand",
	 F(FORMAT) | F(AT) | ALWAYS, jw_cmd_discover, NULL},
	{"doctor", "[TARGET...|PLACE...]",
	 "the whole checklist, step by step, with the remedy: of the targets of a "
	 "configuration, or of places such as /srv/voice ws://localhost:7880 "
	 "http://localhost:9000/",
	 F(CONFIG) | F(FORMAT) | F(DEADLINE) | F(VERBOSE) | F(QUIET) | F(COLOR) | ALWAYS,
	 jw_cmd_doctor, NULL},
	{"mint", NULL,
	 "make a LiveKit token with a key and print it: the only command that prints a token",
	 F(CONFIG) | F(FORMAT) | ALWAYS, jw_cmd_mint, jw_mint_options},
	{"renew", "TARGET...",
	 "put a fresh token where the old one stands: it is proved first, and what isn't right "
	 "behind it is taken back",
	 F(CONFIG) | F(FORMAT) | F(DEADLINE) | F(QUIET) | ALWAYS, jw_cmd_renew,
	 jw_renew_command_options},
	{"config", NULL,
	 "print the effective configuration: defaults filled in, paths absolute, secrets "
	 "hidden",
	 F(CONFIG) | ALWAYS, jw_cmd_config, NULL},
	{"schema", NULL, "print a JSON Schema of configurations, for editors", ALWAYS,
	 jw_cmd_schema, NULL},
	{"sink", "test NAME [TARGET]",
	 "send a test, as UNKNOWN, to a sink of the configuration, and say what came back",
	 F(CONFIG) | ALWAYS, jw_cmd_sink, NULL},
	{"explain", "[CAUSE]", "what a cause means, how to see it by hand, what to do", ALWAYS,
	 jw_cmd_explain, NULL},
	{"help", "[COMMAND|CHECK]", "help on a command or a check, with its options", ALWAYS,
	 jw_cmd_help, NULL},
	{"version", NULL, "print the version", ALWAYS, jw_cmd_version, NULL},
	{0},
};

/* A check's name is a command too: one target, its options on the command line. */
const struct jw_command jw_adhoc_command = {
	.name = "CHECK",
	.summary = "check one target that is described on the command line",
	.flags = JUDGING | F(KEY_FILE),
	.run = jw_cmd_adhoc,
};

const struct jw_command *jw_command_by_name(struct jw_str name)
{
	for (const struct jw_command *command = jw_commands; command->name; command++)
		if (jw_str_is(name, command->name))
			return command;
	return NULL;
}
