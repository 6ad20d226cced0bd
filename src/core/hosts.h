/* SPDX-License-Identifier: MIT */
/* By which names the daemon may be asked: a name that an attacker owns may be made to point to this machine, and then a
 * browser takes us for the attacker's own page and lets that read what we answer. Pure. */
#pragma once

#include "base/url.h"
#include "core/config.h"

/* A Host header: "host", "host:port", "[::1]:port", and nothing else. The URL borrows from buf. */
bool jw_hosts_parse(const char *text, struct jw_buf *buf, struct jw_url *ret_url);
/* Whether a host is this machine, the daemon's by its `hosts`, `listen` or the origins of its `token_api`. */
bool jw_hosts_is_ours(const struct jw_daemon_entry *daemon, const struct jw_url *host);
/* An address rather than a name: nobody else can own what it points to. */
bool jw_hosts_is_address(struct jw_str host);
/* "localhost", "::1", "127.0.0.1" and any of that network. */
bool jw_hosts_is_loopback(struct jw_str host);
/* Of an address to listen on, without brackets; empty of "unix:". */
struct jw_str jw_hosts_of_listen(const char *address);

/* For the configuration. NULL, or what is wrong, a sentence. */
const char *jw_hosts_problem(const char *name);
