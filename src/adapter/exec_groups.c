/* SPDX-License-Identifier: MIT */
/* The process groups that run, so that they end where we do. */
#include <assert.h>
#include <signal.h>

#include "adapter/adapter.h"
#include "adapter/exec_parts.h"

static volatile pid_t groups[JW_EXEC_SIDE_BY_SIDE];

void jw_adapter_end_programs(void)
{
	for (size_t i = 0; i < JW_EXEC_SIDE_BY_SIDE; i++)
		if (groups[i])
			kill(-groups[i], SIGKILL);
}

static void on_signal(int number)
{
	jw_adapter_end_programs();
	raise(number);
}

/* A group of its own doesn't get what the terminal or a scheduler sends to ours. Who has handlers keeps them. */
void jw_exec_groups_handle_signals(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
	struct sigaction before;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!sigaction(numbers[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(numbers[i], &action, NULL);
}

size_t jw_exec_groups_add(pid_t group)
{
	size_t place = 0;

	while (place < JW_EXEC_SIDE_BY_SIDE && groups[place])
		place++;
	assert(place < JW_EXEC_SIDE_BY_SIDE);
	groups[place] = group;
	return place;
}

void jw_exec_groups_drop(size_t place)
{
	groups[place] = 0;
}
