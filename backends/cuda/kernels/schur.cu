/* Eigenvalues and eigenvectors of square matrices of complex elements of type $T: Hessenberg form, then the QR algorithm with single
 * shifts (Golub and Van Loan, chapter 7). A thread takes a matrix. */

/* A rotation of two rows or columns: c is real, and -conj(s) * x + c * y vanishes. */
DEVICE void rotation_$T($T x, $T y, $R *c, $T *s, $T *r)
{
    $R length = hypot$m(abs_$T(x), abs_$T(y)), size = abs_$T(x);
    if (length == 0) {
        *c = 1;
        *s = zero_$T();
        *r = zero_$T();
        return;
    }
    $T phase = size == 0 ? one_$T() : scale_$T(x, 1 / size);
    *c = size / length;
    *s = multiply_$T(phase, scale_$T(conj_$T(y), 1 / length));
    *r = scale_$T(phase, length);
}

/* The shift: the eigenvalue of the trailing block that is nearer to its last element
 * (Wilkinson). */
DEVICE $T shift_$T($T a, $T b, $T c, $T d)
{
    $T half = scale_$T(subtract_$T(a, d), ($R)0.5);
    $T product = multiply_$T(b, c), square = add_$T(multiply_$T(half, half), product);
    c128 root = sqrt_c128(wide_$T(square));
    $T other = narrow_$T(root);
    $T sum = add_$T(half, other), difference = subtract_$T(half, other);
    $T divisor = abs_$T(sum) > abs_$T(difference) ? sum : difference;
    return is_true_$T(divisor) ? subtract_$T(d, divide_$T(product, divisor)) : d;
}

/* The Hessenberg form of a matrix of n rows, in place, and the unitary matrix z that leads to it. */
DEVICE void hessenberg_$T($T *a, $T *z, i64 n)
{
    for (i64 j = 0; j < n * n; j++) z[j] = j / n == j % n ? one_$T() : zero_$T();
    for (i64 j = 0; j + 2 < n; j++) {
        for (i64 row = j + 2; row < n; row++) {
            /* A rotation of rows j+1 and `row` removes the element below. */
            if (!is_true_$T(a[row * n + j])) continue;
            $R c;
            $T s, r;
            rotation_$T(a[(j + 1) * n + j], a[row * n + j], &c, &s, &r);
            for (i64 k = 0; k < n; k++) {
                $T x = a[(j + 1) * n + k], y = a[row * n + k];
                a[(j + 1) * n + k] = add_$T(scale_$T(x, c), multiply_$T(s, y));
                a[row * n + k] = subtract_$T(scale_$T(y, c), multiply_$T(conj_$T(s), x));
            }
            a[row * n + j] = zero_$T();
            for (i64 k = 0; k < n; k++) {
                $T x = a[k * n + j + 1], y = a[k * n + row];
                a[k * n + j + 1] = add_$T(scale_$T(x, c), multiply_$T(conj_$T(s), y));
                a[k * n + row] = subtract_$T(scale_$T(y, c), multiply_$T(s, x));
                x = z[k * n + j + 1];
                y = z[k * n + row];
                z[k * n + j + 1] = add_$T(scale_$T(x, c), multiply_$T(conj_$T(s), y));
                z[k * n + row] = subtract_$T(scale_$T(y, c), multiply_$T(s, x));
            }
        }
    }
}

/* One QR step on the rows and columns from `low` to `high`, which chases a bulge down. */
DEVICE void step_$T($T *a, $T *z, i64 n, i64 low, i64 high, $T shift)
{
    $T x = subtract_$T(a[low * n + low], shift), y = a[(low + 1) * n + low];
    for (i64 k = low; k < high; k++) {
        $R c;
        $T s, r;
        rotation_$T(x, y, &c, &s, &r);
        for (i64 j = k > low ? k - 1 : low; j < n; j++) {
            $T first = a[k * n + j], second = a[(k + 1) * n + j];
            a[k * n + j] = add_$T(scale_$T(first, c), multiply_$T(s, second));
            a[(k + 1) * n + j] = subtract_$T(scale_$T(second, c), multiply_$T(conj_$T(s), first));
        }
        if (k > low) a[(k + 1) * n + k - 1] = zero_$T();
        i64 last = k + 2 < high ? k + 2 : high;
        for (i64 j = 0; j <= last; j++) {
            $T first = a[j * n + k], second = a[j * n + k + 1];
            a[j * n + k] = add_$T(scale_$T(first, c), multiply_$T(conj_$T(s), second));
            a[j * n + k + 1] = subtract_$T(scale_$T(second, c), multiply_$T(s, first));
        }
        for (i64 j = 0; j < n; j++) {
            $T first = z[j * n + k], second = z[j * n + k + 1];
            z[j * n + k] = add_$T(scale_$T(first, c), multiply_$T(conj_$T(s), second));
            z[j * n + k + 1] = subtract_$T(scale_$T(second, c), multiply_$T(s, first));
        }
        if (k + 1 < high) {
            x = a[(k + 1) * n + k];
            y = a[(k + 2) * n + k];
        }
    }
}

