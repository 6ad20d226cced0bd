/* SPDX-License-Identifier: MIT */
/* The folders that are watched, each once, and whose changes the events in them are. */
#include "adapter/watch_parts.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const struct jw_watch_folder *folder, const char *name)
{
	uint32_t hash = 2166136261u ^ (uint32_t)((uintptr_t)folder >> 4);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash ^ hash >> 15;
}

/* The place of the first folder with at least this wd. */
static size_t place_of(const struct jw_watcher_self *self, int wd)
{
	size_t low = 0;
	size_t high = self->folder_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (self->folders[middle]->wd < wd)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct jw_watch_folder *folder_of(const struct jw_watcher_self *self, int wd)
{
	size_t place = place_of(self, wd);

	if (place < self->folder_count && self->folders[place]->wd == wd)
		return self->folders[place];
	return NULL;
}

static void forget(struct jw_watcher_self *self, struct jw_watch_folder *folder)
{
	size_t place = place_of(self, folder->wd);

	memmove(self->folders + place, self->folders + place + 1,
		(self->folder_count - place - 1) * sizeof(*self->folders));
	self->folder_count--;
	folder->wd = -1;
}

static struct jw_watch_folder *new_folder(struct jw_watcher_self *self, int wd)
{
	struct jw_watch_folder *folder = jw_xcalloc(1, sizeof(*folder));
	size_t place = place_of(self, wd);

	folder->wd = wd;
	/* A power of two: it is full. */
	if (!(self->folder_count & (self->folder_count - 1)))
		self->folders = jw_xrealloc(self->folders, (self->folder_count + 1) * 2 *
								   sizeof(*self->folders));
	memmove(self->folders + place + 1, self->folders + place,
		(self->folder_count - place) * sizeof(*self->folders));
	self->folders[place] = folder;
	self->folder_count++;
	return folder;
}

static struct jw_watch_hop **chain_of(const struct jw_watcher_self *self,
				      const struct jw_watch_hop *hop)
{
	if (hop->kind & JW_HOP_WILD)
		return &hop->folder->wild;
	return &self->buckets[hop->hash & (self->bucket_count - 1)];
}

static void grow_buckets(struct jw_watcher_self *self)
{
	size_t old_count = self->bucket_count;
	struct jw_watch_hop **old = self->buckets;

	self->bucket_count = old_count ? old_count * 2 : 64;
	self->buckets = jw_xcalloc(self->bucket_count, sizeof(*self->buckets));
	for (size_t i = 0; i < old_count; i++)
		while (old[i]) {
			struct jw_watch_hop *hop = old[i];
			struct jw_watch_hop **chain = chain_of(self, hop);

			old[i] = hop->next;
			hop->next = *chain;
			*chain = hop;
		}
	free(old);
}

static void link_hop(struct jw_watcher_self *self, struct jw_watch_hop *hop)
{
	struct jw_watch_hop **chain;

	if (self->hop_count++ == self->bucket_count)
		grow_buckets(self);
	hop->hash = hash_of(hop->folder, hop->name);
	hop->folder->holders++;
	chain = chain_of(self, hop);
	hop->next = *chain;
	*chain = hop;
}

static void let_go(struct jw_watcher_self *self, struct jw_watch_folder *folder);

static void unlink_hop(struct jw_watcher_self *self, struct jw_watch_hop *hop)
{
	struct jw_watch_hop **place = chain_of(self, hop);
	struct jw_watch_folder *folder = hop->folder;

	while (*place != hop)
		place = &(*place)->next;
	*place = hop->next;
	self->hop_count--;
	hop->folder = NULL;
	let_go(self, folder);
}

static void drop_up(struct jw_watcher_self *self, struct jw_watch_folder *folder)
{
	char *name = (char *)(uintptr_t)folder->up.name;

	if (!folder->up.folder)
		return;
	unlink_hop(self, &folder->up);
	folder->up.name = NULL;
	free(name);
}

/* The folders above it may go with it: as deep as there are folders in each other. */
static void let_go(struct jw_watcher_self *self, struct jw_watch_folder *folder)
{
	if (--folder->holders)
		return;
	drop_up(self, folder);
	if (folder->wd >= 0) {
		inotify_rm_watch(self->inotify, folder->wd);
		forget(self, folder);
	}
	free(folder);
}

static bool is_below(const struct jw_watch_folder *folder, const struct jw_watch_folder *top)
{
	for (; folder; folder = folder->up.folder)
		if (folder == top)
			return true;
	return false;
}

/* One folder can be reached in two ways where it is mounted twice; no way leads through itself. */
static void set_up(struct jw_watcher_self *self, struct jw_watch_folder *folder,
		   struct jw_watch_folder *parent, const char *name)
{
	struct jw_watch_hop *up = &folder->up;

	if (!parent || is_below(parent, folder) ||
	    (up->folder == parent && !strcmp(up->name, name)))
		return;
	drop_up(self, folder);
	up->folder = parent;
	up->name = jw_xstrdup(name);
	link_hop(self, up);
}

/* Each held once; NULL where it isn't watched. */
static struct jw_watch_folder **hold_folders(struct jw_watcher_self *self,
					     const struct jw_way *way)
{
	struct jw_watch_folder **held = jw_xcalloc(way->folder_count, sizeof(*held));

	for (size_t i = 0; i < way->folder_count; i++) {
		const struct jw_way_folder *at = &way->folders[i];

		if (at->wd < 0)
			continue;
		held[i] = folder_of(self, at->wd);
		if (!held[i])
			held[i] = new_folder(self, at->wd);
		held[i]->holders++;
		if (i)
			set_up(self, held[i], held[at->parent], at->name);
	}
	return held;
}

static bool is_same(const struct jw_watched *watched, const struct jw_way *way,
		    struct jw_watch_folder *const *held, size_t count)
{
	size_t at = 0;

	if (watched->hop_count != count)
		return false;
	for (size_t i = 0; i < way->hop_count; i++) {
		const struct jw_watch_hop *hop;

		if (!held[way->hops[i].folder])
			continue;
		hop = &watched->hops[at];
		if (hop->folder != held[way->hops[i].folder] ||
		    hop->kind != way->hops[i].kind || !jw_str_is(way->hops[i].name, hop->name))
			return false;
		at++;
	}
	return true;
}

/* The name of a path's own end needs no copy. */
static const char *own_end(const struct jw_watched *watched, struct jw_str name)
{
	size_t len = strlen(watched->path);

	if (len < name.len || memcmp(watched->path + len - name.len, name.ptr, name.len) != 0)
		return NULL;
	return watched->path + len - name.len;
}

/* Hops and the names that they need, in one block. */
static struct jw_watch_hop *new_hops(struct jw_watched *watched, const struct jw_way *way,
				     struct jw_watch_folder *const *held, size_t count)
{
	size_t size = count * sizeof(struct jw_watch_hop);
	struct jw_watch_hop *hops;
	char *names;

	for (size_t i = 0; i < way->hop_count; i++)
		if (!own_end(watched, way->hops[i].name))
			size += way->hops[i].name.len + 1;
	hops = jw_xcalloc(1, size);
	names = (char *)(hops + count);
	count = 0;
	for (size_t i = 0; i < way->hop_count; i++) {
		struct jw_str name = way->hops[i].name;
		const char *end = own_end(watched, name);

		if (!held[way->hops[i].folder])
			continue;
		if (!end) {
			memcpy(names, name.ptr, name.len);
			end = names;
			names += name.len + 1;
		}
		hops[count++] = (struct jw_watch_hop){
			.folder = held[way->hops[i].folder],
			.watched = watched,
			.name = end,
			.kind = way->hops[i].kind,
		};
	}
	return hops;
}

void jw_watch_unhang(struct jw_watched *watched)
{
	for (size_t i = 0; i < watched->hop_count; i++)
		unlink_hop(watched->self, &watched->hops[i]);
	free(watched->hops);
	watched->hops = NULL;
	watched->hop_count = 0;
}

static void hang(struct jw_watcher_self *self, struct jw_watched *watched,
		 const struct jw_way *way, struct jw_watch_folder *const *held, size_t count)
{
	jw_watch_unhang(watched);
	if (!count)
		return;
	watched->hops = new_hops(watched, way, held, count);
	watched->hop_count = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		link_hop(self, &watched->hops[i]);
}

bool jw_watch_hang(struct jw_watcher_self *self, struct jw_watched *watched,
		   const struct jw_way *way)
{
	struct jw_watch_folder **held = hold_folders(self, way);
	size_t count = 0;
	bool differs = false;

	for (size_t i = 0; i < way->hop_count; i++)
		count += held[way->hops[i].folder] != NULL;
	if (watched && !is_same(watched, way, held, count)) {
		hang(self, watched, way, held, count);
		differs = true;
	}
	for (size_t i = 0; i < way->folder_count; i++)
		if (held[i])
			let_go(self, held[i]);
	free(held);
	return differs;
}

/* Something above them has moved. */
static void mark_below(struct jw_watcher_self *self, const struct jw_watch_folder *folder)
{
	for (size_t i = 0; i < self->count; i++) {
		struct jw_watched *watched = self->all[i];

		for (size_t j = 0; j < watched->hop_count; j++)
			if (is_below(watched->hops[j].folder, folder)) {
				jw_watch_mark(watched, JW_WHEN_SOON, JW_TELL_IF_NEW);
				break;
			}
	}
}

static void mark_hop(struct jw_watcher_self *self, struct jw_watch_hop *hop, uint32_t mask)
{
	enum jw_watch_tell tell = hop->kind & JW_HOP_FILE ? JW_TELL_ALWAYS : JW_TELL_IF_NEW;

	if (hop->watched)
		jw_watch_mark(hop->watched, mask & IN_MODIFY ? JW_WHEN_WRITTEN : JW_WHEN_SOON,
			      tell);
	else if (!(mask & (IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE)))
		mark_below(self, (struct jw_watch_folder *)hop);
}

static bool mark_name(struct jw_watcher_self *self, struct jw_watch_folder *folder,
		      const char *name, uint32_t mask)
{
	uint32_t hash = hash_of(folder, name);
	bool is_known = false;

	if (self->bucket_count)
		for (struct jw_watch_hop *hop = self->buckets[hash & (self->bucket_count - 1)];
		     hop; hop = hop->next)
			if (hop->hash == hash && hop->folder == folder &&
			    !strcmp(hop->name, name)) {
				mark_hop(self, hop, mask);
				is_known = true;
			}
	for (struct jw_watch_hop *hop = folder->wild; hop; hop = hop->next)
		if (!fnmatch(hop->name, name, FNM_PERIOD)) {
			mark_hop(self, hop, mask);
			is_known = true;
		}
	return is_known;
}

static void take_event(struct jw_watcher_self *self, const struct inotify_event *event,
		       const char *name)
{
	struct jw_watch_folder *folder = folder_of(self, event->wd);

	if (event->mask & IN_Q_OVERFLOW) {
		jw_watch_mark_all(self, JW_TELL_ALWAYS);
		return;
	}
	if (!folder) {
		self->strays++;
		return;
	}
	if (event->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) {
		mark_below(self, folder);
		if (event->mask & IN_IGNORED)
			forget(self, folder);
	} else if (event->len && !mark_name(self, folder, name, event->mask)) {
		self->strays++;
	}
}

void jw_watch_events(struct jw_watcher_self *self, const char *bytes, size_t len)
{
	struct inotify_event event;

	for (size_t at = 0; at + sizeof(event) <= len; at += sizeof(event) + event.len) {
		memcpy(&event, bytes + at, sizeof(event));
		take_event(self, &event, bytes + at + sizeof(event));
	}
}
