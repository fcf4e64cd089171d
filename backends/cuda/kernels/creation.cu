/* Elements from their places, of type $T. */

/* The element in row k[2] + i / k[0] of a matrix of k[0] columns: one on the diagonal k[1], zero elsewhere. */
KERNEL(eye_$T)
{
    i64 columns = p->k[0], row = i / columns, column = i % columns;
    ARRAY($T, 0)[i] = column - row == p->k[1] ? one_$T() : zero_$T();
}

/* The elements of matrices of k[0] rows and k[1] columns up to the diagonal k[2] (k[3] is 0), or from it on (k[3] is 1). */
KERNEL(triangle_$T)
{
    i64 rows = p->k[0], columns = p->k[1];
    i64 row = i / columns % rows, column = i % columns;
    b8 kept = p->k[3] ? column - row >= p->k[2] : column - row <= p->k[2];
    ARRAY($T, 0)[i] = kept ? INPUT($T, 1)[i] : zero_$T();
}
