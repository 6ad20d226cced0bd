/* SPDX-License-Identifier: MIT */
/* What the commands share: the command line taken apart, the configuration loaded, output written. */
#pragma once

#include "base/err.h"
#include "core/runner.h"
#include "output/format.h"

enum jw_flag {
	JW_FLAG_CONFIG,
	JW_FLAG_FORMAT,
	JW_FLAG_WARNING,
	JW_FLAG_CRITICAL,
	JW_FLAG_DEADLINE,
	JW_FLAG_VERBOSE,
	JW_FLAG_QUIET,
	JW_FLAG_COLOR,
	JW_FLAG_AT,
	JW_FLAG_FAIL_ON,
	JW_FLAG_TEXTFILE,
	JW_FLAG_UNTIL,
	JW_FLAG_KEY_FILE,
	JW_FLAG_SINK,
	JW_FLAG_TIMEOUT_RESULT,
	JW_FLAG_PERFDATA,
	JW_FLAG_EXTRA_OPTS,
	JW_FLAG_SSL,
	JW_FLAG_HOST,
	JW_FLAG_PORT,
	JW_FLAG_PLACE,
	JW_FLAG_VERSION,
	JW_FLAG_HELP,
	JW_FLAG_COUNT
};

struct jw_args;

/* A name in the plugin directory: under it the program is a monitoring plugin. */
struct jw_plugin {
	const char *name;
	const char *does; /* the command or check that it is */
	const char *
		scheme; /* of the URL that -H, -p, -u and -S make, and with -S; NULL: it has no URL */
	const char *secure_scheme;
};

extern const struct jw_plugin jw_plugins[]; /* ended by {0} */
/* By the last part of argv[0]; NULL: another name. */
const struct jw_plugin *jw_plugin_by_path(const char *path);

struct jw_command {
	const char *name;
	const char *operands; /* "[TARGET...]"; NULL: takes none */
	const char *summary;
	unsigned flags; /* 1 << enum jw_flag */
	int (*run)(const struct jw_args *args);
	const struct jw_option
		*options; /* its own, beside the flags, ended by {0}; NULL: none */
};

/* Called by the name of a plugin, which is the command's name then. */
static inline bool jw_command_is_plugin(const struct jw_command *command)
{
	return command->flags & 1U << JW_FLAG_EXTRA_OPTS;
}

/* One of a check's or a command's own options, as given. */
struct jw_setting {
	const struct jw_option *option;
	const char *value;
	enum jw_origin origin;
};

struct jw_args {
	const struct jw_command *command;
	const struct jw_check *check;	   /* of an ad-hoc check; else NULL */
	const char *values[JW_FLAG_COUNT]; /* as given last; NULL: not given */
	unsigned
		of_file; /* 1 << enum jw_flag: those whose value is from a file of --extra-opts */
	int verbosity;
	const char **sinks; /* --sink, as often as it was given */
	size_t sink_count;
	char **operands;
	size_t operand_count;
	struct jw_setting *settings;
	size_t setting_count;
	struct jw_arena arena; /* for what was made of the words */
};

extern const struct jw_option jw_mint_options[];
extern const struct jw_option jw_renew_command_options[];
extern const struct jw_command jw_commands[];	 /* ended by {0} */
extern const struct jw_command jw_adhoc_command; /* its name is that of its check */
const struct jw_command *jw_command_by_name(struct jw_str name);
/* The rows of an ad-hoc check's options: calls back for the check's own, then for every target's that makes
 * sense on a command line. */
void jw_args_each_option(const struct jw_check *check,
			 void (*each)(void *context, const struct jw_option *option),
			 void *context);
/* The settings into the struct of the command's own options, whose fallbacks are filled in first; values live in the arena.
 * JW_CONFIG and a sentence that begins with the option. */
enum jw_cause jw_args_settings(const struct jw_args *args, struct jw_arena *arena, void *base,
			       struct jw_err *err);
/* argv[0] is the command. Fills *ret_args; jw_args_done frees what it holds. JW_CONFIG and a sentence. */
enum jw_cause jw_args_parse(const struct jw_command *command, const struct jw_check *check,
			    int argc, char **argv, struct jw_args *ret_args,
			    struct jw_err *err);
void jw_args_done(struct jw_args *args);

/* For a plugin: the words of the files that --extra-opts names (INI, a section for each plugin) in front of those of the
 * command line, so that the latter win. words->file_count: how many came from files. All live in the
 * arena, or were there before. JW_CONFIG and a sentence. */
