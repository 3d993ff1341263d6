# shellcheck shell=bash source=.ci/common.sh
# All of the library as one file: names do not clash, and the feature macros come first.
. .ci/common.sh
TEST_ARGS=(--no-suite faults --no-suite consumers)
meson_leg unity -Dunity=on -Dunity_size=1000
