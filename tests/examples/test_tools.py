#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that the examples safe_rm and safe_cp do what their first comments promise, and what rm -r and cp -a do.

  test_tools.py SAFE_RM SAFE_CP"""
import contextlib
import os
import stat
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from command import as_nobody  # pylint: disable=wrong-import-position
import tap  # pylint: disable=wrong-import-position

SAFE_RM, SAFE_CP = map(os.path.abspath, sys.argv[1:3])
ANY = 2**32 - 1
# An access list with one more user: tag, permissions, id.
ACCESS_LIST = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in (
    (1, 7, ANY), (2, 7, 1234), (4, 7, ANY), (16, 7, ANY), (32, 5, ANY)))


def run(*command, **options):
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **options)


@contextlib.contextmanager
def folder_of_nobody():
    """Makes a folder the current one, in which the user of as_nobody may do everything."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        os.chdir(place)
        try:
            yield place
        finally:
            os.chdir(before)


def as_user(script):
    """Runs a shell script as an ordinary user in the current folder."""
    return run(*as_nobody(), "sh", "-c", script, "sh", SAFE_RM, SAFE_CP)


def write(name, text=""):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def mode(name):
    return stat.S_IMODE(os.lstat(name).st_mode)


# ---- safe_rm


@tap.case
def safe_rm_removes_an_empty_directory_that_it_may_not_read():
    with folder_of_nobody():
        result = as_user('mkdir -p tree/empty tree/closed && chmod 300 tree/empty && chmod 0 tree/closed && "$1" tree')
        assert result.returncode == 0 and not os.listdir(), result


@tap.case
def safe_rm_reports_a_directory_that_it_may_not_search_once_and_removes_the_rest():
    with folder_of_nobody():
        result = as_user('mkdir -p tree/a tree/m/x tree/z && chmod 600 tree/m && "$1" tree')
        assert result.returncode == 1 and result.stderr == "safe_rm: m: Permission denied\n", result
        assert os.listdir("tree") == ["m"]
        as_user("chmod 700 tree/m && rm -r tree")


@tap.case
def safe_rm_removes_five_thousand_levels_with_few_descriptors():
    with folder_of_nobody() as place:
        os.mkdir("deep")
        os.chdir("deep")
        for _ in range(5000):
            os.mkdir("d")
            os.chdir("d")
        os.chdir(place)
        result = run("sh", "-c", 'ulimit -n 32; exec "$0" deep', SAFE_RM)
        assert result.returncode == 0 and not os.listdir(), result


@tap.case
def safe_rm_refuses_dots():
    # A broken program removes these paths. So each one stays in the folder, and "/" has no test.
    with folder_of_nobody() as place:
        os.makedirs("tree/sub/here")
        for refused in (".", "..", "../.", "../../sub/..", "../../sub/../"):
            result = run(SAFE_RM, refused, cwd=f"{place}/tree/sub/here")
            assert result.returncode == 1 and result.stderr.endswith(": Invalid argument\n"), result
        assert [path for path, _, _ in os.walk("tree")] == ["tree", "tree/sub", "tree/sub/here"]


@tap.case
def safe_rm_does_not_follow_a_symlink_with_a_slash_at_its_end():
    with folder_of_nobody():
        os.makedirs("outside/kept")
        os.symlink("outside", "link")
        result = run(SAFE_RM, "link/")
        assert result.returncode == 1 and result.stderr == "safe_rm: link: Not a directory\n", result
        assert os.path.islink("link") and os.listdir("outside") == ["kept"]
        assert run(SAFE_RM, "outside//").returncode == 0 and os.listdir() == ["link"]


# ---- safe_cp


def safe_cp_clears_the_set_id_bits_if_it_may_not_keep_the_owner():
    with folder_of_nobody():
        os.mkdir("from")
        write("from/program")
        os.mkdir("from/shared")
        os.chmod("from/program", 0o6755)
        os.chmod("from/shared", 0o3775)
        result = as_user('"$2" from to')
        assert result.returncode == 0 and not result.stderr, result
        assert mode("to/program") == 0o755 and mode("to/shared") == 0o1775, oct(mode("to/program"))


def safe_cp_refuses_a_copy_into_itself_by_a_bind_mount():
    with folder_of_nobody():
        os.makedirs("tree/below")
        os.mkdir("mounted")
        result = run("unshare", "-m", "sh", "-c", 'mount --bind tree/below mounted && exec "$0" tree mounted/copy',
                     SAFE_CP)
        assert result.returncode == 1, result
        assert result.stderr == "safe_cp: copy: cannot copy a directory into itself\n", result
        assert [path for path, _, _ in os.walk("tree")] == [
            "tree", "tree/below", "tree/below/copy", "tree/below/copy/below"]


