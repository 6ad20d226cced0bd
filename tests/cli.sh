#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the built program on the command lines of tests/data/cli/cases and compares what it prints, on both
# outputs, and its exit code, with the golden file of the same name. JW_GOLDEN=write writes them instead.
set -u
program=${JWTWATCH:?}
data=${top_srcdir:?}/tests/data/cli
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$data" || exit 99
here=$(pwd -P)
unset JWTWATCH_CONFIG NO_COLOR GITHUB_WORKSPACE
count=0

# One line a case: "name: arguments", read by the shell.
while IFS= read -r line; do
	case $line in '' | '#'*) continue ;; esac
	name=${line%%:*}
	count=$((count + 1))
	(eval "\"$program\" ${line#*:}") >"$scratch/out" 2>"$scratch/err" </dev/null
	code=$?
	{
		echo "exit $code"
		if [ -s "$scratch/err" ]; then
			echo "--- standard error"
			sed "s|$here/|FOLDER/|g" "$scratch/err"
		fi
		echo "--- standard output"
		# How long it took differs from run to run, and when it was where no --at says so; and where this is.
		sed -e "s|$here/|FOLDER/|g" -e "s/'time'=[0-9.]*s/'time'=TIMEs/" -e 's/"duration": [0-9.e-]*/"duration": TIME/' \
			-e 's/ time="[0-9.]*"/ time="TIME"/' \
			-e 's/^\(jwtwatch_check_duration_seconds{.*}\) [0-9.]*$/\1 TIME/' \
			-e '/"time": "2026-01-0/!s/"time": "[^"]*"/"time": "NOW"/' "$scratch/out"
	} >"$scratch/got"
	if [ "${JW_GOLDEN-}" = write ]; then
		cp "$scratch/got" "$data/$name.golden"
	fi
	if diff -u "$data/$name.golden" "$scratch/got" >"$scratch/diff" 2>&1; then
		echo "ok $count - $name"
	else
		sed 's/^/# /' "$scratch/diff"
		echo "not ok $count - $name"
	fi
done <"$data/cases"
echo "1..$count"
