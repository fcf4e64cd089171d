/* A worker of Array Assay around pebble. It speaks the protocol (backends/protocol/README.md) on its standard input and output. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "messagepack.h"
#include "pebble.h"

/* The value of a register: an array, or an attribute of an array. */
typedef struct { enum { ARRAY, NDIM, SHAPE, DTYPE } kind; pb_array *array; } value;
/* A running step. `used` counts the arguments that its function has read. */
typedef struct { const node *args, *kwargs; value *registers; size_t used; } call;
/* A function of the standard. `f` or `f2` computes an element.
 * `start`: the first value of a reduction, or the element of a new array; NaN says that an argument gives the element.
 * `logical`: whether the result is boolean; for an attribute, its kind. */
typedef struct function {
    const char *name, *operator;
    value (*run)(const struct function *, call *);
    pb_unary f; pb_binary f2; double start; int logical;
} function;

static jmp_buf failed; /* `fail` and `lack` jump to it */
static const char *exception, *message;
static const node *missing; /* the name that the library lacks */
static _Noreturn void fail(const char *type, const char *why) { exception = type, message = why, longjmp(failed, 1); }
static _Noreturn void lack(const node *name) { missing = name, longjmp(failed, 1); }
static value result(pb_array *x) { return x ? (value){ARRAY, x} : (fail("ValueError", pb_error), (value){0}); }

/* Arguments */

static const node *argument(call *c, size_t position, const char *name) { /* NULL if it is absent or None */
    const node *found = c->args && position < c->args->count ? &c->args->items[position] : NULL;
    for (size_t i = 0; !found && c->kwargs && i < c->kwargs->count; i++)
        if (is_text(&c->kwargs->items[i].items[0], name)) found = &c->kwargs->items[i].items[1];
    c->used += found != NULL;
    return is_text(found, "none") ? NULL : found;
}
enum { KEYWORD = 99 }; /* the position of a keyword-only argument */

static double number(const node *arg) {
    const node *scalar = field(arg, "scalar"), *v = field(scalar, "bool");
    char literal[64];
    if (v) return v->number;
    if (!(v = field(scalar, "int")) && !(v = field(scalar, "float"))) fail("TypeError", "not a real number");
    return snprintf(literal, sizeof literal, "%.*s", (int)v->count, (const char *)v->bytes), strtod(literal, NULL);
}

static int integers(const node *arg, int *out) { /* reads an integer or a sequence; returns how many integers there are */
    const node *items = field(arg, field(arg, "tuple") ? "tuple" : "list");
    if (items && items->count > PB_MAX_RANK) fail("ValueError", "too many axes");
    for (size_t i = 0; items && i < items->count; i++) out[i] = (int)number(&items->items[i]);
    return items ? (int)items->count : (out[0] = (int)number(arg), 1);
}

static pb_dtype dtype_named(const node *name) {
    for (int d = 0; d < PB_DTYPES; d++)
        if (is_text(name, pb_names[d])) return d;
    lack(name);
}

static pb_dtype dtype(call *c, pb_dtype otherwise) {
    const node *name = field(argument(c, KEYWORD, "dtype"), "dtype"), *device = argument(c, KEYWORD, "device");
    if (device && !is_text(field(device, "device"), "cpu")) fail("ValueError", "no such device");
    return name ? dtype_named(name) : otherwise;
}

static pb_dtype dtype_of(const node *scalar) { return field(scalar, "bool") ? PB_BOOL : field(scalar, "int") ? PB_INT32 : PB_FLOAT64; }

static pb_array *array(call *c, size_t position, const char *name, pb_dtype beside) { /* a scalar gets the dtype `beside` */
    const node *arg = argument(c, position, name), *at = field(arg, "register");
    if (!at) return pb_full(beside < PB_DTYPES ? beside : dtype_of(field(arg, "scalar")), 0, NULL, number(arg));
    return c->registers[at->number].kind == ARRAY ? c->registers[at->number].array : (fail("TypeError", "not an array"), NULL);
}

/* Functions */

static value each(const function *f, call *c) {
    pb_array *x = array(c, 0, "x", PB_DTYPES);
    return result(pb_each(x, f->f, f->logical ? PB_BOOL : x->dtype));
}

static value each2(const function *f, call *c) {
    int first = c->args && c->args->count && field(&c->args->items[0], "register");
    pb_array *a = array(c, !first, first ? "x1" : "x2", PB_DTYPES), *b = array(c, first, first ? "x2" : "x1", a->dtype);
    return result(first ? pb_each2(a, b, f->f2, f->logical) : pb_each2(b, a, f->f2, f->logical));
}

