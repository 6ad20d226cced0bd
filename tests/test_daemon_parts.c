/* SPDX-License-Identifier: MIT */
/* What a daemon has of the system beside its work: an alarm, signals, the service manager, its own numbers. */
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

/* The clock of this machine stays as it is: the kernel's word for a jump is given by hand. */
static int jumped_fd = -1;

static ssize_t test_read(int fd, void *to, size_t len)
{
	if (fd == jumped_fd) {
		errno = ECANCELED;
		return -1;
	}
	return read(fd, to, len);
}

#define read test_read
#include "adapter/alarm.c"
#undef read
#include "adapter/notify.c"

#define BOUND_MS 20000

struct scene {
	struct jw_loop loop;
	int dues;
	int jumps;
	int signals[8];
	int count;
	int wanted; /* stops there */
};

static void run(struct scene *scene)
{
	int64_t until = jw_adapter_clock.monotonic_ms(NULL) + BOUND_MS;

	scene->loop.run(scene->loop.self, until);
	assert_true(jw_adapter_clock.monotonic_ms(NULL) < until);
}

static void begin(struct scene *scene)
{
	*scene = (struct scene){0};
	assert_int_equal(jw_adapter_loop(&scene->loop, NULL), JW_OK);
}

static void on_due(void *context)
{
	struct scene *scene = context;

	scene->dues++;
	scene->loop.stop(scene->loop.self);
}

static void on_jump(void *context)
{
	struct scene *scene = context;

	scene->jumps++;
	scene->loop.stop(scene->loop.self);
}

static void an_alarm_comes_at_its_moment(void **state)
{
	struct scene scene;
	struct jw_alarm alarm;
	int64_t at;

	(void)state;
	begin(&scene);
	assert_int_equal(jw_adapter_alarm(&scene.loop, on_due, on_jump, &scene, &alarm, NULL),
			 JW_OK);
	at = jw_adapter_clock.boot_ms(NULL) + 30;
	alarm.arm(alarm.self, at + 1000000);
	alarm.arm(alarm.self, at);
	run(&scene);
	assert_true(jw_adapter_clock.boot_ms(NULL) >= at);
	alarm.arm(alarm.self, 0);
	run(&scene);
	assert_int_equal(scene.dues, 2);
	assert_int_equal(scene.jumps, 0);
	jw_adapter_alarm_end(&alarm);
	jw_adapter_alarm_end(&alarm);
	jw_adapter_loop_end(&scene.loop);
}

static void a_disarmed_alarm_stays_silent(void **state)
{
	struct scene scene;
	struct jw_alarm alarm;

	(void)state;
	begin(&scene);
	jw_adapter_alarm(&scene.loop, on_due, on_jump, &scene, &alarm, NULL);
	alarm.arm(alarm.self, 0);
	alarm.arm(alarm.self, -1);
	scene.loop.run(scene.loop.self, jw_adapter_clock.monotonic_ms(NULL) + 20);
	assert_int_equal(scene.dues, 0);
	jw_adapter_alarm_end(&alarm);
	jw_adapter_loop_end(&scene.loop);
}

static void a_jump_of_the_wall_clock_is_told(void **state)
{
	const struct itimerspec past = {.it_value = {.tv_sec = 1}};
	struct scene scene;
	struct jw_alarm alarm;
	const struct self *self;
	struct itimerspec left;

	(void)state;
	begin(&scene);
	jw_adapter_alarm(&scene.loop, on_due, on_jump, &scene, &alarm, NULL);
	self = alarm.self;
	jumped_fd = self->wall;
	timerfd_settime(self->wall, TFD_TIMER_ABSTIME, &past, NULL);
	run(&scene);
	assert_int_equal(scene.jumps, 1);
	/* And it waits for the next. */
	assert_int_equal(timerfd_gettime(self->wall, &left), 0);
	assert_true(left.it_value.tv_sec > 1000);
	jumped_fd = -1;
	jw_adapter_alarm_end(&alarm);
	jw_adapter_loop_end(&scene.loop);
}

static void on_signalled(void *context, int number)
{
	struct scene *scene = context;

	scene->signals[scene->count++] = number;
	if (scene->count == scene->wanted)
		scene->loop.stop(scene->loop.self);
}

static void signals_win_over_those_of_programs(void **state)
{
	struct scene scene;
	struct jw_exec exec;
	struct jw_exec exec_later;

	(void)state;
	begin(&scene);
	exec = jw_adapter_exec(&scene.loop);
	assert_int_equal(jw_adapter_signals(&scene.loop, on_signalled, &scene, NULL), JW_OK);
	exec_later = jw_adapter_exec(&scene.loop);
	raise(SIGTERM);
	raise(SIGHUP);
	raise(SIGINT);
	scene.wanted = 3;
	run(&scene);
	assert_int_equal(scene.signals[0], SIGTERM);
	assert_int_equal(scene.signals[1], SIGHUP);
	assert_int_equal(scene.signals[2], SIGINT);
	jw_adapter_signals_end();
	jw_adapter_signals_end();
	exec.close(exec.self);
	exec_later.close(exec_later.self);
	jw_adapter_loop_end(&scene.loop);
}

