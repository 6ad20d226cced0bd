/* SPDX-License-Identifier: MIT */
/* The checklist made of results by hand, which the judge has judged: what follows from what, and what is the cause. */
#include "rows.h"

#include "core/doctor.h"
#include "output/doctor.h"
#include "reports.h"

#define URL "ws://livekit.example:7880"

static const char *const keys[] = {"pair", NULL};

static struct {
	struct jw_doctor_plan plan;
	struct jw_look looks[RESULTS_MAX];
	struct jw_doctor_setting setting;
	struct jw_livekit livekits[RESULTS_MAX];
	struct jw_exchange exchanges[RESULTS_MAX];
	struct jw_failure failures[RESULTS_MAX];
	struct jw_key_proof proof;
	struct jw_arena arena;
	struct jw_diagnosis diagnosis;
} scene;

static void scene_begin(void)
{
	begin();
	memset(&scene, 0, sizeof(scene));
	scene.setting = (struct jw_doctor_setting){.seen = "a key pair"};
	scene.plan.looks = scene.looks;
	scene.plan.settings = &scene.setting;
	scene.plan.setting_count = 1;
}

static size_t look(enum jw_doctor_step step, const char *name)
{
	size_t i = world.report.count;

	add(name);
	scene.looks[i] = (struct jw_look){.step = step};
	scene.plan.look_count = i + 1;
	memset(world.tokens[i].digest, 'x', sizeof(world.tokens[i].digest));
	world.tokens[i].has_digest = true;
	world.tokens[i].is_livekit = true;
	return i;
}

/* A server, or a pair there, by what it says. */
static size_t server(enum jw_doctor_step step, enum jw_cause cause, enum jw_refusal refusal)
{
	size_t i = look(step, "server");

	scene.looks[i].url = URL;
	scene.looks[i].key = step == JW_STEP_KEY_PAIR ? "pair" : NULL;
	scene.livekits[i] = (struct jw_livekit){.url = URL,
						.is_reachable = true,
						.cause = cause,
						.refusal = refusal,
						.says = cause ? "says no" : NULL};
	world.results[i].facts = (struct jw_facts){.livekit = &scene.livekits[i]};
	world.targets[i].expect = (struct jw_expect){0};
	if (step != JW_STEP_KEY_PAIR)
		return i;
	scene.proof = (struct jw_key_proof){.name = "pair", .accepts = JW_ACCEPTS_YES};
	world.results[i].facts.proofs = &scene.proof;
	world.results[i].facts.proof_count = 1;
	return i;
}

static void refuse_pair(enum jw_refusal refusal)
{
	scene.proof.cause = JW_LIVEKIT_REFUSED;
	scene.proof.refusal = refusal;
	scene.proof.accepts = JW_ACCEPTS_NO;
}

/* A token that LiveKit was asked about. */
static size_t token(enum jw_doctor_step step, const char *name, enum jw_cause cause,
		    enum jw_refusal refusal)
{
	size_t i = look(step, name);

	world.targets[i].expect.accepted_by = URL;
	world.targets[i].key = keys;
	world.tokens[i].signature = JW_SIG_VALID;
	scene.livekits[i] = (struct jw_livekit){
		.url = URL,
		.was_asked = true,
		.is_reachable = cause != JW_LIVEKIT_UNREACHABLE,
		.cause = cause,
		.refusal = refusal,
		.says = "says no",
		.accepts = cause ? JW_ACCEPTS_UNKNOWN : JW_ACCEPTS_YES,
	};
	if (cause == JW_LIVEKIT_REFUSED)
		scene.livekits[i].accepts = JW_ACCEPTS_NO;
	world.tokens[i].livekit = &scene.livekits[i];
	return i;
}

static size_t good(enum jw_doctor_step step, const char *name)
{
	return token(step, name, JW_OK, JW_REFUSAL_NONE);
}

/* It is known to be bad, so nobody asked. */
static void not_sent(size_t i)
{
	scene.livekits[i] = (struct jw_livekit){.url = URL, .is_reachable = true};
}

static void ended(size_t i, int64_t ago)
{
	world.tokens[i].jwt.exp.seconds = NOW - ago;
	not_sent(i);
}