# Another user's file needs root, and a mount needs the right to mount.
if os.geteuid() == 0:
    tap.case(safe_cp_clears_the_set_id_bits_if_it_may_not_keep_the_owner)
    if run("unshare", "-m", "true").returncode == 0:
        tap.case(safe_cp_refuses_a_copy_into_itself_by_a_bind_mount)


@tap.case
def safe_cp_refuses_to_copy_a_directory_into_itself():
    with folder_of_nobody():
        os.makedirs("tree/below")
        os.symlink("tree/below", "link")
        for to in ("tree/copy", "tree/below/copy", "link/copy", "tree/below/../copy"):
            result = run(SAFE_CP, "tree", to)
            assert result.returncode == 1, result
            assert result.stderr == f"safe_cp: {to}: cannot copy a directory into itself\n", result
        assert run(SAFE_CP, ".", "copy", cwd="tree").returncode == 1
        assert [path for path, _, _ in os.walk("tree")] == ["tree", "tree/below"]
        assert run(SAFE_CP, "tree", "tree2").returncode == 0 and os.listdir("tree2") == ["below"]


@tap.case
def safe_cp_takes_no_access_list_from_the_new_parent():
    with folder_of_nobody():
        os.makedirs("from/sub")
        write("from/sub/file")
        os.mkfifo("from/fifo")
        os.mkdir("to")
        os.setxattr("to", "system.posix_acl_default", ACCESS_LIST)
        assert run(SAFE_CP, "from", "to/copy").returncode == 0
        for name in ("", "/sub", "/sub/file", "/fifo"):
            assert os.listxattr(f"to/copy{name}") == [] and mode(f"to/copy{name}") == mode(f"from{name}"), name


@tap.case
def safe_cp_keeps_access_lists():
    with folder_of_nobody():
        os.mkdir("from")
        os.setxattr("from", "system.posix_acl_default", ACCESS_LIST)
        os.setxattr("from", "system.posix_acl_access", ACCESS_LIST)
        write("from/file")
        assert run(SAFE_CP, "from", "to").returncode == 0
        for name in ("", "/file"):
            for attribute in os.listxattr(f"from{name}"):
                assert os.getxattr(f"to{name}", attribute) == os.getxattr(f"from{name}", attribute), attribute
        assert len(os.listxattr("to")) == 2


@tap.case
def safe_cp_keeps_holes():
    with folder_of_nobody():
        for name, data in (("middle", 2**30), ("start", 0), ("end", 2**31 - 4)):
            with open(name, "wb") as file:
                file.seek(data)
                file.write(b"data")
                file.truncate(2**31)
            assert run(SAFE_CP, name, "copy").returncode == 0
            status = os.stat("copy")
            assert status.st_size == 2**31 and status.st_blocks * 512 < 2**20, status
            with open("copy", "rb") as file:
                file.seek(data)
                assert file.read(4) == b"data"
                assert os.lseek(file.fileno(), 0, os.SEEK_DATA) <= data
            os.unlink("copy")


@tap.case
def safe_cp_copies_a_file_that_reports_no_length():
    with folder_of_nobody(), open("/proc/version", encoding="utf-8") as version:
        assert run(SAFE_CP, "/proc/version", "copy").returncode == 0
        with open("copy", encoding="utf-8") as copy:
            assert copy.read() == version.read()


@tap.case
def safe_cp_makes_separate_files_of_hard_links():
    with folder_of_nobody():
        os.mkdir("from")
        write("from/a", "text")
        os.link("from/a", "from/b")
        assert run(SAFE_CP, "from", "to").returncode == 0
        assert os.stat("to/a").st_nlink == os.stat("to/b").st_nlink == 1
        assert os.stat("to/a").st_size == os.stat("to/b").st_size == 4


@tap.case
def safe_cp_reports_a_file_once_and_copies_the_rest():
    with folder_of_nobody():
        result = as_user('mkdir -p from/sub && touch from/sub/a from/sub/b from/sub/c && chmod 0 from/sub/b && '
                         'chmod 750 from/sub from && touch -d @1000 from/sub from && "$2" from to')
        assert result.returncode == 1 and result.stderr == "safe_cp: b: Permission denied\n", result
        seen = as_user("stat -c '%a %Y' to to/sub >seen && ls to/sub >>seen")
        assert seen.returncode == 0, seen
        with open("seen", encoding="utf-8") as file:
            assert file.read() == "750 1000\n750 1000\na\nc\n"


@tap.case
def safe_cp_works_with_any_umask():
    with folder_of_nobody():
        result = as_user('mkdir -p from/sub && touch from/sub/file && chmod 640 from/sub/file && umask 777 && '
                         '"$2" from to && umask 0 && stat -c %a to/sub/file >seen')
        assert result.returncode == 0, result
        with open("seen", encoding="utf-8") as file:
            assert file.read() == "640\n"


tap.main()