static void the_end_puts_handlers_back(void **state)
{
	struct scene scene;
	struct sigaction before;
	struct sigaction after;

	(void)state;
	begin(&scene);
	sigaction(SIGTERM, NULL, &before);
	jw_adapter_signals(&scene.loop, on_signalled, &scene, NULL);
	jw_adapter_signals_end();
	sigaction(SIGTERM, NULL, &after);
	assert_true(before.sa_handler == after.sa_handler);
	jw_adapter_loop_end(&scene.loop);
}

struct row {
	const char *name;
	const char *socket;
	const char *state;
	const char *told;
};

static const struct row rows[] = {
	{"a socket in the abstract space is told", "@", "READY=1", "READY=1"},
	{"a socket with a path is told", "/", "STATUS=7 targets", "STATUS=7 targets"},
	{"a reload tells its time", "@", "RELOADING=1", "RELOADING=1\nMONOTONIC_USEC="},
};

static int manager(const char *kind, char *name, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int len = snprintf(name, size, "%s%sjwtwatch-test-%d", kind,
			   kind[0] == '/' ? "tmp/" : "", (int)getpid());

	memcpy(address.sun_path, name, (size_t)len);
	if (kind[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len +
					  (kind[0] == '/'))),
			 0);
	return fd;
}

static void tells_the_manager(void **state)
{
	const struct row *row = *state;
	char name[100];
	char told[200] = {0};
	int fd = manager(row->socket, name, sizeof(name));

	given = (typeof(given)){0};
	setenv("NOTIFY_SOCKET", name, 1);
	jw_adapter_notify(row->state);
	if (name[0] == '/')
		unlink(name);
	assert_true(recv(fd, told, sizeof(told) - 1, MSG_DONTWAIT) > 0);
	close(fd);
	assert_int_equal(strncmp(told, row->told, strlen(row->told)), 0);
	assert_null(getenv("NOTIFY_SOCKET"));
}

static void nothing_is_told_where_nobody_asks(void **state)
{
	(void)state;
	given = (typeof(given)){0};
	jw_adapter_notify("READY=1");
	assert_int_equal(given.manager_len, 0);
	assert_int_equal(jw_adapter_notify_watchdog_ms(), 0);
	assert_int_equal(jw_adapter_sockets(NULL, 0), 0);
}

static void set_number(const char *name, int n)
{
	char text[20];

	snprintf(text, sizeof(text), "%d", n);
	setenv(name, text, 1);
}

static void the_watchdog_is_ours_only(void **state)
{
	(void)state;
	given = (typeof(given)){0};
	setenv("WATCHDOG_USEC", "30000000", 1);
	set_number("WATCHDOG_PID", getpid());
	assert_int_equal(jw_adapter_notify_watchdog_ms(), 30000);
	assert_null(getenv("WATCHDOG_USEC"));
	given = (typeof(given)){0};
	setenv("WATCHDOG_USEC", "30000000", 1);
	set_number("WATCHDOG_PID", getpid() + 1);
	assert_int_equal(jw_adapter_notify_watchdog_ms(), 0);
	assert_null(getenv("WATCHDOG_PID"));
}

static void sockets_are_taken_over(void **state)
{
	int saved = fcntl(3, F_DUPFD_CLOEXEC, 100);
	int fds[4];

	(void)state;
	given = (typeof(given)){0};
	assert_int_equal(dup2(STDERR_FILENO, 3), 3);
	setenv("LISTEN_FDS", "1", 1);
	set_number("LISTEN_PID", getpid());
	assert_int_equal(jw_adapter_sockets(fds, 4), 1);
	assert_int_equal(fds[0], 3);
	assert_int_equal(fcntl(3, F_GETFD), FD_CLOEXEC);
	assert_null(getenv("LISTEN_FDS"));
	close(3);
	if (saved >= 0) {
		dup2(saved, 3);
		close(saved);
	}
}

static void usage_is_that_of_this_process(void **state)
{
	struct jw_usage before;
	struct jw_usage after;
	int fd;

	(void)state;
	assert_true(jw_adapter_usage(&before));
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(jw_adapter_usage(&after));
	close(fd);
	assert_int_equal(after.open_fds, before.open_fds + 1);
	assert_true(after.cpu_us >= before.cpu_us && after.cpu_us > 0);
	assert_true(after.resident_bytes > 65536);
	assert_true(after.virtual_bytes >= after.resident_bytes);
	assert_true(after.max_fds > after.open_fds);
	assert_true(after.start_time <= jw_adapter_clock.wall(NULL));
	assert_true(after.start_time > jw_adapter_clock.wall(NULL) - 3600);
}

int main(void)
{
	unsetenv("NOTIFY_SOCKET");
	JW_TEST(an_alarm_comes_at_its_moment);
	JW_TEST(a_disarmed_alarm_stays_silent);
	JW_TEST(a_jump_of_the_wall_clock_is_told);
	JW_TEST(signals_win_over_those_of_programs);
	JW_TEST(the_end_puts_handlers_back);
	JW_ROWS(rows, tells_the_manager);
	JW_TEST(nothing_is_told_where_nobody_asks);
	JW_TEST(the_watchdog_is_ours_only);
	JW_TEST(sockets_are_taken_over);
	JW_TEST(usage_is_that_of_this_process);
	return rows_run();
}
