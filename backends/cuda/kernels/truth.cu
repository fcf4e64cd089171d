/* Truth of the elements of the rows of a matrix of type $T: k[0] elements in a row, k[1] in a piece, k[2] pieces in a row. */
#define COUNTED(name, result, start, step)                                     \
    KERNEL(name##_of_$T)                                                       \
    {                                                                          \
        i64 length = p->k[0], piece = p->k[1], row = i / p->k[2];              \
        i64 first = i % p->k[2] * piece;                                       \
        i64 last = first + piece < length ? first + piece : length;            \
        const $T *x = INPUT($T, 1) + row * length;                             \
        result total = start;                                                  \
        for (i64 j = first; j < last; j++) total = step;                       \
        ARRAY(result, 0)[i] = total;                                           \
    }

COUNTED(all, b8, 1, total && is_true_$T(x[j]))
COUNTED(any, b8, 0, total || is_true_$T(x[j]))
COUNTED(count, i64, 0, total + is_true_$T(x[j]))
