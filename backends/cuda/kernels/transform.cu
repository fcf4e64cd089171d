/* Fourier transforms of rows of complex elements of type $T. */

/* exp(2 pi i j / n) for 0 <= j < n. The angle is reduced to an eighth of the circle with integers. */
DEVICE c128 root_$T(i64 j, i64 n)
{
    i64 quarter = (8 * j + n) / (2 * n);
    f64 angle = PI / 2 * ((f64)(4 * j - quarter * n) / (f64)n), c = cos(angle), s = sin(angle);
    switch (quarter & 3) {
    case 0: return make_c128(c, s);
    case 1: return make_c128(-s, c);
    case 2: return make_c128(-c, -s);
    default: return make_c128(s, -c);
    }
}

/* The roots of one, k[0] of them; with k[1] their conjugates. */
KERNEL(roots_$T)
{
    c128 root = root_$T(i, p->k[0]);
    ARRAY(c128, 0)[i] = p->k[1] ? conj_c128(root) : root;
}

/* One pass of Stockham's algorithm on rows of k[0] elements: sums of k[1] elements, where the product of the factors before is k[2]. The
 * roots of one of the length of a row are a[2]. */
KERNEL(passed_$T)
{
    i64 n = p->k[0], factor = p->k[1], done = p->k[2], row = i / n, place = i % n;
    i64 inner = place % done, r = place / done % factor, k = place / done / factor, left = n / done / factor;
    const $T *x = INPUT($T, 1) + row * n + inner + done * k;
    const c128 *roots = INPUT(c128, 2);
    c128 total = zero_c128();
    for (i64 j = 0; j < factor; j++) {
        i64 turn = (j * r % factor * (n / factor) + k * r * done) % n;
        total = add_c128(total, multiply_c128(wide_$T(x[done * left * j]), roots[turn]));
    }
    ARRAY($T, 0)[i] = narrow_$T(total);
}

/* The elements of rows of k[0], filled up with zeros to k[1], times the roots a[2] of 2 k[0] at the squares of their places (Bluestein). */
KERNEL(chirped_$T)
{
    i64 n = p->k[0], padded = p->k[1], row = i / padded, j = i % padded;
    if (j >= n) {
        ARRAY(c128, 0)[i] = zero_c128();
        return;
    }
    ARRAY(c128, 0)[i] = multiply_c128(wide_$T(INPUT($T, 1)[row * n + j]), INPUT(c128, 2)[(i64)((u64)j * (u64)j % (u64)(2 * n))]);
}

/* The conjugate roots a[1] of 2 k[0] at the squares of their places, from both ends of k[1] elements. */
KERNEL(filter_$T)
{
    i64 n = p->k[0], padded = p->k[1], j = i < n ? i : padded - i;
    ARRAY(c128, 0)[i] = j < n ? conj_c128(INPUT(c128, 1)[(i64)((u64)j * (u64)j % (u64)(2 * n))]) : zero_c128();
}

/* The first k[0] of k[1] elements of rows a[1] times the roots a[2], over k[1]. */
KERNEL(unchirped_$T)
{
    i64 n = p->k[0], padded = p->k[1], row = i / n, j = i % n;
    c128 x = multiply_c128(INPUT(c128, 1)[row * padded + j], INPUT(c128, 2)[(i64)((u64)j * (u64)j % (u64)(2 * n))]);
    ARRAY($T, 0)[i] = narrow_$T(make_c128(x.re / (f64)padded, x.im / (f64)padded));
}

/* The whole spectrum, of k[0] elements, of real numbers, from its first half, rows of k[1] elements. */
KERNEL(mirrored_$T)
{
    i64 n = p->k[0], half = p->k[1], row = i / n, j = i % n;
    b8 first = j <= n / 2;
    $T x = INPUT($T, 1)[row * half + (first ? j : n - j)];
    if (j == 0 || 2 * j == n) x.im = 0;
    ARRAY($T, 0)[i] = first ? x : conj_$T(x);
}
