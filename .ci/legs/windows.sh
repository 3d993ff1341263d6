# shellcheck shell=bash source=.ci/common.sh
# Compiles and links the library, command and tests for Windows on i686 and arm64, without Wine.
. .ci/common.sh
cmocka_for windows-i686 i686-w64-mingw32-gcc
meson_links windows-i686 --cross-file .ci/cross/win32.ini -Dcmocka="$cmocka"
# zig's CRT for arm64 lacks functions that the tests call.
meson_links windows-arm64 --cross-file .ci/cross/winarm64.ini -Dtests=false
checks_end
