/* SPDX-License-Identifier: MIT */
/* Runs commands by turns, many rounds, and prints what each took and how they compare. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define ARGUMENTS_MAX 64
#define ROUNDS_MAX 10000
#define WARM_UP 3

struct sample {
	double wall_ms;
	double cpu_ms;
	double memory_mib;
};

struct command {
	char *name;
	int code;     /* what it must exit with */
	char *prints; /* what must be in its output */
	char *argv[ARGUMENTS_MAX + 1];
	struct sample *samples;
};

struct bench {
	struct command commands[COMMANDS_MAX];
	size_t count;
	size_t rounds;
	int output; /* a file in memory: some programs are lazy when it is /dev/null */
	posix_spawn_file_actions_t actions;
};

static _Noreturn void stop(const char *what, const char *which)
{
	fprintf(stderr, "rounds: %s: %s\n", which, what);
	exit(1);
}

static size_t number(const char *text, size_t max)
{
	size_t n = 0;

	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at > '9' || n > max)
			stop("isn't a number that fits", text);
		n = n * 10 + (size_t)(*at - '0');
	}
	if (n > max)
		stop("is too much", text);
	return n;
}

/* The next line of standard input without its end; NULL at its end. */
static char *next_line(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, stdin);

	if (len < 0) {
		free(line);
		return NULL;
	}
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	return line;
}

static char *next_field(const char *name)
{
	char *line = next_line();

	if (!line)
		stop("its description ends too soon", name);
	return line;
}

/* A line each: name, exit code, a part of the output, how many arguments, the arguments. */
static void read_commands(struct bench *bench)
{
	char *name;

	while ((name = next_line())) {
		struct command *command = &bench->commands[bench->count];
		size_t arguments;

		if (bench->count++ == COMMANDS_MAX)
			stop("is one command too many", name);
		command->name = name;
		command->code = (int)number(next_field(name), 255);
		command->prints = next_field(name);
		arguments = number(next_field(name), ARGUMENTS_MAX);
		for (size_t i = 0; i < arguments; i++)
			command->argv[i] = next_field(name);
		command->samples = calloc(bench->rounds, sizeof(*command->samples));
		if (!arguments || !command->samples)
			stop("there is no command, or no memory", name);
	}
}

static void open_output(struct bench *bench)
{
	bench->output = memfd_create("output", MFD_CLOEXEC);
	if (bench->output < 0)
		stop("can't be made", "a file in memory for the output");
	posix_spawn_file_actions_init(&bench->actions);
	posix_spawn_file_actions_addopen(&bench->actions, STDIN_FILENO, "/dev/null", O_RDONLY,
					 0);
	posix_spawn_file_actions_adddup2(&bench->actions, bench->output, STDOUT_FILENO);
}

static double ms_of(time_t seconds, long nanoseconds)
{
	return (double)seconds * 1e3 + (double)nanoseconds / 1e6;
}

static double cpu_ms(const struct rusage *usage)
{
	return ms_of(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec,
		     (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000);
}

static void check_output(const struct bench *bench, const struct command *command)
{
	static char text[65536];
	ssize_t len = pread(bench->output, text, sizeof(text), 0);

	if (len < 0 || !memmem(text, (size_t)len, command->prints, strlen(command->prints)))
		stop("its output isn't what it must be", command->name);
}

static struct sample run_once(const struct bench *bench, const struct command *command)
{
	struct timespec start;
	struct timespec end;
	struct rusage usage;
	int status;
	pid_t pid;

	if (ftruncate(bench->output, 0) || lseek(bench->output, 0, SEEK_SET))
		stop("the output can't be emptied", command->name);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (posix_spawn(&pid, command->argv[0], &bench->actions, NULL, command->argv, environ))
		stop("can't be run", command->name);
	if (wait4(pid, &status, 0, &usage) != pid)
		stop("is lost", command->name);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != command->code)
		stop("its exit code isn't what it must be", command->name);
	check_output(bench, command);
	return (struct sample){
		.wall_ms = ms_of(end.tv_sec - start.tv_sec, end.tv_nsec - start.tv_nsec),
		.cpu_ms = cpu_ms(&usage),
		.memory_mib = (double)usage.ru_maxrss / 1024,
	};
}

