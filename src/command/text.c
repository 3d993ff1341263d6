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

/* True for C0 and C1 controls and for characters that reorder or break a line. */
static bool is_disturbing(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x200e ||
           character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0x61c ||
           character == 0xfeff;
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
            (void)fprintf(out, "\\u%04x", (unsigned)character);
        else
            (void)fwrite(at, 1, (size_t)length, out);
        at += length ? length : 1;
    }
    (void)fputc('"', out);
}
