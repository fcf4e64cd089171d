/* Selection of elements of type $T by arrays of indices. */

/* The elements of a[0], which has strides, at the places a[1] in C order. */
KERNEL(picked_$T)
{
    i64 at[1];
    locate(p, INPUT(i64, 1)[i], 1, at);
    ARRAY($T, 2)[i] = INPUT($T, 0)[at[0]];
}

/* The elements a[2] to the places a[1], in C order, of a[0], which has strides. */
KERNEL(put_$T)
{
    i64 at[1];
    locate(p, INPUT(i64, 1)[i], 1, at);
    ARRAY($T, 0)[at[0]] = INPUT($T, 2)[i];
}

DEVICE i64 index_$T(i64 index, i64 n, i32 *flag)
{
    if (index < 0) index += n;
    if (index < 0 || index >= n) {
        *flag = 1;
        return 0;
    }
    return index;
}

/* Slices of k[2] elements by the indices a[2], k[1] of them, of an axis of k[0] elements. */
KERNEL(taken_$T)
{
    i64 n = p->k[0], count = p->k[1], inner = p->k[2];
    i64 place = i % inner, which = i / inner % count, outer = i / inner / count;
    i64 index = index_$T(INPUT(i64, 2)[which], n, ARRAY(i32, 3));
    ARRAY($T, 0)[i] = INPUT($T, 1)[(outer * n + index) * inner + place];
}

/* In each row of k[0] elements those at the indices a[2], of which there are k[1] for the row. */
KERNEL(along_$T)
{
    i64 n = p->k[0], count = p->k[1], row = i / count;
    ARRAY($T, 0)[i] = INPUT($T, 1)[row * n + index_$T(INPUT(i64, 2)[i], n, ARRAY(i32, 3))];
}
