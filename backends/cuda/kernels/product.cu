/* Products of stacks of matrices of elements of type $T: k[0] rows, k[1] columns, and k[2] terms in each element. */
KERNEL(product_$T)
{
    i64 rows = p->k[0], columns = p->k[1], terms = p->k[2];
    i64 column = i % columns, row = i / columns % rows, matrix = i / columns / rows;
    const $T *a = INPUT($T, 1) + (matrix * rows + row) * terms;
    const $T *b = INPUT($T, 2) + matrix * terms * columns + column;
    $T total = zero_$T();
    for (i64 j = 0; j < terms; j++) total = add_$T(total, multiply_$T(a[j], b[j * columns]));
    ARRAY($T, 0)[i] = total;
}
