# shellcheck shell=bash source=.ci/common.sh
# clang on this system. The system calls that fail in turn, and programs outside of the tree, are the same
# whoever compiles: the leg gcc has them.
. .ci/common.sh
TEST_ARGS=(--no-suite faults --no-suite consumers)
CC=clang meson_leg clang
