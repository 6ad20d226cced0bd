#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""jwtwatch renew, killed at each of its system calls and kept from writing in every way: the page is the old or the new
one, whole, with its owner, mode and attributes; what is refused is refused before anything is written."""
import os
import re
import resource
import shutil
import signal
import stat
import struct
import subprocess
import tempfile

from daemon_lib import PATIENCE, PROGRAM, SECRET, page, plan, row, skip, token, wait_for, write

ROOT = os.geteuid() == 0
# user::rw-, user:4321:r--, group::r--, mask::r--, other::---
ACL = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in (
    (1, 6, 2**32 - 1), (2, 4, 4321), (4, 4, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)))
LOCK = ".page.html.jwtwatch-lock"


def configuration(home, renew="{from: mint}", more="", pattern="TOKEN = '([^']+)'"):
    path = os.path.join(home, "jwtwatch.yaml")
    write(os.path.join(home, "secret"), SECRET.decode())
    write(path, f"""keys:
  livekit: {{issuer: devkey, secret: {{file: secret}}}}
targets:
  - name: voice
    check: html_file
    path: page.html
    pattern: "{pattern}"
    key: livekit
    renew: {renew}
{more}""")
    return [PROGRAM, "renew", "-f", path, "voice"]


def run(argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=6 * PATIENCE, check=False, **more)
    return done.returncode, done.stdout + done.stderr


def old_page(home, name="page.html"):
    path = os.path.join(home, name)
    if os.path.lexists(path):
        os.unlink(path)
    text = page(token(-7200, issued=1700000000))
    write(path, text)
    os.chmod(path, 0o640)
    if ROOT:
        os.chown(path, 1234, 1235)
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pass
    try:
        os.setxattr(path, "system.posix_acl_access", ACL)
    except OSError:
        pass
    return path, text


def facts(path):
    st = os.stat(path)
    return (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode),
            sorted((name, os.getxattr(path, name)) for name in os.listxattr(path)))


def masked(text):
    return re.sub(r"eyJ[\w.-]+", "T", text)


def kind_of(path, old):
    text = open(path, encoding="utf-8").read()
    if text == old:
        return "old"
    return "new" if masked(text) == masked(old) and len(re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]{43}'", text)) == 1 \
        else "broken"


def beside(home):
    return sorted(name for name in os.listdir(home) if "jwtwatch-" in name)


def calls_of(log):
    """Name of call -> how many there were in one thread, at most."""
    counts, found = {}, {}
    for line in open(log, encoding="utf-8", errors="replace"):
        called = re.match(r"(\d+) +(\w+)\(", line)
        if called and called.group(2) not in ("execve", "exit_group", "exit"):
            counts[called.groups()] = counts.get(called.groups(), 0) + 1
    for (_, call), count in counts.items():
        found[call] = max(found.get(call, 0), count)
    return found


def killed(home, way):
    argv = configuration(home, f"{{from: mint, write: {way}}}")
    path, old = old_page(home)
    before = facts(path)
    log = os.path.join(home, "trace")
    # The leak sanitizer can't stop a process that is traced.
    code, said = run(["strace", "-f", "-qq", "-s", "65536", "-o", log] + argv,
                     env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    row(f"{way}: under strace it is renewed", code == 0 and kind_of(path, old) == "new", code, said)
    row("... with all that it had", facts(path) == before, facts(path), before)
    started = [line for line in open(log, encoding="utf-8", errors="replace") if "execve(" in line]
    row("... and no program is started with a token", not any("eyJ" in line for line in started), len(started))
    seen, wrong = {"old": 0, "new": 0, "broken": 0}, []
    calls = calls_of(log)
    os.unlink(log)
    for call, count in sorted(calls.items()):
        for when in range(1, count + 1):
            path, old = old_page(home)
            run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                 f"inject={call}:signal=KILL:when={when}"] + argv)
            kind = kind_of(path, old)
            seen[kind] += 1
            if kind == "broken" or facts(path) != before:
                wrong.append(f"{call} {when}: {kind} {facts(path)}")
    if way == "replace":
        row("the page is the old or the new one, as it was, whichever call it dies at", not wrong, *wrong[:5])
    else:
        # What a write in place can't promise: while it writes. Attributes stay in any case.
        row("in place the page is whole but for the moment of writing", len(wrong) <= 3, *wrong[:5])
    row("... and both occur", seen["old"] > 10 and seen["new"] > 0, seen)
    print(f"# killed {sum(seen.values())} times: {seen}")
    path, old = old_page(home)
    code, said = run(argv)
    row("what was left beside is no hindrance, and is taken away", code == 0 and not beside(home), code, said, beside(home))


def refused(name, home, argv, words, code=1, path=None, **more):
    path = path or os.path.join(home, "page.html")
    old = open(path, "rb").read()
    before = facts(path)
    seen, said = run(argv, **more)
    row(name, seen == code and words in said, seen, said)
    row("... and the page is as before, with nothing beside it",
        open(path, "rb").read() == old and facts(path) == before and not beside(os.path.dirname(path)),
        beside(os.path.dirname(path)))


def script(home, name, text):
    path = os.path.join(home, name)
    write(path, "#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def disturbed(home):
    """What others do while it runs: its source is a program, which runs behind the lock."""
    os.chdir(home)
    write(os.path.join(home, "fresh"), token(86400))
    take = script(home, "take", f"rm {LOCK}; cat fresh\n")
    argv = configuration(home, f"{{from: command, command: [{take}]}}")
    old_page(home)
    refused("a lock that somebody takes away", home, argv, "somebody took away the lock")
    touch = script(home, "touch", "printf x >> page.html; cat fresh\n")
    argv = configuration(home, f"{{from: command, command: [{touch}]}}")
    path, old = old_page(home)
    code, said = run(argv)
    row("a page that somebody changes meanwhile", code == 1 and "what they wrote stays" in said, code, said)
    row("... is as they left it", open(path, encoding="utf-8").read() == old + "x" and not beside(home))
    inner = script(home, "inner", f"{PROGRAM} renew -f jwtwatch.yaml voice > inner.out 2>&1; echo $? >> inner.out; cat fresh\n")
    argv = configuration(home, f"{{from: command, command: [{inner}]}}")
    path, old = old_page(home)
    code, said = run(argv)
    inside = open("inner.out", encoding="utf-8").read()
    row("of two at once the first is done", code == 0 and kind_of(path, old) == "new", code, said)
    row("... and the second refused", "somebody else is renewing it just now" in inside and inside.endswith("\n1\n"), inside)


def tokens_in(*paths):
    return {found for path in paths for found in re.findall(r"eyJ[\w.-]+", text_of(path))}


def ended(home):
    """By a signal at the moment when the first of three files is new."""
    argv = configuration(home, "{from: mint, also: [second.js, third.env]}")
    files = [os.path.join(home, name) for name in ("page.html", "second.js", "third.env")]
    for name in ("TERM", "INT", "HUP", "QUIT"):
        for when in (1, 2, 3):
            _, old = old_page(home)
            for path in files[1:]:
                write(path, old)
            code, said = run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
                              f"inject=renameat2:signal={name}:when={when}"] + argv,
                             env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
            row(f"SIG{name} at file {when} of 3: all are renewed, and nothing lies beside",
                len(tokens_in(*files)) == 1 and kind_of(files[0], old) == "new" and not beside(home), said, beside(home))
            row("... and then it ends by that", code == -getattr(signal, "SIG" + name), code)


def killed_between(home):
    """Nothing holds SIGKILL: the page is changed last, so the next renewal by itself makes all the same."""
    argv = configuration(home, "{from: mint, also: [second.js, third.env]}")
    files = [os.path.join(home, name) for name in ("page.html", "second.js", "third.env")]
    for when in (2, 3):
        _, old = old_page(home)
        for path in files[1:]:
            write(path, old)
        run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
             f"inject=renameat2:signal=KILL:when={when}"] + argv)
        between = len(tokens_in(*files))
        code, said = run(argv[:2] + ["--if-left-less-than", "25%"] + argv[2:])
        row(f"killed at file {when} of 3: by the next renewal all hold one token",
            between == (2 if when == 2 else between) and code == 0 and len(tokens_in(*files)) == 1
            and kind_of(files[0], old) == "new" and not beside(home), between, code, said, beside(home))


def text_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def written_late(home):
    """Somebody has the page open, and writes once a new one has taken its place: at the second fsync, of the folder."""
    argv = configuration(home)
    path, old = old_page(home)
    log, pid = os.path.join(home, "trace"), os.path.join(home, "pid")
    with open(path, "a", encoding="utf-8") as writer:
        process = subprocess.Popen(["strace", "-f", "-q", "-o", log, "-e", "trace=fsync", "-e",
                                    "inject=fsync:signal=STOP:when=2", "sh", "-c",
                                    f"echo $$ > {pid}; exec \"$0\" \"$@\""] + argv, stdout=subprocess.PIPE, text=True,
                                   env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        wait_for(lambda: process.poll() is not None or os.path.exists(log) and "stopped by SIGSTOP" in text_of(log))
        writer.write("late")
    os.kill(int(text_of(pid)), signal.SIGCONT)
    said = process.communicate(timeout=6 * PATIENCE)[0]
    found = re.search(r"stays beside it as (\S*jwtwatch-kept-\d+)", said)
    row("what somebody writes into the old page meanwhile stays, and is told",
        process.returncode == 0 and kind_of(path, old) == "new" and found is not None and
        text_of(os.path.join(home, found.group(1))) == old + "late", process.returncode, said, text_of(log))
    row("... and nothing else lies beside", len(beside(home)) == 1, beside(home))


def taken_back(home):
    """The page is looked at again: what isn't right then is undone, in every file."""
    os.chdir(home)
    # A good token that is too long for the pattern of the page.
    write("fresh", token(86400, long="x" * 600))
    give = script(home, "give", "cat fresh\n")
    short = "TOKEN = '([^']{1,500})'"
    argv = configuration(home, f"{{from: command, command: [{give}]}}", pattern=short)
    old_page(home)
    refused("a page that isn't right with the fresh token", home, argv, "the old one was put back")
    argv = configuration(home, f"{{from: command, command: [{give}], also: [second.js]}}", pattern=short)
    _, old = old_page(home)
    write("second.js", old)
    refused("... nor are others", home, argv, "the old one was put back")
    row("... which are put back too", open("second.js", encoding="utf-8").read() == old)
    write("fresh", token(86400))
    take = script(home, "take", "rm .second.js.jwtwatch-lock; cat fresh\n")
    argv = configuration(home, f"{{from: command, command: [{take}], also: [second.js]}}")
    refused("one of two that can't be written", home, argv, "somebody took away the lock")
    row("... leaves the other as it was", open("second.js", encoding="utf-8").read() == old)