static void fails(size_t i, enum jw_cause cause, const char *url)
{
	scene.failures[i] = (struct jw_failure){.cause = cause, .place = url, .says = "fails"};
	scene.looks[i].url = url;
	world.results[i].facts =
		(struct jw_facts){.failures = &scene.failures[i], .failure_count = 1};
}

static void clock_is_off(size_t i, enum jw_at at, int64_t offset)
{
	scene.exchanges[i] = (struct jw_exchange){
		.at = at, .url = URL, .has_clock = true, .clock_offset = offset};
	world.results[i].facts.exchanges = &scene.exchanges[i];
	world.results[i].facts.exchange_count = 1;
	scene.livekits[i].has_clock = true;
	scene.livekits[i].clock_offset = offset;
}

static void copy_of(size_t i, size_t page)
{
	world.targets[i].same_as = world.targets[page].name;
	world.targets[i].peer = &world.targets[page];
	world.targets[i].expect.has_peer = true;
}

/* Another token than the page has, which is newer. */
static void stale(size_t i, size_t page)
{
	struct jw_peer *peer = jw_arena_alloc(&scene.arena, sizeof(*peer));

	copy_of(i, page);
	memset(world.tokens[i].digest, 'y', sizeof(world.tokens[i].digest));
	*peer = (struct jw_peer){.name = world.targets[page].name, .is_known = true};
	memcpy(peer->digest, world.tokens[page].digest, sizeof(peer->digest));
	world.results[i].facts.peer = peer;
	world.results[i].facts.digest = world.tokens[i].digest;
}

static void diagnose(void)
{
	for (size_t i = 0; i < world.report.count; i++)
		jw_judge(&world.results[i].facts, &world.targets[i].expect, NOW,
			 &world.results[i].arena, &world.results[i].verdict);
	jw_doctor_diagnose(&scene.plan, &world.report, &scene.arena, &scene.diagnosis);
}

/* "page ok, served not ok > page": every line that was looked at or follows. */
static void lines_are(const char *expected, enum jw_doctor_step cause, enum jw_state state)
{
	static const char *const names[] = {"ok", "not ok", "-"};
	jw_autobuf struct jw_buf seen = JW_BUF(65536);

	diagnose();
	for (size_t i = 0; i < scene.diagnosis.count; i++) {
		const struct jw_doctor_line *line = &scene.diagnosis.lines[i];

		if (line->is == JW_LINE_NOT_LOOKED_AT && !line->follows)
			continue;
		jw_buf_printf(&seen, "%s%s %s", seen.len ? ", " : "",
			      jw_doctor_steps[line->step].name, names[line->is]);
		if (line->follows)
			jw_buf_printf(
				&seen, " > %s",
				jw_doctor_steps[scene.diagnosis.lines[line->follows - 1].step]
					.name);
		assert_non_null(line->seen);
		assert_true(!line->follows || !line->remedy);
	}
	assert_string_equal(seen.ptr, expected);
	assert_int_equal(scene.diagnosis.state, state);
	if (state == JW_STATE_OK)
		assert_int_equal(scene.diagnosis.cause, 0);
	else
		assert_int_equal(scene.diagnosis.lines[scene.diagnosis.cause - 1].step, cause);
}

static const struct jw_doctor_line *line_of(enum jw_doctor_step step)
{
	for (size_t i = 0; i < scene.diagnosis.count; i++)
		if (scene.diagnosis.lines[i].step == step)
			return &scene.diagnosis.lines[i];
	return NULL;
}

static void says(enum jw_doctor_step step, const char *part)
{
	const struct jw_doctor_line *line = line_of(step);

	assert_non_null(line);
	if (!strstr(line->seen, part))
		assert_string_equal(line->seen, part);
}

static void scene_end(void)
{
	for (size_t i = 0; i < world.report.count; i++)
		jw_arena_done(&world.results[i].arena);
	jw_arena_done(&scene.arena);
}

/* The four that most scenes have. */
enum { SERVER, PAIR, PAGE, SERVED };

static void usual(void)
{
	scene_begin();
	clock_is_off(server(JW_STEP_LIVEKIT, JW_OK, JW_REFUSAL_NONE), JW_AT_LIVEKIT, 0);
	server(JW_STEP_KEY_PAIR, JW_OK, JW_REFUSAL_NONE);
	good(JW_STEP_PAGE, "page");
	copy_of(good(JW_STEP_SERVED, "served"), PAGE);
}

