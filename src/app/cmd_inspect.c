/* SPDX-License-Identifier: MIT */
/* inspect: one token taken apart for a person or a script. */
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "contract/check.h"
#include "core/keyring.h"
#include "output/inspect.h"
#include "token/find.h"

#define INPUT_MAX (2 * JW_JWT_MAX)
#define KEY_MAX ((size_t)1 << 20)
#define OUTPUT_MAX ((size_t)4 << 20)
#define INPUT_MS 30000

struct session {
	const struct jw_args *args;
	struct jw_moment moment;
	struct jw_outside outside;
	struct jw_world world;
	struct jw_arena arena;
	struct jw_style style;
	bool json;
	struct jw_expect expect;
	struct jw_inspection inspection;
};

/* The token's text, and what its place is called in messages. */
static enum jw_cause read_input(const char *operand, struct jw_buf *text,
				const char **ret_place, struct jw_err *err)
{
	struct jw_file *file;
	enum jw_read read;
	const char *path = !operand || !strcmp(operand, "-") ? "-" : operand + 1;
	enum jw_cause cause;

	if (operand && *operand != '@' && strcmp(operand, "-") != 0) {
		jw_log(JW_LOG_WARNING, "a token on the command line can be seen by every user "
				       "of this machine (ps) and stays in the "
				       "shell's history: prefer - or @FILE");
		jw_buf_text(text, operand);
		*ret_place = "command line";
		return JW_OK;
	}
	if (!operand && isatty(STDIN_FILENO))
		return jw_fail(err, JW_CONFIG,
			       "which token? Give it by standard input (-) or as @FILE");
	cause = jw_adapter_files.open(NULL, path, &file, err);
	if (cause) {
		jw_err_in(err, "%s", path);
		return cause;
	}
	cause = jw_adapter_files.read(
		file, text, jw_adapter_clock.monotonic_ms(NULL) + INPUT_MS, &read, err);
	jw_adapter_files.close(file);
	/* A file ends with a newline: that isn't worth a note. */
	if (text->len && text->ptr[text->len - 1] == '\n')
		text->len--;
	*ret_place = strcmp(path, "-") ? path : "standard input";
	return cause;
}

/* A file that holds a token among other things isn't a broken token. */
static enum jw_cause check_alone(const struct session *session, struct jw_str text,
				 struct jw_err *err)
{
	const struct jw_token *token = &session->inspection.token;
	const char *operand = session->args->operand_count ? session->args->operands[0] : "-";
	bool is_file = *operand == '@';
	struct jw_str trimmed = jw_str_trim(text);
	struct jw_str found;
	size_t at = 0;

	if ((!is_file && strcmp(operand, "-") != 0) || token->decode != JW_TOKEN_MALFORMED ||
	    !jw_find_next(trimmed, JW_FIND_LAST, &at, &found) || found.ptr == trimmed.ptr)
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "%s isn't a token alone, but a text that holds one: a page is looked at "
		       "by jwtwatch html_file --path %s",
		       token->path, is_file ? token->path : "-");
}

static enum jw_cause verify(struct session *session, struct jw_err *err)
{
	const char *path = session->args->values[JW_FLAG_KEY_FILE];
	const struct jw_secret secret = {.kind = JW_SECRET_FILE, .value = path};
	const struct jw_crypto *crypto;
	struct jw_keys keys = {0};
	jw_autobuf struct jw_buf text = JW_BUF(KEY_MAX);
	enum jw_cause cause;

	if (!path)
		return JW_OK;
	cause = jw_secret_read(&secret, session->world.files, &text, err);
	if (!cause)
		cause = jw_keyring_add(&keys, jw_buf_get(&text), NULL, &session->arena, err);
	if (cause)
		return cause;
	crypto = session->world.crypto(session->world.crypto_context, err);
	if (!crypto)
		return err->cause;
	if (session->inspection.token.has_claims)
		jw_keyring_verify(&keys, crypto, &session->inspection.token, &session->arena);
	return JW_OK;
}

static void judge(struct session *session)
{
	struct jw_facts facts = {.tokens = &session->inspection.token, .token_count = 1};

	jw_judge(&facts, &session->expect, session->inspection.now, &session->arena,
		 &session->inspection.verdict);
}

static enum jw_cause prepare(struct session *session, struct jw_err *err)
{
	const char *format = session->args->values[JW_FLAG_FORMAT];
	enum jw_cause cause;

	session->json = format && !strcmp(format, "json");
	if (format && !session->json && strcmp(format, "text"))
		return jw_fail(err, JW_CONFIG, "-o takes text or json here");
	if (session->args->operand_count > 1)
		return jw_fail(err, JW_CONFIG, "one token at a time, please");
	cause = jw_app_style(session->args, &session->style, err);
	if (!cause)
		cause = jw_moment_init(&session->moment, session->args->values[JW_FLAG_AT],
				       err);
	if (cause)
		return cause;
	session->expect.is_simulated = session->moment.simulated;
	return jw_app_expect(session->args, &session->expect, err);
}

int jw_cmd_inspect(const struct jw_args *args)
{
	struct session session = {.args = args};
	jw_autobuf struct jw_buf text = JW_BUF(INPUT_MAX);
	jw_autobuf struct jw_buf out = JW_BUF(OUTPUT_MAX);
	const char *place = "";
	struct jw_err err;
	int code;

	if (prepare(&session, &err) ||
	    read_input(args->operand_count ? args->operands[0] : NULL, &text, &place, &err))
		return jw_usage_error(args, "%s", err.text);
	session.world = jw_app_world(&session.moment, &session.outside);
	session.inspection.simulated = session.moment.simulated;
	session.inspection.now = session.moment.clock.wall(session.moment.clock.self);
	jw_runner_token(&session.world, jw_buf_get(&text), place, 0, JW_WANT_FINGERPRINTS,
			&session.arena, &session.inspection.token);
	if (check_alone(&session, jw_buf_get(&text), &err)) {
		code = jw_usage_error(args, "%s", err.text);
	} else if (verify(&session, &err)) {
		code = jw_usage_error(args, "--key-file: %s", err.text);
	} else {
		judge(&session);
		if (session.json)
			jw_inspect_json(&session.inspection, &out);
		else
			jw_inspect_text(&session.inspection, &out);
		code = jw_write_out(&out, session.inspection.verdict.state);
	}
	if (session.inspection.token.has_claims)
		jw_jwt_done(&session.inspection.token.jwt);
	jw_arena_done(&session.arena);
	return code;
}
