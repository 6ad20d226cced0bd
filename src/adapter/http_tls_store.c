/* SPDX-License-Identifier: MIT */
/* The system's authorities, read once for all connections of a daemon: libcurl would read them for each CURLM, 145 of
 * them in 16 ms. */
#include "adapter/http_tls_seen.h"

#include <sys/stat.h>

#include "adapter/http_curl.h"

/* A folder of authorities shows no change of its own: all is read again now and then. */
#define FRESH_US ((int64_t)3600 * 1000000)

/* As libcurl's own: an authority that is trusted needn't be the root. */
static X509_STORE *read_store(const struct jw_client *client)
{
	X509_STORE *store = X509_STORE_new();

	if (!store)
		return NULL;
	if (client->ca_bundle)
		X509_STORE_load_file(store, client->ca_bundle);
	/* What the bundle doesn't know is looked for here. */
	if (client->ca_path)
		X509_STORE_load_path(store, client->ca_path);
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	return store;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A bundle that isn't there just now is being replaced. */
static bool is_fresh(const struct jw_client *client, const struct stat *bundle)
{
	return client->store && jw_http_now_us() - client->store_read_us < FRESH_US &&
	       (!bundle->st_ino || is_same_file(bundle, &client->store_bundle));
}

X509_STORE *jw_store_take(struct jw_client *client)
{
	struct stat bundle;
	X509_STORE *fresh;

	if (!client->ca_bundle || stat(client->ca_bundle, &bundle))
		bundle = (struct stat){0};
	if (!is_fresh(client, &bundle)) {
		fresh = read_store(client);
		if (fresh) {
			X509_STORE_free(client->store);
			client->store = fresh;
			client->store_bundle = bundle;
			client->store_read_us = jw_http_now_us();
			client->store_reads++;
		}
	}
	if (client->store)
		X509_STORE_up_ref(client->store);
	return client->store;
}
