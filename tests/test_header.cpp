// SPDX-License-Identifier: MIT
// The header as a C++ program has it: its types, constants and functions can be used and linked.
#include "fdinherit.h"

#include <cstdio>

static int count_one(void *context, int, bool)
{
    ++*static_cast<int *>(context);
    return 0;
}

int main()
{
    int count = 0;
    const fdi_target target = fdi_path_at(FDI_AT_FDCWD, "file");
    const bool works = fdi_version() == FDI_VERSION && fdi_get_inheritable(-1) == -1 &&
                       fdi_foreach_open(count_one, &count) == 0 && count > 0 &&
                       target.fd == FDI_AT_FDCWD && target.form == FDI_FORM_DIR_FD &&
                       FDI_LAST_FD > 0 && fdi_function_name(FDI_FN_STAT) != nullptr;
    std::printf("1..1\n%s 1 - a_cpp_program_uses_the_library\n", works ? "ok" : "not ok");
    return works ? 0 : 1;
}
