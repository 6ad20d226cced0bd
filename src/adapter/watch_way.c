/* SPDX-License-Identifier: MIT */
/* The way of a path: every folder, link and name that it leads through, watched before it is looked at. */
#include "adapter/watch_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "contract/files.h"

#define LINKS_MAX 40

static void mix(struct jw_way *way, uint64_t n)
{
	way->stamp = (way->stamp ^ n) * 0x9e3779b97f4a7c15u;
	way->stamp ^= way->stamp >> 29;
}

static void mix_stat(struct jw_way *way, const struct stat *st)
{
	mix(way, st->st_dev);
	mix(way, st->st_ino);
	mix(way, (uint64_t)st->st_size);
	mix(way, st->st_mode);
	mix(way, (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec);
	mix(way, (uint64_t)st->st_ctim.tv_sec * 1000000000u + (uint64_t)st->st_ctim.tv_nsec);
}

/* What happens on other machines, or in another's program, isn't told to this kernel. */
static bool tells_changes(const char *path)
{
	static const unsigned silent[] = {
		NFS_SUPER_MAGIC,	 SMB_SUPER_MAGIC,	CIFS_SUPER_MAGIC,
		SMB2_SUPER_MAGIC,	 FUSE_SUPER_MAGIC,	V9FS_MAGIC,
		CEPH_SUPER_MAGIC,	 AFS_SUPER_MAGIC,	CODA_SUPER_MAGIC,
		NCP_SUPER_MAGIC,	 PROC_SUPER_MAGIC,	SYSFS_MAGIC,
		0x0bd00bd0 /* Lustre */, 0x01161970 /* GFS2 */, 0x7461636f /* OCFS2 */,
	};
	struct statfs fs;

	if (statfs(path, &fs))
		return true;
	for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
		if ((unsigned)fs.f_type == silent[i])
			return false;
	return true;
}

void jw_way_hop(struct jw_way *way, int32_t folder, struct jw_str name, unsigned kind)
{
	way->hops = jw_arena_grow(&way->arena, way->hops, way->hop_count, sizeof(*way->hops));
	way->hops[way->hop_count++] =
		(struct jw_way_hop){folder, kind, jw_arena_str(&way->arena, name)};
}

/* False where the folder has gone: then it is its own name in its parent that is waited for. */
bool jw_way_watch(struct jw_way *way, int32_t folder, uint32_t mask)
{
	struct jw_way_folder *at = &way->folders[folder];

	if ((at->mask & mask) == mask)
		return true;
	at->wd = inotify_add_watch(way->inotify, at->path, mask);
	if (at->wd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		jw_way_hop(way, at->parent, jw_str_of(at->name), JW_HOP_WAY);
		return false;
	}
	if (at->wd < 0 || (!at->mask && !tells_changes(at->path)))
		way->is_unsure = true;
	at->mask |= mask;
	return true;
}

/* Those above are watched too, for a name only; one that may be passed but not read does no harm. */
int32_t jw_way_child(struct jw_way *way, int32_t folder, struct jw_str name)
{
	const char *parent = way->folders[folder].path;
	struct jw_way_folder child = {.parent = folder, .wd = -1};

	for (size_t i = 1; i < way->folder_count; i++)
		if (way->folders[i].parent == folder && jw_str_is(name, way->folders[i].name))
			return (int32_t)i;
	if (way->folders[folder].wd < 0)
		way->folders[folder].wd = inotify_add_watch(way->inotify, parent, JW_WAY_MASK);
	child.path = jw_arena_printf(&way->arena, "%s%s%.*s", parent, folder ? "/" : "",
				     JW_STR_ARG(name));
	child.name = jw_arena_text(&way->arena, name);
	way->folders = jw_arena_grow(&way->arena, way->folders, way->folder_count,
				     sizeof(*way->folders));
	way->folders[way->folder_count] = child;
	return (int32_t)way->folder_count++;
}

/* The first component, without the slashes around it. */
static struct jw_str take(struct jw_str *rest)
{
	struct jw_str name;
	size_t len = 0;

	while (rest->len && rest->ptr[0] == '/')
		*rest = jw_str_from(*rest, 1);
	while (len < rest->len && rest->ptr[len] != '/')
		len++;
	name = jw_str_head(*rest, len);
	*rest = jw_str_from(*rest, len);
	while (rest->len && rest->ptr[0] == '/')
		*rest = jw_str_from(*rest, 1);
	return name;
}

static int32_t follow(struct jw_way *way, int32_t folder, const char *link)
{
	char target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target));

	if (len <= 0 || ++way->links > LINKS_MAX) {
		mix(way, 1);
		return -1;
	}
	return jw_way_walk(way, target[0] == '/' ? 0 : folder,
			   (struct jw_str){target, (size_t)len});
}

