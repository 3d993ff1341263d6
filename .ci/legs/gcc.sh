# shellcheck shell=bash source=.ci/common.sh
# Runs the whole suite on a release build by gcc, optimised over all files. .ci/test builds without that.
. .ci/common.sh
meson_leg gcc -Dbuildtype=release -Db_lto=true -Dc_args=-ffat-lto-objects # other linkers read the static library