static value reduce(const function *f, call *c) {
    pb_array *x = array(c, 0, "x", PB_DTYPES);
    const node *over = argument(c, KEYWORD, "axis"), *keep = argument(c, KEYWORD, "keepdims");
    int axes[PB_MAX_RANK], count = over ? integers(over, axes) : 0;
    unsigned set = over ? 0 : ~0u;
    for (int i = 0; i < count; i++) {
        if (axes[i] < -x->rank || axes[i] >= x->rank) fail("IndexError", "axis out of bounds");
        set |= 1u << (axes[i] + x->rank * (axes[i] < 0));
    }
    x = pb_each(x, NULL, f->logical ? PB_BOOL : dtype(c, x->dtype));
    return result(pb_reduce(x, f->f2, f->start, set, keep && number(keep)));
}

static value create(const function *f, call *c) {
    int sizes[PB_MAX_RANK], rank = integers(argument(c, 0, "shape"), sizes);
    size_t shape[PB_MAX_RANK];
    for (int k = 0; k < rank; k++) shape[k] = sizes[k] < 0 ? (fail("ValueError", "negative size"), 0) : sizes[k];
    const node *fill = isnan(f->start) ? argument(c, 1, "fill_value") : NULL;
    return result(pb_full(dtype(c, fill ? dtype_of(field(fill, "scalar")) : PB_FLOAT64), rank, shape, fill ? number(fill) : f->start));
}

static value asarray(const function *f, call *c) { /* takes arrays and scalars; pebble has no nested sequences */
    pb_array *x = array(c, 0, "obj", PB_DTYPES);
    const node *copy = argument(c, KEYWORD, "copy");
    pb_dtype to = dtype(c, x->dtype);
    if (copy && !number(copy) && (to != x->dtype || field(&c->args->items[0], "scalar"))) fail("ValueError", "it needs a copy");
    return result(pb_each(x, f->f, to));
}

static value reshape(const function *f, call *c) {
    pb_array *x = array(c, 0, "x", PB_DTYPES);
    int sizes[PB_MAX_RANK], rank = integers(argument(c, 1, "shape"), sizes);
    size_t shape[PB_MAX_RANK], others = 1;
    (void)f, (void)argument(c, KEYWORD, "copy"); /* pebble never changes an array, so a copy and a view look the same */
    for (int k = 0; k < rank; k++) others *= sizes[k] < 0 ? 1 : sizes[k];
    for (int k = 0; k < rank; k++) shape[k] = sizes[k] >= 0 ? (size_t)sizes[k] : others ? x->size / others : 0;
    return result(pb_reshape(x, rank, shape));
}

static value attribute(const function *f, call *c) { return (value){f->logical, array(c, 0, "self", PB_DTYPES)}; }

#define EACH(X) /* name, operator, whether the result is boolean, expression in v */ \
    X(negative, "neg", 0, -v) X(positive, "pos", 0, v) X(abs, "abs", 0, fabs(v)) X(square, "", 0, v * v) X(sqrt, "", 0, sqrt(v)) \
    X(floor, "", 0, floor(v)) X(logical_not, "", 1, v == 0) X(isnan, "", 1, isnan(v)) X(isinf, "", 1, isinf(v)) \
    X(isfinite, "", 1, isfinite(v))
#define EACH2(X) /* the same with an expression in a and b */ \
    X(add, "add", 0, a + b) X(subtract, "sub", 0, a - b) X(multiply, "mul", 0, a * b) X(divide, "truediv", 0, a / b) \
    X(maximum, "", 0, isnan(a) || a > b ? a : b) X(minimum, "", 0, isnan(a) || a < b ? a : b) X(logical_and, "", 1, a && b) \
    X(logical_or, "", 1, a || b) X(equal, "eq", 1, a == b) X(not_equal, "ne", 1, a != b) X(less, "lt", 1, a < b) \
    X(less_equal, "le", 1, a <= b) X(greater, "gt", 1, a > b) X(greater_equal, "ge", 1, a >= b)