/* The eigenvalues a[1] and the eigenvectors a[2], of length one, of matrices a[0] of k[0] rows, which are used up. a[3] is scratch of the
 * same size. The flag a[4] is set if the iteration does not end. */
KERNEL(eig_$T)
{
    i64 n = p->k[0];
    $T *a = ARRAY($T, 0) + i * n * n, *values = ARRAY($T, 1) + i * n, *vectors = ARRAY($T, 2) + i * n * n, *z = ARRAY($T, 3) + i * n * n;
    $R most = 0;
    for (i64 j = 0; j < n * n; j++) {
        $R modulus = abs_$T(a[j]);
        if (!(modulus <= most)) most = modulus;
    }
    int by = most > 0 && isfinite_$R(most) ? ilogb$m(most) : 0;
    $R half = ldexp$m(($R)1, -by / 2), rest = ldexp$m(($R)1, -by - -by / 2), norm = 0;
    for (i64 j = 0; j < n * n; j++) {
        a[j] = scale_$T(scale_$T(a[j], half), rest);
        norm += norm_$T(a[j]);
    }
    norm = sqrt$m(norm);
    hessenberg_$T(a, z, n);
    i64 high = n - 1, tries = 0;
    while (high > 0) {
        i64 low = high;
        for (; low > 0; low--) {
            $R near = abs_$T(a[low * n + low]) + abs_$T(a[(low - 1) * n + low - 1]);
            if (near == 0) near = norm;
            if (abs_$T(a[low * n + low - 1]) <= ($R)$eps * near) {
                a[low * n + low - 1] = zero_$T();
                break;
            }
        }
        if (low == high) {
            high--;
            tries = 0;
            continue;
        }
        if (++tries > 90) {
            *ARRAY(i32, 4) = 1;
            break;
        }
        $T *corner = a + (high - 1) * n + high - 1;
        $T shift = shift_$T(corner[0], corner[1], corner[n], corner[n + 1]);
        if (tries % 11 == 10) shift = add_$T(corner[n + 1], from_$T(abs_$T(corner[n])));
        step_$T(a, z, n, low, high, shift);
    }
    /* Eigenvectors of the triangle by substitution, then of the matrix. */
    $R least = ($R)$eps * norm;
    if (least == 0) least = ($R)$eps;
    for (i64 k = n - 1; k >= 0; k--) {
        $T value = a[k * n + k];
        for (i64 row = n - 1; row >= 0; row--) {
            if (row > k) {
                vectors[row * n + k] = zero_$T();
            } else if (row == k) {
                vectors[row * n + k] = one_$T();
            } else {
                $T total = zero_$T();
                for (i64 j = row + 1; j <= k; j++) total = add_$T(total, multiply_$T(a[row * n + j], vectors[j * n + k]));
                $T divisor = subtract_$T(value, a[row * n + row]);
                if (abs_$T(divisor) < least) divisor = from_$T(least);
                $T x = divide_$T(total, divisor);
                vectors[row * n + k] = x;
                $R size = abs_$T(x);
                if (size > ($R)1e6) {
                    for (i64 j = row; j <= k; j++) vectors[j * n + k] = scale_$T(vectors[j * n + k], 1 / size);
                }
            }
        }
    }
    for (i64 k = 0; k < n; k++) values[k] = scale_$T(scale_$T(a[k * n + k], 1 / half), 1 / rest);
    for (i64 row = 0; row < n; row++) {
        /* The row of the product is gathered in the used-up matrix. */
        for (i64 k = 0; k < n; k++) {
            $T total = zero_$T();
            for (i64 j = 0; j <= k; j++) total = add_$T(total, multiply_$T(z[row * n + j], vectors[j * n + k]));
            a[row * n + k] = total;
        }
    }
    for (i64 k = 0; k < n; k++) {
        $R length = 0;
        for (i64 row = 0; row < n; row++) length += norm_$T(a[row * n + k]);
        length = 1 / sqrt$m(length);
        for (i64 row = 0; row < n; row++) vectors[row * n + k] = scale_$T(a[row * n + k], length);
    }
}