static void all_is_well(void **state)
{
	(void)state;
	usual();
	lines_are("environment ok, clock ok, livekit ok, key_pair ok, page ok, served ok, "
		  "accepted ok, browser ok",
		  JW_STEP_COUNT, JW_STATE_OK);
	says(JW_STEP_BROWSER, "connects");
	says(JW_STEP_SERVED, "the token of page");
	says(JW_STEP_ENDPOINT, "no token endpoint");
	scene_end();
}

static void a_key_that_may_be_a_secret(void **state)
{
	(void)state;
	usual();
	scene.proof.issuer = "APIthis";
	world.tokens[PAGE].jwt.iss = "s3cretS3cret16charss3cretS3cret16chars";
	diagnose();
	says(JW_STEP_KEY_PAIR, "takes the key pair pair, API key APIthis");
	says(JW_STEP_PAGE, "key of 38 characters");
	scene.proof.issuer = world.tokens[PAGE].jwt.iss;
	diagnose();
	says(JW_STEP_KEY_PAIR, "takes the key pair pair, API key of 38 characters");
	scene_end();
}

static void an_expired_page(void **state)
{
	(void)state;
	usual();
	ended(PAGE, 7200);
	ended(SERVED, 7200);
	lines_are("environment ok, clock ok, livekit ok, key_pair ok, page not ok, "
		  "served not ok > page, accepted - > page, browser not ok > page",
		  JW_STEP_PAGE, JW_STATE_CRITICAL);
	says(JW_STEP_BROWSER, "token is expired");
	assert_null(strstr(line_of(JW_STEP_PAGE)->seen, "a browser says"));
	assert_non_null(line_of(JW_STEP_PAGE)->remedy);
	scene_end();
}

static void an_expired_page_and_a_newer_file(void **state)
{
	static const unsigned char digest[32] = "z";
	const struct jw_elsewhere others[] = {
		{"/srv/other-project.html", 4, digest, "APIother", NOW + 9000},
		{"/srv/secret/page.html", 9, digest, NULL, NOW + 9000},
		{"/srv/ended.html", 4, digest, "APIthis", NOW - 1},
		{"/srv/new.html", 4, digest, "APIthis", NOW + 600},
		{"/srv/newest.html", 7, digest, "APIthis", NOW + 800},
	};

	(void)state;
	usual();
	world.tokens[PAGE].jwt.iss = "APIthis";
	ended(PAGE, 7200);
	ended(SERVED, 7200);
	scene.plan.elsewhere = others;
	scene.plan.elsewhere_count = 5;
	diagnose();
	says(JW_STEP_PAGE, "; /srv/newest.html:7 holds a newer one");
	assert_non_null(strstr(line_of(JW_STEP_PAGE)->remedy, "wrong file"));
	scene_end();
}

static void a_served_page_that_is_newer(void **state)
{
	(void)state;
	usual();
	ended(PAGE, 7200);
	stale(SERVED, PAGE);
	lines_are("environment ok, clock ok, livekit ok, key_pair ok, page not ok, "
		  "served not ok > page, accepted - > page, accepted ok, browser ok",
		  JW_STEP_PAGE, JW_STATE_CRITICAL);
	says(JW_STEP_PAGE, "holds a newer one");
	scene_end();
}

static void a_stale_proxy(void **state)
{
	(void)state;
	usual();
	stale(SERVED, PAGE);
	ended(SERVED, 7200);
	lines_are("environment ok, clock ok, livekit ok, key_pair ok, page ok, served not ok, "
		  "accepted ok, accepted - > served, browser not ok > served",
		  JW_STEP_SERVED, JW_STATE_CRITICAL);
	scene_end();
}

static void another_file_is_served(void **state)
{
	unsigned char digest[32];
	const struct jw_elsewhere other = {"/srv/index.html", 4, digest, NULL, NOW + 1};

	(void)state;
	memset(digest, 'y', sizeof(digest));
	usual();
	stale(SERVED, PAGE);
	scene.plan.elsewhere = &other;
	scene.plan.elsewhere_count = 1;
	diagnose();
	says(JW_STEP_SERVED, "; it is the one of /srv/index.html:4");
	assert_non_null(strstr(line_of(JW_STEP_SERVED)->remedy, "/srv/index.html"));
	scene_end();
}