#define DEFINE(name, operator, logical, expression) static double name##_(double v) { return expression; }
#define DEFINE2(name, operator, logical, expression) static double name##_(double a, double b) { return expression; }
#define ROW(name, operator, logical, expression) {#name, "operator." operator, each, name##_, NULL, 0, logical},
#define ROW2(name, operator, logical, expression) {#name, "operator." operator, each2, NULL, name##_, 0, logical},
EACH(DEFINE) EACH2(DEFINE2)

static const function functions[] = {
    EACH(ROW) EACH2(ROW2)
    {"sum", "", reduce, NULL, add_, 0, 0}, {"prod", "", reduce, NULL, multiply_, 1, 0},
    {"max", "", reduce, NULL, maximum_, -INFINITY, 0}, {"min", "", reduce, NULL, minimum_, INFINITY, 0},
    {"any", "", reduce, NULL, logical_or_, 0, 1}, {"all", "", reduce, NULL, logical_and_, 1, 1},
    {"zeros", "", create, NULL, NULL, 0, 0}, {"ones", "", create, NULL, NULL, 1, 0}, {"full", "", create, NULL, NULL, NAN, 0},
    {"asarray", "", asarray, NULL, NULL, 0, 0}, {"reshape", "", reshape, NULL, NULL, 0, 0},
    {"attribute.ndim", "", attribute, NULL, NULL, 0, NDIM}, {"attribute.shape", "", attribute, NULL, NULL, 0, SHAPE},
    {"attribute.dtype", "", attribute, NULL, NULL, 0, DTYPE},
};

static const function *find(const node *path) { /* NULL if the library lacks it */
    for (const function *f = functions; f < functions + sizeof functions / sizeof *functions; f++)
        if (is_text(path, f->name) || is_text(path, f->operator)) return f;
    return NULL;
}

/* Programs */

static void put_int(buffer *out, size_t v) { /* a Python integer is written in decimal */
    char text[32];
    snprintf(text, sizeof text, "%zu", v);
    put_tag(out, "scalar"), put_tag(out, "int"), put_text(out, text);
}

static void put_value(buffer *out, const value *v) {
    static const char *const tags[] = {[ARRAY] = "array", [SHAPE] = "tuple", [DTYPE] = "dtype"};
    const pb_array *x = v->array;
    if (v->kind == NDIM) return put_int(out, x->rank);
    put_tag(out, tags[v->kind]);
    if (v->kind != SHAPE) put_head(out, LIST32, v->kind == ARRAY ? 3 : 1), put_text(out, pb_names[x->dtype]);
    if (v->kind != DTYPE) put_head(out, LIST32, x->rank);
    for (int k = 0; k < x->rank && v->kind != DTYPE; k++) (v->kind == ARRAY ? put_size : put_int)(out, x->shape[k]);
    if (v->kind == ARRAY) put_binary(out, x->data, x->size * pb_bytes[x->dtype]);
}

/* Runs a program and writes its outcome. */
static void run(buffer *out, const node *plan, const node *inputs, const uint8_t *data) {
    const node *steps = field(plan, "steps"), *returns = field(plan, "returns");
    value *registers = pb_allocate((inputs->count + steps->count) * sizeof *registers);
    volatile size_t made = 0, step = 0, handed_back = 0;
    exception = NULL, missing = NULL;
    if (!setjmp(failed)) {
        for (; made < inputs->count; made++) {
            const node *input = inputs->items[made].items;
            size_t shape[PB_MAX_RANK];
            if (input[1].count > PB_MAX_RANK) fail("ValueError", "too many axes");
            for (size_t k = 0; k < input[1].count; k++) shape[k] = input[1].items[k].number;
            registers[made] = result(pb_full(dtype_named(&input[0]), input[1].count, shape, 0));
            pb_array *x = registers[made].array;
            memcpy(x->data, data + input[2].number, x->size * pb_bytes[x->dtype]);
        }
        for (; step < steps->count; step++, made++) {
            const node *path = field(&steps->items[step], "function");
            call c = {field(&steps->items[step], "args"), field(&steps->items[step], "kwargs"), registers, 0};
            const function *f = find(path);
            if (!f) lack(path);
            registers[made] = f->run(f, &c);
            if (c.used < (c.args ? c.args->count : 0) + (c.kwargs ? c.kwargs->count : 0)) fail("TypeError", "unexpected argument");
        }
    }
    while (handed_back < returns->count && (size_t)returns->items[handed_back].number < made) handed_back++;
    if (exception || missing) {
        put_tag(out, missing ? "missing" : "raised"), put_head(out, MAP32, 3), put_text(out, "step");
        if (made < inputs->count) put_bytes(out, "\xc0", 1);
        else put_size(out, step);
        if (missing) put_text(out, "name"), put_string(out, missing);
        else put_text(out, "exception"), put_head(out, MAP32, 2), put_field(out, "type", exception), put_field(out, "message", message);
    }
    exception || missing ? put_text(out, "values") : put_tag(out, "values");
    put_head(out, LIST32, handed_back);
    for (size_t i = 0; i < handed_back; i++) put_value(out, &registers[returns->items[i].number]);
}

