# shellcheck shell=bash source=.ci/common.sh
# clang on this system.
. .ci/common.sh
CC=clang meson_leg clang