static void a_server_that_is_down(void **state)
{
	(void)state;
	usual();
	scene.livekits[SERVER].cause = JW_CONNECT;
	scene.livekits[SERVER].says = "nobody listens";
	scene.livekits[PAIR] = scene.livekits[SERVER];
	world.results[PAIR].facts.proof_count = 0;
	world.results[SERVER].facts.exchange_count = 0;
	for (size_t i = PAGE; i <= SERVED; i++)
		scene.livekits[i] = (struct jw_livekit){.url = URL,
							.was_asked = true,
							.cause = JW_LIVEKIT_UNREACHABLE,
							.says = "nobody listens"};
	lines_are("environment ok, livekit not ok, key_pair - > livekit, page ok, served ok, "
		  "accepted - > livekit, browser not ok > livekit",
		  JW_STEP_LIVEKIT, JW_STATE_CRITICAL);
	says(JW_STEP_CLOCK, "no server has told its time");
	says(JW_STEP_BROWSER, "Failed to fetch");
	scene_end();
}

static void a_secret_that_is_refused(void **state)
{
	(void)state;
	usual();
	refuse_pair(JW_REFUSAL_SIGNATURE);
	for (size_t i = PAGE; i <= SERVED; i++) {
		world.tokens[i].signature = JW_SIG_INVALID;
		not_sent(i);
	}
	lines_are("environment ok, clock ok, livekit ok, key_pair not ok, "
		  "page not ok > key_pair, served not ok > key_pair, accepted - > key_pair, "
		  "browser - > key_pair",
		  JW_STEP_KEY_PAIR, JW_STATE_CRITICAL);
	scene_end();
}

/* A secret that is refused explains no token of another key. */
static void another_project_s_token_too(void **state)
{
	(void)state;
	usual();
	refuse_pair(JW_REFUSAL_SIGNATURE);
	for (size_t i = PAGE; i <= SERVED; i++) {
		world.tokens[i].signature = JW_SIG_KEY_UNKNOWN;
		not_sent(i);
	}
	diagnose();
	assert_int_equal(line_of(JW_STEP_PAGE)->follows, 0);
	refuse_pair(JW_REFUSAL_UNKNOWN_API_KEY);
	diagnose();
	assert_int_equal(line_of(JW_STEP_PAGE)->follows, 4);
	scene_end();
}

static void another_project_s_token(void **state)
{
	(void)state;
	usual();
	for (size_t i = PAGE; i <= SERVED; i++) {
		world.tokens[i].signature = JW_SIG_KEY_UNKNOWN;
		not_sent(i);
	}
	lines_are("environment ok, clock ok, livekit ok, key_pair ok, page not ok, "
		  "served not ok > page, accepted - > page, browser not ok > page",
		  JW_STEP_PAGE, JW_STATE_CRITICAL);
	says(JW_STEP_BROWSER, "invalid API key: …");
	scene_end();
}

/* There is one, and another reason why it isn't tried. */
static void a_pair_that_is_not_tried(void **state)
{
	(void)state;
	scene_begin();
	server(JW_STEP_LIVEKIT, JW_OK, JW_REFUSAL_NONE);
	good(JW_STEP_PAGE, "page");
	scene.setting = (struct jw_doctor_setting){.cause = JW_CONFIG,
						   .state = JW_STATE_CRITICAL,
						   .seen = "everybody knows it",
						   .remedy = "make another"};
	scene.plan.why_not[JW_STEP_KEY_PAIR] = "the server is named elsewhere";
	lines_are("environment not ok, livekit ok, page ok, accepted ok, browser ok",
		  JW_STEP_ENVIRONMENT, JW_STATE_CRITICAL);
	says(JW_STEP_KEY_PAIR, "the server is named elsewhere");
	scene_end();
}