/* Where the name leads to, a folder; -1: to a file, which has been looked at, or to nothing. */
static int32_t step(struct jw_way *way, int32_t folder, struct jw_str name, bool is_last)
{
	const char *path = jw_arena_printf(&way->arena, "%s%s%.*s", way->folders[folder].path,
					   folder ? "/" : "", JW_STR_ARG(name));
	struct stat st;

	if (is_last && !jw_way_watch(way, folder, JW_FILE_MASK))
		return -1;
	if (!lstat(path, &st) && S_ISDIR(st.st_mode))
		return jw_way_child(way, folder, name);
	if (!is_last && !jw_way_watch(way, folder, JW_WAY_MASK))
		return -1;
	jw_way_hop(way, folder, name, is_last ? JW_HOP_FILE : JW_HOP_WAY);
	/* Once more: what came before it was watched wasn't told. */
	if (lstat(path, &st)) {
		way->is_unsure |= errno != ENOENT && errno != ENOTDIR;
		mix(way, 1);
		return -1;
	}
	if (S_ISLNK(st.st_mode))
		return follow(way, folder, path);
	if (S_ISDIR(st.st_mode))
		return jw_way_child(way, folder, name);
	if (is_last)
		mix_stat(way, &st);
	else
		mix(way, 1);
	return -1;
}

int32_t jw_way_walk(struct jw_way *way, int32_t folder, struct jw_str path)
{
	while (folder >= 0 && path.len) {
		struct jw_str name = take(&path);

		if (jw_str_is(name, ".."))
			folder = way->folders[folder].parent;
		else if (name.len && !jw_str_is(name, "."))
			folder = step(way, folder, name, !path.len);
	}
	return folder;
}

void jw_way_member(struct jw_way *way, int32_t folder, struct jw_str name, struct jw_str rest)
{
	const char *path = jw_arena_printf(&way->arena, "%s%s%.*s", way->folders[folder].path,
					   folder ? "/" : "", JW_STR_ARG(name));
	unsigned links = way->links;
	int32_t to = -1;
	struct stat st;

	if (lstat(path, &st))
		return;
	if (S_ISLNK(st.st_mode))
		to = follow(way, folder, path);
	else if (S_ISDIR(st.st_mode) && rest.len)
		to = jw_way_child(way, folder, name);
	else if (!rest.len)
		mix_stat(way, &st);
	if (to >= 0)
		jw_way_globs(way, to, rest);
	way->links = links;
}

void jw_way_globs(struct jw_way *way, int32_t folder, struct jw_str rest)
{
	unsigned links = way->links;

	while (folder >= 0 && rest.len) {
		struct jw_str name = take(&rest);

		if (jw_is_glob(name)) {
			jw_way_wild(way, folder, name, rest);
			break;
		}
		if (jw_str_is(name, ".."))
			folder = way->folders[folder].parent;
		else if (name.len && !jw_str_is(name, "."))
			folder = step(way, folder, name, !rest.len);
	}
	way->links = links;
}

void jw_way_find(struct jw_way *way, const char *path, int inotify)
{
	*way = (struct jw_way){.inotify = inotify, .stamp = 1};
	way->folders = jw_arena_grow(&way->arena, NULL, 0, sizeof(*way->folders));
	way->folders[0] = (struct jw_way_folder){.path = "/", .name = "/", .wd = -1};
	way->folder_count = 1;
	jw_way_globs(way, 0, jw_str_of(path));
}
