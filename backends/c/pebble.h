/* Pebble: a tiny array library that shows how to test a library in another language.
 *
 * A double can hold every element of its dtypes exactly, so one kernel in double precision serves all dtypes. The results of + - * / and
 * sqrt on float32 are rounded twice this way, and are still correctly rounded. Arrays are in C order and never change. They live until
 * pb_release(). A function that fails returns NULL and stores the reason in pb_error. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define PB_MAX_RANK 8

typedef enum { PB_BOOL, PB_INT32, PB_FLOAT32, PB_FLOAT64, PB_DTYPES } pb_dtype;
typedef struct { pb_dtype dtype; int rank; size_t shape[PB_MAX_RANK], size; void *data; } pb_array; /* size: number of elements */
typedef double (*pb_unary)(double);
typedef double (*pb_binary)(double, double);

static const char *const pb_names[PB_DTYPES] = {"bool", "int32", "float32", "float64"};
static const size_t pb_bytes[PB_DTYPES] = {1, 4, 4, 8}; /* bytes per element */
static const char *pb_error = "";
static struct pb_block { struct pb_block *next; max_align_t bytes[]; } *pb_blocks;

static void *pb_allocate(size_t bytes) { /* the bytes are zero */
    struct pb_block *block = calloc(1, sizeof *block + bytes);
    if (!block) abort();
    block->next = pb_blocks;
    return (pb_blocks = block)->bytes;
}

static void pb_release(void) {
    for (struct pb_block *next; pb_blocks; pb_blocks = next) next = pb_blocks->next, free(pb_blocks);
}

static double pb_get(const pb_array *x, size_t i) {
    if (x->dtype == PB_BOOL) return ((uint8_t *)x->data)[i];
    if (x->dtype == PB_INT32) return ((int32_t *)x->data)[i];
    return x->dtype == PB_FLOAT32 ? ((float *)x->data)[i] : ((double *)x->data)[i];
}

static void pb_set(pb_array *x, size_t i, double value) {
    if (x->dtype == PB_BOOL) ((uint8_t *)x->data)[i] = value != 0;
    if (x->dtype == PB_INT32) ((int32_t *)x->data)[i] = fabs(value) < 0x1p63 ? (int32_t)(int64_t)value : 0;
    if (x->dtype == PB_FLOAT32) ((float *)x->data)[i] = (float)value;
    if (x->dtype == PB_FLOAT64) ((double *)x->data)[i] = value;
}

static pb_array *pb_full(pb_dtype dtype, int rank, const size_t *shape, double value) {
    pb_array *x = pb_allocate(sizeof *x);
    x->dtype = dtype, x->rank = rank, x->size = 1;
    for (int k = 0; k < rank; k++) {
        if (shape[k] && x->size > ((size_t)1 << 40) / shape[k]) return pb_error = "the array is too large", NULL;
        x->size *= x->shape[k] = shape[k];
    }
    x->data = pb_allocate(x->size * pb_bytes[dtype]);
    for (size_t i = 0; i < x->size; i++) pb_set(x, i, value);
    return x;
}

static pb_array *pb_reshape(const pb_array *x, int rank, const size_t *shape) {
    pb_array *y = pb_full(x->dtype, rank, shape, 0);
    if (y && y->size != x->size) return pb_error = "the shapes hold different numbers of elements", NULL;
    if (y) y->data = x->data;
    return y;
}

static pb_array *pb_each(const pb_array *x, pb_unary f, pb_dtype result) { /* casts if `f` is NULL */
    pb_array *y = pb_full(result, x->rank, x->shape, 0);
    for (size_t i = 0; i < x->size; i++) pb_set(y, i, f ? f(pb_get(x, i)) : pb_get(x, i));
    return y;
}

/* `x` broadcasts to this shape. Returns the flat index in `x` of the element that goes to flat index `i` of that shape. */
static size_t pb_source(const pb_array *x, size_t i, int rank, const size_t *shape) {
    size_t flat = 0, stride = 1;
    for (int k = x->rank - 1, to = rank - 1; k >= 0; i /= shape[to--], stride *= x->shape[k--])
        if (x->shape[k] != 1) flat += i % shape[to] * stride;
    return flat;
}

static pb_array *pb_each2(const pb_array *a, const pb_array *b, pb_binary f, int logical) { /* logical: the result is boolean */
    int rank = a->rank > b->rank ? a->rank : b->rank;
    size_t shape[PB_MAX_RANK];
    for (int k = 0; k < rank; k++) {
        size_t m = k < rank - a->rank ? 1 : a->shape[k - rank + a->rank], n = k < rank - b->rank ? 1 : b->shape[k - rank + b->rank];
        if (m != n && m != 1 && n != 1) return pb_error = "the shapes do not broadcast", NULL;
        shape[k] = m == 1 ? n : m;
    }
    pb_array *y = pb_full(logical ? PB_BOOL : a->dtype > b->dtype ? a->dtype : b->dtype, rank, shape, 0);
    for (size_t i = 0; y && i < y->size; i++)
        pb_set(y, i, f(pb_get(a, pb_source(a, i, rank, shape)), pb_get(b, pb_source(b, i, rank, shape))));
    return y;
}

/* Reduces the axes whose bit is set in `axes`. An infinite `start` says that a reduction of no elements fails. */
static pb_array *pb_reduce(const pb_array *x, pb_binary f, double start, unsigned axes, int keepdims) {
    size_t shape[PB_MAX_RANK], kept[PB_MAX_RANK];
    int rank = 0;
    for (int k = 0; k < x->rank; k++) {
        shape[k] = axes >> k & 1 ? 1 : x->shape[k];
        if (keepdims || !(axes >> k & 1)) kept[rank++] = shape[k];
    }
    pb_array *wide = pb_full(PB_FLOAT64, x->rank, shape, start);
    if (isinf(start) && wide->size && !x->size) return pb_error = "no elements have no such result", NULL;
    for (size_t i = 0; i < x->size; i++) {
        size_t to = pb_source(wide, i, x->rank, x->shape);
        pb_set(wide, to, f(pb_get(wide, to), pb_get(x, i)));
    }
    return pb_each(pb_reshape(wide, rank, kept), NULL, x->dtype);
}
