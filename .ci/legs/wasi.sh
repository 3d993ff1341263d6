# shellcheck shell=bash source=.ci/common.sh
# Runs the library's WASI tests and the command with node.
. .ci/common.sh
mkdir -p "$ci_dir/wasi"
compile() { # NAME SOURCE...
    clang --target=wasm32-wasi --sysroot=/usr -std=c99 "${warnings[@]}" -Iinclude \
        "${@:2}" src/*.c src/wasi/*.c -o "$ci_dir/wasi/$1.wasm"
}
compile answers tests/wasi/answers.c || exit 1
run() { (cd "$ci_dir/wasi" && node --no-warnings "$top/tests/wasi/run.mjs" "$1.wasm" "${@:2}"); }
answers=$(run answers)
echo "$answers"
read -r good _ bad _ <<<"${answers##*$'\n'}"

as_numbers() { awk 'NR > 1 { print $1, $2 == "yes", $3 == "yes", $4 == "yes", $5 == "yes", $6 == "yes" }'; }
supports_agrees() { diff <(run supports) <(run fdinherit supports | as_numbers); }
supports_is_json() { run fdinherit supports --json | python3 -c 'import json, sys; json.load(sys.stdin)["functions"]["stat"]["fd"]'; }
ends_with() { # STATUS TEXT ARGUMENT...
    local output status
    output=$(run fdinherit "${@:3}" 2>&1)
    status=$?
    echo "$output"
    [ "$status" = "$1" ] && [[ $output = *"$2"* ]]
}
check "the command compiles" compile fdinherit src/command/*.c src/command/wasi/*.c
check "the program that prints fdi_supports compiles" compile supports tests/support/supports.c
check "supports agrees with fdi_supports" supports_agrees
check "supports: JSON" supports_is_json
check "list: itself" ends_with 2 "cannot be listed: Not supported" list
check "check: itself" ends_with 2 "cannot be listed: Not supported" check
check "list: another process" ends_with 2 "there are no processes" list 1
check "run" ends_with 125 "program: Not supported" run -- program
check "check of a command" ends_with 125 "on Linux only" check -- program
checks_end
