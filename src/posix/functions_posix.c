/* SPDX-License-Identifier: MIT
 * Reports what the running system supports. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

static bool supports_form(fdi_function function, fdi_form form)
{
    switch (form) {
    case FDI_FORM_FD:
        return fdi__supports_fd(function);
    case FDI_FORM_DIR_FD:
        return fdi__supports_dir_fd(function);
    default:
        return true;
    }
}

bool fdi__os_supports(fdi_function function, fdi_form form, unsigned flags)
{
    return fdi__supports_path(function) && supports_form(function, form) &&
           (!(flags & FDI_NOFOLLOW) || fdi__supports_nofollow(function)) &&
           (!(flags & FDI_EFFECTIVE_IDS) || fdi__supports_effective_ids());
}
