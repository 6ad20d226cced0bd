/* SPDX-License-Identifier: MIT */
/* The module for HTTP, linked in and opened. */
#include "rows.h"

#include "adapter/adapter.h"
#include "contract/http.h"

extern const struct jw_module jw_module;

static void is_a_module(void **state)
{
	const void *ops = NULL;

	(void)state;
	assert_int_equal(jw_module.abi, JW_HTTP_ABI);
	assert_int_equal(jw_adapter_module(JW_HTTP_MODULE, JW_HTTP_ABI, &ops, NULL), JW_OK);
	assert_non_null(ops);
}

static struct jw_loop loop;

static void on_reply(void *context, const struct jw_http_reply *reply)
{
	assert_int_equal(reply->cause, JW_CONNECT);
	*(bool *)context = true;
	loop.stop(loop.self);
}

static void nobody_listens(void **state)
{
	const struct jw_http_ops *ops = jw_module.ops;
	const struct jw_http_request request = {
		.url = "http://127.0.0.1:1/", .timeout_ms = 5000, .max_body = 100};
	struct jw_http http;
	bool is_told = false;

	(void)state;
	assert_int_equal(jw_adapter_loop(&loop, NULL), JW_OK);
	assert_int_equal(ops->open(&loop, &http, NULL), JW_OK);
	http.start(http.self, &request, on_reply, &is_told);
	assert_false(is_told);
	loop.run(loop.self, INT64_MAX);
	assert_true(is_told);
	http.close(http.self);
	jw_adapter_loop_end(&loop);
}

int main(void)
{
	JW_TEST(is_a_module);
	JW_TEST(nobody_listens);
	return rows_run();
}
