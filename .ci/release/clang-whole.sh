# shellcheck shell=bash source=.ci/common.sh
# Runs the whole suite on the build of the leg clang.
. .ci/common.sh
CC=clang CC_LD=lld meson_leg clang -Dbuildtype=release -Db_lto=true