struct jw_words {
	int argc;
	char **argv;
	int file_count;
	enum jw_origin origin; /* of those from files; an open file makes all open */
};
enum jw_cause jw_extra_opts(const char *plugin, struct jw_arena *arena, struct jw_words *words,
			    struct jw_err *err);
/* Makes -H, -p, -u and -S the setting `url`. JW_CONFIG and a sentence where they make no sense. */
enum jw_cause jw_plugin_url(struct jw_args *args, struct jw_err *err);
/* How long the whole run may take (-t), and what a time that is up is in `severity`: 0 where nobody says. */
struct jw_timing {
	int64_t ms;
	uint8_t severity;
};
enum jw_cause jw_timing_read(const struct jw_args *args, struct jw_timing *ret_timing,
			     struct jw_err *err);

/* The flag's short and long form and its help: "-o, --format FORMAT". */
void jw_args_describe(enum jw_flag flag, struct jw_buf *buf);
const char *jw_args_help(enum jw_flag flag);

/* The exit code of everything that a command line got wrong. */
#define JW_EXIT_UNKNOWN 3
#define JW_EXIT_REFUSED 1
/* What jwtwatch status reads its exit code from in the answer of jwtwatch run. */
#define JW_CODE_HEADER "Jwtwatch-Exit-Code"