/* Another order each round, the same in each run: behind a large program the caches are cold. */
static void shuffle(size_t *order, size_t count)
{
	static unsigned random = 1;

	for (size_t i = count; i > 1; i--) {
		size_t other;
		size_t kept = order[i - 1];

		random = random * 1103515245 + 12345;
		other = (random >> 16) % i;
		order[i - 1] = order[other];
		order[other] = kept;
	}
}

static void run_rounds(struct bench *bench)
{
	size_t order[COMMANDS_MAX];

	for (size_t i = 0; i < bench->count; i++) {
		order[i] = i;
		for (size_t warm = 0; warm < WARM_UP; warm++)
			run_once(bench, &bench->commands[i]);
	}
	for (size_t round = 0; round < bench->rounds; round++) {
		shuffle(order, bench->count);
		for (size_t i = 0; i < bench->count; i++) {
			struct command *command = &bench->commands[order[i]];

			command->samples[round] = run_once(bench, command);
		}
	}
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

/* ROW UNIT MEDIAN QUARTILE QUARTILE MAXIMUM */
static void print_row(const char *name, const char *reference, const char *unit, double *values,
		      size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	printf("%s%s%s %s %.4f %.4f %.4f %.4f\n", name, *reference ? "/" : "", reference, unit,
	       values[count / 2], values[count / 4], values[count * 3 / 4], values[count - 1]);
}

static void print_command(const struct bench *bench, const struct command *command,
			  double *values)
{
	for (size_t i = 0; i < bench->rounds; i++)
		values[i] = command->samples[i].wall_ms;
	print_row(command->name, "", "ms", values, bench->rounds);
	for (size_t i = 0; i < bench->rounds; i++)
		values[i] = command->samples[i].cpu_ms;
	print_row(command->name, "", "cpu-ms", values, bench->rounds);
	for (size_t i = 0; i < bench->rounds; i++)
		values[i] = command->samples[i].memory_mib;
	print_row(command->name, "", "MiB", values, bench->rounds);
}

/* Ratios are taken round by round: what disturbs a round disturbs both sides of it. */
static void print_ratio(const struct bench *bench, const struct command *command,
			const struct command *reference, double *values)
{
	for (size_t i = 0; i < bench->rounds; i++)
		values[i] = command->samples[i].wall_ms / reference->samples[i].wall_ms;
	print_row(command->name, reference->name, "wall", values, bench->rounds);
	for (size_t i = 0; i < bench->rounds; i++)
		values[i] = command->samples[i].cpu_ms / reference->samples[i].cpu_ms;
	print_row(command->name, reference->name, "cpu", values, bench->rounds);
}

static void print_all(const struct bench *bench)
{
	double *values = calloc(bench->rounds, sizeof(*values));

	if (!values)
		stop("no memory", "results");
	for (size_t i = 0; i < bench->count; i++)
		print_command(bench, &bench->commands[i], values);
	for (size_t i = 0; i < bench->count; i++)
		for (size_t j = 0; j < bench->count; j++)
			if (i != j)
				print_ratio(bench, &bench->commands[i], &bench->commands[j],
					    values);
	free(values);
}

int main(int argc, char **argv)
{
	static struct bench bench;

	if (argc != 2)
		stop("takes how many rounds, and commands on its standard input", "usage");
	bench.rounds = number(argv[1], ROUNDS_MAX);
	if (!bench.rounds)
		stop("is too little", argv[1]);
	read_commands(&bench);
	open_output(&bench);
	run_rounds(&bench);
	print_all(&bench);
	return 0;
}
