/* SPDX-License-Identifier: MIT */
/* Heavy libraries live in modules that are opened when a run first needs them. */
#include <dlfcn.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/buf.h"

/* The folder that the running program stands in, without a slash at the end. */
static bool own_folder(struct jw_buf *folder)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
	const char *slash = len > 0 ? memrchr(path, '/', (size_t)len) : NULL;

	return slash && jw_buf_add(folder, path, (size_t)(slash - path));
}

static bool is_there(const struct jw_buf *path)
{
	return !access(path->ptr, F_OK);
}

/* In a build tree: beside the program, which whoever can write there could replace as well. Installed, also by
 * way of a symbolic link: where modules are installed. */
static bool module_path(const char *name, struct jw_buf *path)
{
	bool installed = own_folder(path) && jw_str_is(jw_buf_get(path), BINDIR);

	if (!installed && path->len && jw_buf_printf(path, "/%s.so", name) && is_there(path))
		return true;
	jw_buf_clear(path);
	return jw_buf_printf(path, "%s/%s.so", PKGLIBDIR, name);
}

enum jw_cause jw_adapter_module(const char *name, uint32_t abi, const void **ret_ops,
				struct jw_err *err)
{
	const struct jw_module *module;
	jw_autobuf struct jw_buf path = JW_BUF((size_t)PATH_MAX + 64);
	void *handle;

	if (!module_path(name, &path))
		return jw_fail(err, JW_INTERNAL, "the path of module %s is too long", name);
	/* Lazily: the module itself is bound at once by how it is linked, but what it needs (37 libraries for
	 * libcurl) is not, which saves 0.3 ms. */
	handle = dlopen(path.ptr, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle)
		return jw_fail(err, JW_INTERNAL, "module %s can't be loaded: %s", name,
			       dlerror());
	module = dlsym(handle, JW_MODULE_SYMBOL);
	if (!module || module->abi != abi)
		return jw_fail(err, JW_INTERNAL,
			       "module %s is of another version than this program: %s", name,
			       path.ptr);
	*ret_ops = module->ops;
	return JW_OK;
}
