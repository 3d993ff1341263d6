# shellcheck shell=bash source=.ci/common.sh
# Tests completion in bash, fish and zsh, and its installed files.
. .ci/common.sh
check "builds" meson_build completion -Dtests=false --prefix=/usr
for shell in bash fish zsh; do
    check "$shell offers every documented option" tests/test_command_completion.py \
        "$ci_dir/completion/src/command/fdinherit" "$top" $shell
done
check "bash parses it" shellcheck src/command/completion/fdinherit.bash
check "zsh parses it" zsh -n src/command/completion/_fdinherit
check "fish parses it" fish --no-execute src/command/completion/fdinherit.fish
check "installs" env DESTDIR="$ci_dir/completion/tree" meson install -C "$ci_dir/completion" --no-rebuild
installed=$ci_dir/completion/tree/usr/share
for pair in bash-completion/completions/fdinherit:fdinherit.bash zsh/site-functions/_fdinherit:_fdinherit \
    fish/vendor_completions.d/fdinherit.fish:fdinherit.fish; do
    check "${pair%:*}" cmp "$installed/${pair%:*}" "src/command/completion/${pair#*:}"
done
check "fish finds the installed completion" env HOME="$ci_dir/completion" XDG_DATA_DIRS="$installed" \
    PATH="$ci_dir/completion/src/command:$PATH" \
    fish -c 'complete -C "fdinherit sup" | string match -q "supports*"'
checks_end