def no_room(home):
    argv = configuration(home)
    path, _ = old_page(home)
    with open(path, "a", encoding="utf-8") as file:
        file.write("x" * 65536)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    refused("no room", home, argv, "renewal_failed", preexec_fn=limit)
    argv = configuration(home, "{from: mint, write: in_place}")
    code, said = run(argv, preexec_fn=limit)
    row("in place it doesn't grow past what there is room for", code in (0, 1), code, said)


def as_somebody(uid):
    def become():
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    return become


def no_permission(home):
    if not ROOT:
        skip("others' files", "not root")
        return
    argv = configuration(home)
    for name in ("jwtwatch.yaml", "secret"):
        os.chmod(os.path.join(home, name), 0o644)
    old_page(home)
    os.chmod(home, 0o755)
    os.chmod(os.path.join(home, "page.html"), 0o644)
    refused("a folder that can't be written", home, argv, "can't make a file in the folder", preexec_fn=as_somebody(4321))
    os.chmod(home, 0o777)
    refused("a page of somebody else", home, argv, "renewal_failed", preexec_fn=as_somebody(4321))
    os.chmod(home, 0o700)


def mounted(home):
    unshare = ["unshare", "-m", "sh", "-ec"]
    if not ROOT or subprocess.run(unshare + ["mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode:
        skip("mounts", "they can't be made here")
        return
    argv = configuration(home)
    _, old = old_page(home)
    write(os.path.join(home, "real"), old)
    command = "cd \"$0\"; mount --bind real page.html; shift 0; "
    code, said = run(unshare + [command + 'exec "$@"', home] + argv)
    row("a page that is mounted by itself is refused before anything is written",
        code == 1 and "is mounted by itself" in said and open(os.path.join(home, "real"), encoding="utf-8").read() == old,
        code, said)
    row("... with nothing beside it", not beside(home), beside(home))
    argv = configuration(home, "{from: mint, write: in_place}")
    code, said = run(unshare + [command + 'exec "$@"', home] + argv)
    row("... and is written in place where that is asked for",
        code == 0 and kind_of(os.path.join(home, "real"), old) == "new", code, said)
    # A disk of 64 KiB with a page of 40 KiB on it.
    os.mkdir(os.path.join(home, "disk"))
    sub = os.path.join(home, "full")
    os.mkdir(sub)
    argv = configuration(sub)
    old_page(sub)
    full = ("cd \"$0\"; mount -t tmpfs -o size=64k none ../disk; cp -p page.html ../disk/page.html; cp -p jwtwatch.yaml secret ../disk; "
            "cd ../disk; printf '%040000d' 0 >> page.html; cp page.html /dev/shm/$$; status=0; \"$@\" || status=$?; "
            "cmp page.html /dev/shm/$$ && ls -A; rm /dev/shm/$$; exit $status")
    argv[3] = "jwtwatch.yaml"
    code, said = run(unshare + [full, sub] + argv)
    row("a disk that is full", code == 1 and "No space left" in said and
        said.rstrip().endswith("jwtwatch.yaml\npage.html\nsecret"), code, said)


def main():
    tests = [disturbed, taken_back, no_room, no_permission, mounted]
    if shutil.which("strace"):
        tests[:0] = [lambda home: killed(home, "replace"), lambda home: killed(home, "in_place"), ended, killed_between,
                     written_late]
    else:
        skip("renewals that are killed", "strace is missing")
    for test in tests:
        with tempfile.TemporaryDirectory(prefix="jw-renew-") as home:
            test(home)
            os.chdir("/")
    plan()


main()
