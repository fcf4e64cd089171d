/* The least and the greatest element of the rows of a matrix of type $T. A NaN is both.
 *
 * k[0] elements are in a row, k[1] in a piece, and k[2] pieces make a row. With k[3] the candidates are only those at the indices a[2],
 * of which there are k[4] for each row. */
#define EXTREME(name, better)                                                  \
    KERNEL(name##_at_$T)                                                       \
    {                                                                          \
        i64 length = p->k[0], piece = p->k[1], row = i / p->k[2];              \
        i64 first = i % p->k[2] * piece, all = p->k[3] ? p->k[4] : length;     \
        i64 last = first + piece < all ? first + piece : all;                  \
        const $T *x = INPUT($T, 1) + row * length;                             \
        const i64 *candidates = INPUT(i64, 2) + row * p->k[4];                 \
        i64 best = p->k[3] ? candidates[first] : first;                        \
        for (i64 j = first + 1; j < last; j++) {                               \
            i64 other = p->k[3] ? candidates[j] : j;                           \
            if (isnan_$T(x[best])) break;                                      \
            if (isnan_$T(x[other]) || better(x[other], x[best])) best = other; \
        }                                                                      \
        ARRAY(i64, 0)[i] = best;                                               \
    }

EXTREME(max, greater_$T)
EXTREME(min, less_$T)