/* Nothing is planned yet where words are made for a run that is ended from outside. */
static void before_there_is_a_plan(void **state)
{
	static struct jw_failure failure = {JW_DEADLINE, JW_AT_SOURCE, "files",
					    "didn't answer"};

	(void)state;
	usual();
	for (size_t i = SERVER; i <= PAIR; i++)
		world.results[i].facts =
			(struct jw_facts){.failures = &failure, .failure_count = 1};
	scene.plan.looks = NULL;
	scene.plan.look_count = 0;
	diagnose();
	for (size_t i = SERVER; i <= PAIR; i++) {
		assert_int_equal(scene.diagnosis.lines[i].step, JW_STEP_CONFIGURATION);
		assert_int_equal(scene.diagnosis.lines[i].cause, JW_DEADLINE);
		assert_int_equal(scene.diagnosis.lines[i].follows, 0);
	}
	scene_end();
}

static void a_pair_that_is_missing(void **state)
{
	static struct jw_failure failure = {JW_SECRET_MISSING, JW_AT_SOURCE, "key pair",
					    "isn't set"};

	(void)state;
	scene_begin();
	server(JW_STEP_LIVEKIT, JW_OK, JW_REFUSAL_NONE);
	good(JW_STEP_PAGE, "page");
	world.results[1].facts.failures = &failure;
	world.results[1].facts.failure_count = 1;
	scene.setting = (struct jw_doctor_setting){.cause = JW_SECRET_MISSING,
						   .state = JW_STATE_UNKNOWN,
						   .seen = "is set nowhere",
						   .remedy = "set it"};
	lines_are("environment not ok, livekit ok, key_pair - > environment, "
		  "page not ok > environment, accepted ok, browser ok",
		  JW_STEP_ENVIRONMENT, JW_STATE_UNKNOWN);
	/* What follows is as bad as it is, and makes the cause so. */
	world.tokens[1].signature = JW_SIG_INVALID;
	diagnose();
	assert_int_equal(line_of(JW_STEP_PAGE)->follows, 1);
	assert_int_equal(line_of(JW_STEP_ENVIRONMENT)->state, JW_STATE_CRITICAL);
	scene_end();
}

static void a_clock_that_is_off(void **state)
{
	(void)state;
	usual();
	clock_is_off(SERVER, JW_AT_LIVEKIT, 9000);
	lines_are("environment ok, clock not ok, livekit ok, key_pair ok, page ok, served ok, "
		  "accepted ok, browser ok",
		  JW_STEP_CLOCK, JW_STATE_WARNING);
	for (size_t i = PAGE; i <= SERVED; i++) {
		not_sent(i);
		clock_is_off(i, JW_AT_LIVEKIT, 9000);
	}
	lines_are("environment ok, clock not ok, livekit ok, key_pair ok, "
		  "page not ok > clock, served not ok > clock, accepted - > clock, "
		  "browser not ok > clock",
		  JW_STEP_CLOCK, JW_STATE_CRITICAL);
	says(JW_STEP_CLOCK, "ahead of the clock here");
	says(JW_STEP_BROWSER, "token is expired");
	scene_end();
}

static void two_places_of_one_server(void **state)
{
	size_t endpoint;

	(void)state;
	usual();
	fails(SERVED, JW_CONNECT, "http://example.org:9000/");
	endpoint = good(JW_STEP_ENDPOINT, "endpoint");
	fails(endpoint, JW_CONNECT, "http://example.org:9000/api/token");
	lines_are("environment ok, clock ok, livekit ok, key_pair ok, page ok, served not ok, "
		  "endpoint not ok > served, accepted ok, accepted - > served, "
		  "browser not ok > served, browser not ok > served",
		  JW_STEP_SERVED, JW_STATE_CRITICAL);
	fails(endpoint, JW_HTTP_STATUS, "http://example.org:9000/api/token");
	diagnose();
	assert_int_equal(line_of(JW_STEP_ENDPOINT)->follows, 0);
	fails(endpoint, JW_CONNECT, "http://example.org:9001/api/token");
	diagnose();
	assert_int_equal(line_of(JW_STEP_ENDPOINT)->follows, 0);
	scene_end();
}