/* The conversation */

static void send(int to, buffer *frame) { /* writes the length, then the buffer, and empties the buffer */
    uint8_t head[] = {frame->length, frame->length >> 8, frame->length >> 16, frame->length >> 24};
    if (write(to, head, sizeof head) != sizeof head) exit(1);
    for (ssize_t n, sent = 0; sent < (ssize_t)frame->length; sent += n)
        if ((n = write(to, frame->bytes + sent, frame->length - sent)) <= 0) exit(1);
    frame->length = 0;
}

static void identify(buffer *out, const node *asked) {
    uint32_t present = 0;
    for (size_t i = 0; i < asked->count; i++) present += find(&asked->items[i]) != NULL;
    put_tag(out, "identity"), put_head(out, MAP32, 8);
    put_text(out, "protocol"), put_size(out, 1);
    put_field(out, "name", "pebble"), put_field(out, "version", "1.0"), put_field(out, "language", "C11");
    put_text(out, "devices"), put_head(out, LIST32, 1), put_text(out, "cpu");
    put_text(out, "dtypes"), put_head(out, LIST32, PB_DTYPES);
    for (int d = 0; d < PB_DTYPES; d++) put_text(out, pb_names[d]);
    put_text(out, "default_dtypes"), put_head(out, MAP32, 2);
    put_field(out, "real floating", "float64"), put_field(out, "integral", "int32");
    put_text(out, "functions"), put_head(out, MAP32, present);
    for (size_t i = 0; i < asked->count; i++)
        if (find(&asked->items[i])) put_string(out, &asked->items[i]), put_head(out, MAP32, 0); /* no signature */
}

static double now(void) { /* in seconds */
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t), t.tv_sec + t.tv_nsec * 1e-9;
}

static void answer(int to, const node *batch) {
    const node *plans = field(batch, "plans"), *programs = field(batch, "programs");
    node *parsed = pb_allocate(plans->count * sizeof *parsed);
    for (size_t i = 0; i < plans->count; i++)
        if (!read_node(&parsed[i], plans->items[i].bytes, plans->items[i].bytes + plans->items[i].count, pb_allocate)) exit(2);
    buffer outcomes = {0}, frame = {0};
    size_t first = 0, next = 0;
    do {
        for (double began = now(); next < programs->count && now() - began < 0.05; next++) { /* a frame every 50 ms */
            const node *program = programs->items[next].items;
            run(&outcomes, &parsed[program[0].number], &program[1], field(batch, "data")->bytes);
        }
        put_tag(&frame, "outcomes"), put_head(&frame, MAP32, 3);
        put_text(&frame, "id"), put_size(&frame, field(batch, "id")->number), put_text(&frame, "first"), put_size(&frame, first);
        put_text(&frame, "outcomes"), put_head(&frame, LIST32, next - first), put_bytes(&frame, outcomes.bytes, outcomes.length);
        send(to, &frame);
        first = next, outcomes.length = 0;
    } while (next < programs->count);
    free(outcomes.bytes), free(frame.bytes);
}

int main(void) {
    /* The protocol keeps the two descriptors. What the library prints goes to stderr. */
    int from = dup(0), to = dup(1);
    dup2(open("/dev/null", O_RDONLY), 0), dup2(2, 1);
    FILE *in = fdopen(from, "rb");
    uint8_t head[4];
    for (node frame; fread(head, 1, 4, in) == 4; pb_release()) {
        size_t length = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
        uint8_t *body = pb_allocate(length);
        if (fread(body, 1, length, in) < length || !read_node(&frame, body, body + length, pb_allocate)) return 2;
        if (is_text(&frame, "stop")) break;
        buffer out = {0};
        if (field(&frame, "hello")) identify(&out, field(field(&frame, "hello"), "functions")), send(to, &out);
        if (field(&frame, "batch")) answer(to, field(&frame, "batch"));
        free(out.bytes);
    }
    return 0;
}
