/* Sums and products of the rows of a matrix of elements of type $T.
 *
 * A thread takes a piece of a row: k[0] elements are in a row, k[1] in a piece, and k[2] pieces make a row. */

/* Combines a piece in pairs: the errors of the sum grow as the logarithm of its length. */
#define IN_PAIRS(name, start)                                                  \
    KERNEL(name##_of_$T)                                                       \
    {                                                                          \
        i64 length = p->k[0], piece = p->k[1], row = i / p->k[2];              \
        i64 first = i % p->k[2] * piece;                                       \
        i64 count = first + piece < length ? piece : length - first;           \
        const $T *x = INPUT($T, 1) + row * length + first;                     \
        $T parts[64], total;                                                   \
        int used = 0;                                                          \
        for (i64 j = 0; j < count; j++) {                                      \
            $T part = x[j];                                                    \
            for (i64 pairs = j; pairs & 1; pairs >>= 1) part = name##_$T(parts[--used], part); \
            parts[used++] = part;                                              \
        }                                                                      \
        if (used == 0) {                                                       \
            total = start;                                                     \
        } else {                                                               \
            total = parts[--used];                                             \
            while (used > 0) total = name##_$T(parts[--used], total);          \
        }                                                                      \
        ARRAY($T, 0)[i] = total;                                               \
    }

IN_PAIRS(add, zero_$T())
IN_PAIRS(multiply, one_$T())

/* Running sums and products of each piece. */
#define RUNNING(name)                                                          \
    KERNEL(name##_running_$T)                                                  \
    {                                                                          \
        i64 length = p->k[0], piece = p->k[1], row = i / p->k[2];              \
        i64 first = i % p->k[2] * piece;                                       \
        i64 last = first + piece < length ? first + piece : length;            \
        const $T *x = INPUT($T, 1) + row * length;                             \
        $T *out = ARRAY($T, 0) + row * length, total = x[first];               \
        for (i64 j = first; j < last; j++) {                                   \
            if (j > first) total = name##_$T(total, x[j]);                     \
            out[j] = total;                                                    \
        }                                                                      \
    }                                                                          \
                                                                               \
    /* The last number of each piece of a[1]. */                              \
    KERNEL(name##_ends_$T)                                                     \
    {                                                                          \
        i64 length = p->k[0], piece = p->k[1], row = i / p->k[2];              \
        i64 last = (i % p->k[2] + 1) * piece;                                  \
        ARRAY($T, 0)[i] = INPUT($T, 1)[row * length + (last < length ? last : length) - 1]; \
    }                                                                          \
                                                                               \
    /* Each piece of a[0] but the first goes on from the end, in a[1], of the one before. */ \
    KERNEL(name##_continued_$T)                                                \
    {                                                                          \
        i64 length = p->k[0], piece = p->k[1], row = i / length, number = i % length / piece; \
        if (number > 0) {                                                      \
            $T before = INPUT($T, 1)[row * p->k[2] + number - 1];              \
            ARRAY($T, 0)[i] = name##_$T(before, ARRAY($T, 0)[i]);              \
        }                                                                      \
    }

RUNNING(add)
RUNNING(multiply)
