/* The part of MessagePack that the protocol needs: a reader that makes a tree, and a writer that always uses the widest form. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct node {
    enum { NIL, BOOLEAN, INTEGER, TEXT, BINARY, LIST, MAP } kind;
    int64_t number;       /* the value of a boolean or an integer */
    const uint8_t *bytes; /* the bytes of a text or a binary; a text does not end with zero */
    size_t count;         /* the number of bytes, items or pairs */
    struct node *items;   /* the items of a list, or the keys and values of a map in turn */
} node;
typedef struct { uint8_t *bytes; size_t length, room; } buffer;

static const uint8_t *read_number(uint64_t *out, int width, const uint8_t *at, const uint8_t *end) {
    if (end - at < width) return NULL;
    for (*out = 0; width-- > 0;) *out = *out << 8 | *at++;
    return at;
}

/* Reads one value. Returns the first byte after it, or NULL if it is malformed. */
static const uint8_t *read_node(node *out, const uint8_t *at, const uint8_t *end, void *(*allocate)(size_t)) {
    if (at >= end) return NULL;
    uint8_t m = *at++;
    uint64_t n = m & (m < 0xa0 ? 0x0f : 0x1f);
    *out = (node){.kind = NIL};
    if (m <= 0x7f || m >= 0xe0) return out->kind = INTEGER, out->number = (int8_t)m, at;
    if (m >= 0xc0 && m <= 0xc3) return out->kind = m == 0xc0 ? NIL : BOOLEAN, out->number = m & 1, at;
    if (m >= 0xcc && m <= 0xd3) {
        int width = 1 << (m & 3), unused = 64 - 8 * width;
        if (!(at = read_number(&n, width, at, end))) return NULL;
        return out->kind = INTEGER, out->number = m < 0xd0 ? (int64_t)n : (int64_t)(n << unused) >> unused, at;
    }
    if (m < 0xc0) out->kind = m < 0x90 ? MAP : m < 0xa0 ? LIST : TEXT;
    else if (m >= 0xc4 && m <= 0xc6) out->kind = BINARY, at = read_number(&n, 1 << (m - 0xc4), at, end);
    else if (m >= 0xd9 && m <= 0xdb) out->kind = TEXT, at = read_number(&n, 1 << (m - 0xd9), at, end);
    else if (m >= 0xdc) out->kind = m < 0xde ? LIST : MAP, at = read_number(&n, 2 << (m & 1), at, end);
    else return NULL; /* the protocol has no floats and no extensions */
    if (!at || n > (uint64_t)(end - at)) return NULL; /* an item has at least one byte */
    out->count = n, out->bytes = at;
    if (out->kind == BINARY || out->kind == TEXT) return at + n;
    size_t items = out->kind == MAP ? 2 * n : n;
    out->items = allocate(items * sizeof *out->items);
    for (size_t i = 0; i < items && at; i++) at = read_node(&out->items[i], at, end, allocate);
    return at;
}

static int is_text(const node *node, const char *text) {
    return node && node->kind == TEXT && node->count == strlen(text) && !memcmp(node->bytes, text, node->count);
}

static node *field(const node *map, const char *key) { /* NULL if absent */
    for (size_t i = 0; map && map->kind == MAP && i < map->count; i++)
        if (is_text(&map->items[2 * i], key)) return &map->items[2 * i + 1];
    return NULL;
}

static void put_bytes(buffer *out, const void *bytes, size_t length) {
    if (out->room < out->length + length && !(out->bytes = realloc(out->bytes, out->room = 2 * (out->length + length)))) abort();
    if (length) memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

enum { TEXT32 = 0xdb, BINARY32 = 0xc6, LIST32 = 0xdd, MAP32 = 0xdf, UNSIGNED64 = 0xcf };

static void put_head(buffer *out, uint8_t marker, uint32_t count) {
    put_bytes(out, (uint8_t[]){marker, count >> 24, count >> 16, count >> 8, count}, 5);
}

static void put_size(buffer *out, size_t number) {
    put_head(out, UNSIGNED64, (uint64_t)number >> 32);
    put_bytes(out, (uint8_t[]){number >> 24, number >> 16, number >> 8, number}, 4);
}

static void put_string(buffer *out, const node *text) { put_head(out, TEXT32, text->count), put_bytes(out, text->bytes, text->count); }
static void put_binary(buffer *out, const void *bytes, size_t count) { put_head(out, BINARY32, count), put_bytes(out, bytes, count); }
static void put_text(buffer *out, const char *text) { put_head(out, TEXT32, strlen(text)), put_bytes(out, text, strlen(text)); }
static void put_field(buffer *out, const char *key, const char *text) { put_text(out, key), put_text(out, text); }
static void put_tag(buffer *out, const char *name) { put_head(out, MAP32, 1), put_text(out, name); } /* starts a choice, which is a map with one key */
