# shellcheck shell=bash source=.ci/common.sh
# Windows on i686 and arm64, where no Wine is to be had: library, command and tests compile and link.
. .ci/common.sh
cmocka_for windows-i686 i686-w64-mingw32-gcc
meson_links windows-i686 --cross-file .ci/cross/win32.ini -Dcmocka="$cmocka"
# The run-time that zig links on arm64 lacks calls that the tests make.
meson_links windows-arm64 --cross-file .ci/cross/winarm64.ini -Dtests=false
checks_end
