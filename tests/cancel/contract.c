/* SPDX-License-Identifier: MIT
 * The operations of the contract, by a path and by an fd. */
#include "../../src/platform.h"
#include "acts.h"

#include <stdio.h>
#include <stdlib.h>

enum { ACTS = 200, NAME = 48 };

const struct operation *acting;

static int64_t call_acting(fdi_target target)
{
    call_begin();
    int64_t result = call_any(acting->function, target, 0);
    call_end();
    return result;
}

static int64_t act_on_path(void)
{
    static const char *const names[] = {
        [ON_FILE] = "file", [ON_DIRECTORY] = "dir/empty", [ON_NEW_NAME] = "new"};
    return call_acting(fdi_path(names[acting->object]));
}

static int64_t act_on_fd(void)
{
    return call_acting(fdi_fd(acting->object == ON_DIRECTORY ? place.directory : place.file));
}

const struct act *contract_acts(size_t *count)
{
    static struct act acts[ACTS];
    static char names[ACTS][NAME];
    *count = 0;
    for (int i = 0; i < contract_size; i++) {
        const struct operation *operation = &contract[i];
        if (operation->targets == NO_TARGET || operation->function == FDI_FN_OPEN ||
            operation->function == FDI_FN_MKSTEMP)
            continue;
        if (*count + 2 > ACTS)
            abort();
        for (int by_fd = 0; by_fd < 2; by_fd++, ++*count) {
            (void)snprintf(names[*count], NAME, "%s_of_the_contract_by_%s", operation->name,
                           by_fd ? "fd" : "path");
            acts[*count] = (struct act){names[*count], by_fd ? act_on_fd : act_on_path, NULL, false,
                                        operation};
        }
    }
    return acts;
}
