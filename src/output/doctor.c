/* SPDX-License-Identifier: MIT */
/* A report as a checklist: for a person, or for a program. */
#include "output/doctor.h"

#include <string.h>

#include "base/when.h"
#include "output/formatting.h"
#include "output/json.h"

#define NUMBER_WIDTH 4
#define STATE_WIDTH 9
#define TITLE_WIDTH 16
#define INDENT (NUMBER_WIDTH + STATE_WIDTH + TITLE_WIDTH)
/* Of the text, in a window of 80 columns. */
#define TEXT_WIDTH (79 - INDENT)

static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m", "\033[35m"};
static const char *const names[] = {"ok", "not_ok", "not_looked_at"};

static void diagnose(const struct jw_report *report, const struct jw_style *style,
		     struct jw_arena *arena, struct jw_diagnosis *ret_diagnosis)
{
	static const struct jw_doctor_plan nothing = {0};

	jw_doctor_diagnose(style->plan ? style->plan : &nothing, report, arena, ret_diagnosis);
}

static const char *state_word(const struct jw_doctor_line *line)
{
	if (line->is == JW_LINE_OK)
		return "ok";
	if (line->is == JW_LINE_NOT_LOOKED_AT)
		return "-";
	return line->state == JW_STATE_WARNING ? "warning" : "not ok";
}

static void state(struct jw_buf *buf, const struct jw_doctor_line *line,
		  const struct jw_style *style)
{
	bool is_colored = style->color && line->is != JW_LINE_NOT_LOOKED_AT;
	size_t start;

	if (is_colored)
		jw_buf_text(buf, colors[line->state]);
	start = buf->len;
	jw_buf_text(buf, state_word(line));
	jw_buf_pad(buf, start, STATE_WIDTH);
	if (is_colored)
		jw_buf_text(buf, "\033[0m");
}

/* In characters, as a terminal shows them. */
static size_t width_of(struct jw_str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return width;
}

/* Broken between words; each line after the first is indented. A word that is too long stays whole, to be copied. */
static void wrapped(struct jw_buf *buf, const char *text)
{
	jw_autobuf struct jw_buf clean = JW_BUF((size_t)1 << 16);
	struct jw_str rest;
	size_t column = 0;

	jw_text_line(&clean, jw_str_of(text));
	rest = jw_buf_get(&clean);
	while (rest.len) {
		struct jw_str word = rest;
		struct jw_str after = {0};
		size_t width;

		jw_str_cut(rest, ' ', &word, &after);
		width = width_of(word);
		if (column && column + 1 + width > TEXT_WIDTH) {
			jw_buf_char(buf, '\n');
			jw_buf_pad(buf, buf->len, INDENT);
			column = 0;
		} else if (column) {
			jw_buf_char(buf, ' ');
			column++;
		}
		jw_buf_str(buf, word);
		column += width;
		rest = after;
	}
	jw_buf_char(buf, '\n');
}

static void below(struct jw_buf *buf, const char *label, const char *text)
{
	jw_autobuf struct jw_buf whole = JW_BUF((size_t)1 << 16);

	jw_buf_printf(&whole, "%s%s", label, text);
	jw_buf_pad(buf, buf->len, INDENT);
	wrapped(buf, whole.ptr ? whole.ptr : "");
}

static void say(struct jw_buf *buf, const struct jw_doctor_line *line)
{
	jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 16);

	if (line->is == JW_LINE_NOT_LOOKED_AT)
		jw_buf_text(&text, "not looked at: ");
	if (line->is == JW_LINE_NOT_OK && line->follows)
		jw_buf_printf(&text, "follows from line %zu: ", line->follows);
	if (line->target && !strstr(line->seen, line->target))
		jw_buf_printf(&text, "%s: ", line->target);
	if (line->is == JW_LINE_NOT_OK && line->cause)
		jw_buf_printf(&text, "%s: ", jw_cause_name(line->cause));
	jw_buf_text(&text, line->seen);
	if (line->is == JW_LINE_NOT_LOOKED_AT && line->follows)
		jw_buf_printf(&text, " (line %zu)", line->follows);
	wrapped(buf, text.ptr ? text.ptr : "");
}

static void line_text(struct jw_buf *buf, const struct jw_diagnosis *diagnosis, size_t index,
		      const struct jw_report *report, const struct jw_style *style)
{
	const struct jw_doctor_line *line = &diagnosis->lines[index];
	size_t start = buf->len;

	jw_buf_printf(buf, "%2zu", index + 1);
	jw_buf_pad(buf, start, NUMBER_WIDTH);
	state(buf, line, style);
	start = buf->len;
	jw_buf_text(buf, jw_doctor_steps[line->step].title);
	jw_buf_pad(buf, start, TITLE_WIDTH);
	say(buf, line);
	if (line->remedy)
		below(buf, "fix: ", line->remedy);
	if (style->verbosity && line->look < report->count && line->step != JW_STEP_ACCEPTED &&
	    line->step != JW_STEP_BROWSER) {
		jw_text_findings(buf, &report->results[line->look]);
		jw_text_tokens(buf, &report->results[line->look]);
	}
}

/* Why a browser fails, the number of the line; 0: it doesn't, or that isn't known. */
static size_t cause_for_browser(const struct jw_diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++)
		if (diagnosis->lines[i].step == JW_STEP_BROWSER &&
		    diagnosis->lines[i].is == JW_LINE_NOT_OK)
			return diagnosis->lines[i].follows;
	return 0;
}

