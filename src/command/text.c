/* SPDX-License-Identifier: MIT
 * File names may contain any bytes. Here they are escaped for a terminal or a parser. */
#include "../platform.h"
#include "command.h"

/* Decodes the UTF-8 sequence at the start of the terminated `text`. Returns its length, or 0 if it
 * is invalid. Overlong forms, surrogates and values above U+10FFFF are invalid. */
static int decode(const unsigned char *text, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = text[0] < 0x80   ? 1
                 : text[0] < 0xc0 ? 0
                 : text[0] < 0xe0 ? 2
                 : text[0] < 0xf0 ? 3
                 : text[0] < 0xf8 ? 4
                                  : 0;
    if (length == 0)
        return 0;
    uint32_t value = length == 1 ? text[0] : text[0] & (0xffU >> (length + 1));
    for (int i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3fU);
    }
    if (value < least[length] || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff)
        return 0;
    *character = value;
    return length;
}

/* Characters that a terminal does not show, or that reorder or break a line: C0 and C1 controls, the
 * separators, and the default-ignorable characters of Unicode. */
static const struct {
    uint32_t first;
    uint32_t last;
} disturbing[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
    {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_disturbing(uint32_t character)
{
    for (size_t i = 0; i < sizeof disturbing / sizeof disturbing[0]; i++)
        if (character >= disturbing[i].first && character <= disturbing[i].last)
            return true;
    return false;
}

void write_escaped(FILE *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        uint32_t character = 0;
        int length = decode(at, &character);
        int bytes = length ? length : 1;
        if (length && character == '\\' && !system_likes_backslashes())
            (void)fputs("\\\\", out);
        else if (length && !is_disturbing(character))
            (void)fwrite(at, 1, (size_t)bytes, out);
        else if (*at == '\n' || *at == '\t')
            (void)fputs(*at == '\n' ? "\\n" : "\\t", out);
        else
            for (int i = 0; i < bytes; i++)
                (void)fprintf(out, "\\x%02x", at[i]);
        at += bytes;
    }
}

static void write_json_escape(FILE *out, uint32_t character)
{
    if (character > 0xffff)
        (void)fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (character >> 10)),
                      (unsigned)(0xdc00 + (character & 0x3ff)));
    else
        (void)fprintf(out, "\\u%04x", (unsigned)character);
}

void write_json_text(FILE *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    (void)fputc('"', out);
    while (*at) {
        uint32_t character = 0;
        int length = decode(at, &character);
        if (!length)
            (void)fprintf(out, "\\udc%02x", *at);
        else if (character == '"' || character == '\\')
            (void)fprintf(out, "\\%c", (int)character);
        else if (is_disturbing(character))
            write_json_escape(out, character);
        else
            (void)fwrite(at, 1, (size_t)length, out);
        at += length ? length : 1;
    }
    (void)fputc('"', out);
}
