#!/bin/sh
# SPDX-License-Identifier: MIT
# What STYLE asks of the sources and a tool can see. Silent when all is well; else one line a finding and exit 1.
# CPPFLAGS: what the sources need to be read, where not the usual.
set -u

cd "$(dirname "$0")/.." || exit 1
# Texts that the build gives, as any text: __FILE__ needs no quotes.
: "${CPPFLAGS:=-D_GNU_SOURCE -DPACKAGE_NAME=__FILE__ -DPACKAGE_VERSION=__FILE__ -DPKGLIBDIR=__FILE__ \
-DBINDIR=__FILE__ -DSYSCONFDIR=__FILE__ -Isrc -Itests -I.}"
jobs=$(nproc)
findings=$(mktemp)
trap 'rm -f "$findings"' EXIT

# COMMAND PACKAGE
need()
{
	command -v "$1" > /dev/null && return
	echo "make lint needs $1: install the Debian package $2" >&2
	missing=1
}

missing=0
need clang-format clang-format
need clang-tidy clang-tidy
need cppcheck cppcheck
need shellcheck shellcheck
[ $missing = 0 ] || exit 1

code=$(find src checks tests fuzz bench -name '*.[ch]' 2> /dev/null | sort)
units=$(find src checks tests fuzz bench -name '*.c' 2> /dev/null | sort)
product=$(find src checks -name '*.c' | sort)
scripts=$(grep -rlE '^#!/bin/sh$' tests conf bench .ci | sort)

# MESSAGE PATTERN FILE...: a finding for each line that the extended regular expression matches.
refuse()
{
	message=$1
	shift
	grep -nE -e "$@" /dev/null | sed "s/^\([^:]*:[^:]*\):.*/\1: $message/"
}

forbidden='strcpy|stpcpy|strcat|strncpy|strncat|strtok|strtok_r|sprintf|vsprintf|sscanf|gets|alloca'
forbidden="$forbidden|atoi|atol|atoll|atof|strtol|strtoll|strtoul|strtoull"

# shellcheck disable=SC2086
words()
{
	refuse "STYLE does without this function" "(^|[^a-zA-Z0-9_])($forbidden)[[:space:]]*\(" $code
	refuse "_GNU_SOURCE and its like come from the command line" \
		'#[[:space:]]*define[[:space:]]+_[A-Z_]*SOURCE' $code
	refuse "an automatic buffer is made where it is declared: = JW_BUF(MAX)" \
		'jw_autobuf struct jw_buf [a-z_0-9]+;' $code
	refuse "left to do" '(^|[^"A-Za-z_])(TOD[O]|FIXM[E])' $code $scripts README.md configure.ac Makefile.am
	refuse "blanks at the end of the line" '[[:blank:]]$' $code $scripts README.md configure.ac Makefile.am
}

# The first two lines say the licence and what the file is for.
first_lines()
{
	# shellcheck disable=SC2046,SC2086
	awk '
		FNR == 1 { first = $0 }
		FNR == 2 && first != "/* SPDX-License-Identifier: MIT */" { print FILENAME ":1: the SPDX line is missing" }
		FNR == 2 && !/^\/\* [^ ]/ { print FILENAME ":2: a sentence on what the file is for is missing" }
	' $code $(find src -name '*.def')
	# shellcheck disable=SC2086
	awk '
		FNR == 2 && $0 != "# SPDX-License-Identifier: MIT" { print FILENAME ":2: the SPDX line is missing" }
	' $scripts
	find tests conf bench \( -name '*.py' -o -name '*.mjs' \) -exec grep -L 'SPDX-License-Identifier: MIT' {} + |
		sed 's/$/:1: the SPDX line is missing/'
	for header in $(find src checks tests fuzz bench -name '*.h' 2> /dev/null | sort); do
		grep -qx '#pragma once' "$header" || echo "$header:1: #pragma once is missing"
	done
}

format()
{
	# shellcheck disable=SC2086
	clang-format --dry-run $code 2>&1 | awk -F : '
		/should be clang-formatted/ && !seen[$1]++ { print $1 ":" $2 ": make format would change this file" }'
}

function_size()
{
	# shellcheck disable=SC2086
	echo $units | xargs -n 4 -P "$jobs" sh -c '
		clang-tidy --quiet --config="{Checks: \"-*,readability-function-size\", CheckOptions: [
			{key: readability-function-size.LineThreshold, value: 80},
			{key: readability-function-size.BranchThreshold, value: 15},
			{key: readability-function-size.StatementThreshold, value: 10000}]}" \
			"$@" -- -std=gnu17 $CPPFLAGS 2> /dev/null
	' sh | grep -E ': (warning|error|note: .*(threshold|lines|branches))' | sed "s|^$PWD/||" | sort -u
}

# Without the headers of libraries, whose loops are told here. Suppressed: what it takes amiss in right code.
static_analysis()
{
	# shellcheck disable=SC2086
	cppcheck -q -j "$jobs" --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingInclude --suppress=missingIncludeSystem \
		--suppress=uninitvar --suppress=arrayIndexThenCheck \
		'-Djson_array_foreach(a,i,v)=while((v=json_array_get(a,i)))' \
		'-Djson_object_foreach(o,k,v)=while((k=json_next(o,k))&&(v=json_value(k)))' \
		--template='{file}:{line}: {severity}: {message} [{id}]' $CPPFLAGS $product 2>&1
}

# Left out: quotes without expansion are awk and sed; files read and written, unused names and functions without
# arguments are seen where there are none, in what is sourced or evaluated.
shell_scripts()
{
	# shellcheck disable=SC2086
	shellcheck -x -f gcc -e SC2016,SC2034,SC2094,SC2119,SC2120 $scripts
}

export CPPFLAGS
{
	words
	first_lines
	format
	function_size
	static_analysis
	shell_scripts
} > "$findings"
cat "$findings"
[ ! -s "$findings" ]