/* What comes first may be another thing than what users meet. */
static void broken(struct jw_buf *buf, const struct jw_diagnosis *diagnosis)
{
	size_t met = cause_for_browser(diagnosis);
	const char *title = jw_doctor_steps[diagnosis->lines[diagnosis->cause - 1].step].title;

	if (!met || met == diagnosis->cause)
		jw_buf_printf(buf, "The cause is line %zu, %s: mend that first.\n",
			      diagnosis->cause, title);
	else
		jw_buf_printf(buf,
			      "Line %zu, %s, is the first that is broken; what a browser meets "
			      "is line %zu, %s.\n",
			      diagnosis->cause, title, met,
			      jw_doctor_steps[diagnosis->lines[met - 1].step].title);
}

static void summary(struct jw_buf *buf, const struct jw_diagnosis *diagnosis)
{
	const struct jw_doctor_line *cause =
		diagnosis->cause ? &diagnosis->lines[diagnosis->cause - 1] : NULL;
	size_t left_out = 0;

	for (size_t i = 0; i < diagnosis->count; i++)
		left_out += diagnosis->lines[i].is == JW_LINE_NOT_LOOKED_AT;
	if (cause && cause->state == JW_STATE_WARNING)
		jw_buf_printf(buf, "Nothing is broken, but see line %zu, %s.\n",
			      diagnosis->cause, jw_doctor_steps[cause->step].title);
	else if (cause)
		broken(buf, diagnosis);
	else if (diagnosis->state != JW_STATE_OK)
		jw_buf_text(buf, "Nothing was looked at.\n");
	else if (left_out)
		jw_buf_printf(buf, "All that was looked at is well; %zu line%s.\n", left_out,
			      left_out == 1 ? " wasn't" : "s weren't");
	else
		jw_buf_text(buf, "All is well.\n");
}

static void write_text(const struct jw_report *report, const struct jw_style *style,
		       struct jw_buf *buf)
{
	struct jw_arena arena = {0};
	struct jw_diagnosis diagnosis;

	diagnose(report, style, &arena, &diagnosis);
	for (size_t i = 0; i < diagnosis.count; i++)
		if (!style->is_quiet || diagnosis.lines[i].is == JW_LINE_NOT_OK)
			line_text(buf, &diagnosis, i, report, style);
	if (!style->is_quiet)
		jw_buf_char(buf, '\n');
	if (!style->is_quiet || diagnosis.state != JW_STATE_OK)
		summary(buf, &diagnosis);
	jw_arena_done(&arena);
}

static json_t *line_json(const struct jw_doctor_line *line, size_t number)
{
	json_t *object = json_object();

	jw_json_set_number(object, "line", (int64_t)number);
	jw_json_set_text(object, "name", jw_doctor_steps[line->step].name);
	jw_json_set_text(object, "state", names[line->is]);
	if (line->is == JW_LINE_NOT_OK)
		jw_json_set_text(object, "severity", jw_state_name(line->state));
	if (line->cause)
		jw_json_set_text(object, "cause", jw_cause_name(line->cause));
	if (line->follows)
		jw_json_set_number(object, "follows", (int64_t)line->follows);
	jw_json_set_text(object, "target", line->target);
	jw_json_set_text(object, "seen", line->seen);
	jw_json_set_text(object, "remedy", line->remedy);
	return object;
}

static int append(const char *bytes, size_t len, void *buf)
{
	return jw_buf_add(buf, bytes, len) ? 0 : -1;
}

static void write_json(const struct jw_report *report, const struct jw_style *style,
		       struct jw_buf *buf)
{
	json_t *root = json_object();
	json_t *steps = json_array();
	struct jw_arena arena = {0};
	struct jw_diagnosis diagnosis;
	char when[JW_WHEN_TEXT];

	diagnose(report, style, &arena, &diagnosis);
	jw_json_set_number(root, "version", 1);
	jw_json_set_text(root, "time", jw_when_text(report->now, when));
	jw_json_set_text(root, "state", jw_state_name(diagnosis.state));
	jw_json_set_number(root, "exit_code", diagnosis.state);
	/* The number of the line that is the cause. */
	if (diagnosis.cause)
		jw_json_set_number(root, "cause", (int64_t)diagnosis.cause);
	for (size_t i = 0; i < diagnosis.count; i++)
		json_array_append_new(steps, line_json(&diagnosis.lines[i], i + 1));
	json_object_set_new(root, "steps", steps);
	json_dump_callback(root, append, buf, JSON_INDENT(2));
	jw_buf_char(buf, '\n');
	json_decref(root);
	jw_arena_done(&arena);
}

const struct jw_format jw_doctor_formats[] = {
	{.name = "text",
	 .media_type = "text/plain",
	 .want = JW_WANT_FINGERPRINTS,
	 .write = write_text},
	{.name = "json",
	 .media_type = "application/json",
	 .want = JW_WANT_FINGERPRINTS,
	 .write = write_json},
	{0},
};

enum jw_state jw_doctor_state(const struct jw_report *report, const struct jw_style *style)
{
	struct jw_arena arena = {0};
	struct jw_diagnosis diagnosis;

	diagnose(report, style, &arena, &diagnosis);
	jw_arena_done(&arena);
	return diagnosis.state;
}