/* "jwtwatch: <text>" and where help is; returns JW_EXIT_UNKNOWN. */
int jw_usage_error(const struct jw_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Everything to standard output; the exit code that was asked for, or 3 where it can't be written. */
int jw_write_out(const struct jw_buf *buf, int exit_code);

/* The clocks, with the moment of --at for the wall clock where it is given. JW_CONFIG and a sentence. */
struct jw_moment {
	struct jw_clock clock;
	int64_t at;
	bool simulated;
};
enum jw_cause jw_moment_init(struct jw_moment *moment, const char *at, struct jw_err *err);

/* The outside as this program has it; `moment` must live as long. */
struct jw_outside {
	const struct jw_crypto *crypto; /* NULL: not opened yet */
	struct jw_loop loop;
	bool has_loop;
	bool is_daemon;	   /* for long, with many targets: libraries are set up for that */
	struct jw_net net; /* on that loop */
	bool is_net_open;
	struct jw_exec exec;
	bool has_exec;
};
struct jw_world jw_app_world(const struct jw_moment *moment, struct jw_outside *outside);
/* All runs are over. */
void jw_outside_done(struct jw_outside *outside);

/* The name of this machine, or "localhost". Lives as long as the arena. */
const char *jw_app_machine(struct jw_arena *arena);
/* JW_CONFIG where --sink doesn't go together with the moment. */
enum jw_cause jw_sinks_check(const struct jw_args *args, const struct jw_moment *moment,
			     struct jw_err *err);
/* How much of the whole run's time is kept for the sinks. */
int64_t jw_sinks_time(const struct jw_args *args, int64_t whole_ms);
/* The report's state from its targets', with the sinks that failed. */
enum jw_state jw_sinks_raise(const struct jw_report *report, enum jw_state state);
/* One more that failed, by its whole name; name and remedy are borrowed. */
void jw_sinks_add(struct jw_report *report, const char *name, enum jw_cause cause,
		  const char *says, const char *remedy);
/* The same of the sink of this name, which is borrowed. */
void jw_sinks_fail(struct jw_report *report, const char *name, enum jw_cause cause,
		   const char *says);
/* Whether the sink after `count` others is among them. */
bool jw_sinks_was_named(const struct jw_args *args, size_t count);
/* Those that failed, on standard error: for formats that have no place for words. */
void jw_sinks_say(const struct jw_report *report);
/* Sends every result to each of the named sinks, side by side, until deadline_ms of the monotonic clock; a sink that
 * takes too long, or whose pipe can't be written, is sent no more. report->sinks
 * holds those then that didn't take all, with the reason; the caller frees it. */
void jw_sinks_send(const struct jw_world *world, const struct jw_config *config,
		   const struct jw_args *args, int64_t deadline_ms, struct jw_report *report);
/* Before they are sent: report->sinks as it is where nothing comes of it. */
void jw_sinks_expect(const struct jw_args *args, struct jw_report *report);
/* Where nothing can be sent, since there is no configuration. */
void jw_sinks_unsent(const struct jw_args *args, struct jw_report *report);
void jw_sinks_done(struct jw_report *report);

/* Targets side by side, as far as they wait for the network or programs. The caller fills in the first four and `progress`, and
 * owns the results. */
struct jw_batch {
	const struct jw_world *world;
	const struct jw_config *config;
	int64_t deadline_ms; /* of the monotonic clock */
	unsigned want;
	struct jw_run **waiting; /* by index into the results; NULL where none waits */
	size_t waiting_count;
	size_t done_count; /* with those that the caller counts for what it doesn't run */
	struct jw_progress *progress; /* NULL: nobody watches */
	struct jw_result *results;
	int64_t start_ms;
	int64_t next_progress_ms;
};
void jw_batch_init(struct jw_batch *batch, size_t count); /* at most so many targets */
/* results[index] is filled at once or, at the latest, by jw_batch_finish. */
void jw_batch_start(struct jw_batch *batch, const struct jw_target *target, size_t index);
void jw_batch_finish(struct jw_batch *batch);
void jw_batch_done(struct jw_batch *batch);

/* On a terminal, one line on standard error that says how far a slow run is. */
struct jw_progress;
/* NULL where standard error or output is no terminal. */
struct jw_progress *jw_progress_new(size_t total);
/* What is still awaited: `count` names, the first few of them shown. */
void jw_progress_show(struct jw_progress *progress, size_t done, const char *const *names,
		      size_t count, int64_t elapsed_ms);
/* Takes the line away. */
void jw_progress_free(struct jw_progress *progress);

/* Finds, reads and checks the configuration: -f, else $JWTWATCH_CONFIG, else the system's, else
 * ./jwtwatch.yaml for a person at a terminal who isn't root. Files that globs include are looked
 * for until deadline_ms of the monotonic clock. JW_CONFIG where it is wrong, JW_FILE_MISSING or
 * JW_FILE_UNREADABLE where it can't be read; then `errors` has at least one line. The caller frees
 * errors->text in any case. */
enum jw_cause jw_app_config(const struct jw_args *args, int64_t deadline_ms,
			    struct jw_errors *errors, struct jw_config **ret_config);
/* One line an error on standard error. */
void jw_app_say_errors(const struct jw_errors *errors);
/* Warns on standard error of each file that holds plain secrets and that others can read. */
void jw_app_warn_plain_secrets(const struct jw_config *config);
/* --color, -q, --fail-on, and where paths start from. */
enum jw_cause jw_app_style(const struct jw_args *args, struct jw_style *ret_style,
			   struct jw_err *err);
enum jw_cause jw_app_format(const struct jw_args *args, const struct jw_format **ret_format,
			    struct jw_err *err);

/* Whether --textfile, where it is given, makes sense beside the other flags. */
enum jw_cause jw_app_textfile(const struct jw_args *args, struct jw_err *err);
/* The report as a page of metrics in the place of `path`: whole, readable for everybody. JW_SINK_FAILED and a sentence
 * that begins with the path. */
enum jw_cause jw_app_page_write(const char *path, const struct jw_report *report,
				struct jw_err *err);
/* Writes the page of --textfile, where it is given: whole, readable for everybody. Where it can't be written that joins
 * the report's sinks. */
void jw_app_textfile_write(const struct jw_args *args, struct jw_report *report);

/* What a token is judged by where no target says so: -w and -c, else what targets have by default. */
enum jw_cause jw_app_expect(const struct jw_args *args, struct jw_expect *expect,
			    struct jw_err *err);

int jw_cmd_check(const struct jw_args *args);
int jw_cmd_run(const struct jw_args *args);
int jw_cmd_status(const struct jw_args *args);
int jw_cmd_adhoc(const struct jw_args *args);
int jw_cmd_inspect(const struct jw_args *args);
int jw_cmd_discover(const struct jw_args *args);
int jw_cmd_doctor(const struct jw_args *args);
int jw_cmd_forecast(const struct jw_args *args);
int jw_cmd_mint(const struct jw_args *args);
int jw_cmd_renew(const struct jw_args *args);
int jw_cmd_config(const struct jw_args *args);
int jw_cmd_schema(const struct jw_args *args);
int jw_cmd_sink(const struct jw_args *args);
int jw_cmd_explain(const struct jw_args *args);
int jw_cmd_help(const struct jw_args *args);
int jw_cmd_version(const struct jw_args *args);
/* The sinks and their options, as a configuration has them. */
void jw_help_sinks(struct jw_buf *buf);
/* "  name   text", broken between words. */
void jw_help_entry(struct jw_buf *buf, const char *name, size_t width, const char *text);
void jw_help_command(const struct jw_command *command, const struct jw_check *check,
		     struct jw_buf *buf);