static void a_warning_is_no_cause_beside_what_is_broken(void **state)
{
	(void)state;
	usual();
	scene.setting = (struct jw_doctor_setting){
		.cause = JW_CONFIG, .state = JW_STATE_WARNING, .seen = "short"};
	lines_are("environment not ok, clock ok, livekit ok, key_pair ok, page ok, served ok, "
		  "accepted ok, browser ok",
		  JW_STEP_ENVIRONMENT, JW_STATE_WARNING);
	ended(PAGE, 7200);
	ended(SERVED, 7200);
	diagnose();
	assert_int_equal(scene.diagnosis.lines[scene.diagnosis.cause - 1].step, JW_STEP_PAGE);
	scene_end();
}

static void nothing_at_all(void **state)
{
	struct jw_style style = {0};
	jw_autobuf struct jw_buf out = JW_BUF(65536);

	(void)state;
	scene_begin();
	scene.plan.setting_count = 0;
	diagnose();
	assert_int_equal(scene.diagnosis.state, JW_STATE_UNKNOWN);
	/* Without a plan, what there is says why. */
	add("configuration");
	world.results[0].facts = (struct jw_facts){0};
	fails(0, JW_CONFIG, NULL);
	jw_judge(&world.results[0].facts, &world.targets[0].expect, NOW,
		 &world.results[0].arena, &world.results[0].verdict);
	jw_doctor_formats[0].write(&world.report, &style, &out);
	assert_non_null(strstr(out.ptr, "The cause is line 1, configuration"));
	assert_int_equal(jw_doctor_state(&world.report, &style), JW_STATE_UNKNOWN);
	scene_end();
}

struct browser_row {
	const char *name;
	enum jw_cause cause;
	enum jw_refusal refusal;
	bool is_known;
	const char *says;
};

static const struct browser_row browsers[] = {
	{"accepted", JW_OK, JW_REFUSAL_NONE, true, "connects"},
	{"expired", JW_LIVEKIT_REFUSED, JW_REFUSAL_EXPIRED, true, "token is expired"},
	{"a signature", JW_LIVEKIT_REFUSED, JW_REFUSAL_SIGNATURE, true, "signature is invalid"},
	{"a key", JW_LIVEKIT_REFUSED, JW_REFUSAL_UNKNOWN_API_KEY, true, "invalid API key"},
	{"no permission", JW_LIVEKIT_REFUSED, JW_REFUSAL_NO_ROOM_JOIN, true,
	 "permissions denied"},
	{"no room name isn't shown", JW_LIVEKIT_REFUSED, JW_REFUSAL_NO_ROOM, true,
	 "Encountered websocket error"},
	{"unreachable", JW_LIVEKIT_UNREACHABLE, JW_REFUSAL_NONE, true, "Failed to fetch"},
	{"not LiveKit", JW_NOT_LIVEKIT, JW_REFUSAL_NONE, false, "what answers"},
	{"no answer in time", JW_DEADLINE, JW_REFUSAL_NONE, false, "hasn't answered"},
};

static void a_browser_says(void **state)
{
	const struct browser_row *row = *state;

	scene_begin();
	token(JW_STEP_PAGE, "page", row->cause, row->refusal);
	diagnose();
	assert_int_equal(line_of(JW_STEP_BROWSER)->is != JW_LINE_NOT_LOOKED_AT, row->is_known);
	says(JW_STEP_BROWSER, row->says);
	scene_end();
}

int main(void)
{
	JW_TEST(all_is_well);
	JW_TEST(a_key_that_may_be_a_secret);
	JW_TEST(an_expired_page);
	JW_TEST(an_expired_page_and_a_newer_file);
	JW_TEST(a_served_page_that_is_newer);
	JW_TEST(a_stale_proxy);
	JW_TEST(another_file_is_served);
	JW_TEST(a_server_that_is_down);
	JW_TEST(a_secret_that_is_refused);
	JW_TEST(another_project_s_token_too);
	JW_TEST(another_project_s_token);
	JW_TEST(a_pair_that_is_not_tried);
	JW_TEST(before_there_is_a_plan);
	JW_TEST(a_pair_that_is_missing);
	JW_TEST(a_clock_that_is_off);
	JW_TEST(two_places_of_one_server);
	JW_TEST(a_warning_is_no_cause_beside_what_is_broken);
	JW_TEST(nothing_at_all);
	JW_ROWS(browsers, a_browser_says);
	return rows_run();
}
