/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "arguments.h"

#include <stdlib.h>

void *take_room(struct input *input, size_t *size)
{
    unsigned byte = take_byte(input);
    *size = byte % 65;
    return byte == 255 ? NULL : malloc(*size);
}

unsigned flags_of(unsigned byte, int first, int second, int third)
{
    if (byte & 0x80)
        return 1U << (byte & 31);
    return (unsigned)((byte & 1 ? first : 0) | (byte & 2 ? second : 0) | (byte & 4 ? third : 0));
}

unsigned take_flags(struct input *input)
{
    return flags_of(take_byte(input), FDI_NOFOLLOW, FDI_EFFECTIVE_IDS, FDI_TARGET_IS_DIRECTORY);
}

unsigned take_new_flags(struct input *input)
{
    return flags_of(take_byte(input), FDI_ABOVE_STDIO, FDI_NONBLOCK, FDI_INHERITABLE);
}

unsigned take_spawn_flags(struct input *input)
{
    unsigned byte = take_byte(input);
    return flags_of(byte, FDI_SPAWN_SEARCH, FDI_SPAWN_EMPTY_MASK, FDI_SPAWN_NEW_SESSION) |
           flags_of(byte >> 3 & 7, FDI_SPAWN_NEW_GROUP, FDI_SPAWN_KEEP_IGNORED, FDI_SPAWN_NO_STDIO);
}

int64_t take_number(struct input *input)
{
    static const int64_t some[] = {0,  1,  2,         3,         1000,      999999999, 1000000000,
                                   -1, -2, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1 << 20};
    unsigned byte = take_byte(input);
    return byte < 128 ? byte : some[byte % (sizeof some / sizeof some[0])];
}

unsigned take_mode(struct input *input)
{
    unsigned high = take_byte(input);
    return high << 8 | take_byte(input);
}
