/* Eigenvalues of hermitian matrices and singular values, by Jacobi's methods, of elements of type $T. A thread takes a matrix. */

/* The rotation by which two columns exchange what they have in common: tangent of the angle (Golub and Van Loan, 8.4.2). */
DEVICE $R tangent_$T($R difference, $R common)
{
    $R ratio = difference / (2 * common);
    if (!isfinite_$R(ratio * ratio)) return 1 / (2 * ratio);
    return (ratio < 0 ? ($R)-1 : ($R)1) / (fabs$m(ratio) + sqrt$m(1 + ratio * ratio));
}

/* The power of two that scales the greatest of some elements to one. */
DEVICE int exponent_$T(const $T *x, i64 count)
{
    $R most = 0;
    for (i64 j = 0; j < count; j++) {
        $R modulus = abs_$T(x[j]);
        if (!(modulus <= most)) most = modulus;
    }
    return most > 0 && isfinite_$R(most) ? ilogb$m(most) : 0;
}

DEVICE $T scaled_$T($T a, int by)
{
    $R half = ldexp$m(($R)1, by / 2), rest = ldexp$m(($R)1, by - by / 2);
    return scale_$T(scale_$T(a, half), rest);
}

/* Two columns, the second turned by a phase, are rotated. */
DEVICE void rotate_$T($T *x, i64 rows, i64 stride, i64 first, i64 second, $R c, $R s, $T phase)
{
    for (i64 row = 0; row < rows; row++) {
        $T a = x[row * stride + first], b = multiply_$T(x[row * stride + second], phase);
        x[row * stride + first] = subtract_$T(scale_$T(a, c), scale_$T(b, s));
        x[row * stride + second] = add_$T(scale_$T(a, s), scale_$T(b, c));
    }
}

/* Two columns change places. */
DEVICE void exchange_$T($T *x, i64 rows, i64 stride, i64 first, i64 second)
{
    for (i64 row = 0; row < rows; row++) {
        $T kept = x[row * stride + first];
        x[row * stride + first] = x[row * stride + second];
        x[row * stride + second] = kept;
    }
}

/* The square of the length of a column. */
DEVICE $R square_of_column_$T(const $T *x, i64 rows, i64 stride)
{
    $R total = 0;
    for (i64 row = 0; row < rows; row++) total += norm_$T(x[row * stride]);
    return total;
}

/* The eigenvalues a[1], ascending, and the eigenvectors a[2] of matrices a[0] of k[0] rows, which are used up. Their lower triangle is
 * read. */
KERNEL(eigh_$T)
{
    i64 n = p->k[0];
    $T *a = ARRAY($T, 0) + i * n * n, *v = ARRAY($T, 2) + i * n * n;
    $R *values = ARRAY($R, 1) + i * n;
    int by = exponent_$T(a, n * n);
    $R norm = 0;
    for (i64 row = 0; row < n; row++) {
        for (i64 column = 0; column <= row; column++) {
            $T x = scaled_$T(a[row * n + column], -by);
            if (row == column) x = from_$T(real_$T(x));
            a[row * n + column] = x;
            a[column * n + row] = conj_$T(x);
            norm += norm_$T(x);
        }
        for (i64 column = 0; column < n; column++) v[row * n + column] = row == column ? one_$T() : zero_$T();
    }
    $R least = sqrt$m(norm) * ($R)$eps * ($R)$eps;
    for (int sweep = 0; sweep < 60; sweep++) {
        b8 settled = 1;
        for (i64 first = 0; first < n; first++) {
            for (i64 second = first + 1; second < n; second++) {
                $T common = a[first * n + second];
                $R modulus = abs_$T(common), one = real_$T(a[first * n + first]), other = real_$T(a[second * n + second]);
                if (!(modulus > least) || !(modulus > ($R)$eps / 16 * sqrt$m(fabs$m(one * other)))) continue;
                settled = 0;
                $T phase = conj_$T(scale_$T(common, 1 / modulus));
                $R t = tangent_$T(other - one, modulus), c = 1 / sqrt$m(1 + t * t), s = t * c;
                rotate_$T(a, n, n, first, second, c, s, phase);
                for (i64 column = 0; column < n; column++) {
                    $T x = a[first * n + column], y = multiply_$T(a[second * n + column], conj_$T(phase));
                    a[first * n + column] = subtract_$T(scale_$T(x, c), scale_$T(y, s));
                    a[second * n + column] = add_$T(scale_$T(x, s), scale_$T(y, c));
                }
                a[first * n + first] = from_$T(one - t * modulus);
                a[second * n + second] = from_$T(other + t * modulus);
                a[first * n + second] = a[second * n + first] = zero_$T();
                rotate_$T(v, n, n, first, second, c, s, phase);
            }
        }
        if (settled) break;
    }
    for (i64 j = 0; j < n; j++) values[j] = real_$T(a[j * n + j]);
    for (i64 j = 0; j < n; j++) {
        i64 best = j;
        for (i64 k = j + 1; k < n; k++) {
            if (values[k] < values[best]) best = k;
        }
        $R value = values[best];
        values[best] = values[j];
        values[j] = ldexp$m(value, by);
        exchange_$T(v, n, n, j, best);
    }
}

/* A column of `u` that is orthogonal to the first `count` ones and of length one. It comes of the unit vector of which they hold least. */
DEVICE void completed_$T($T *u, i64 rows, i64 stride, i64 count)
{
    i64 best = 0;
    $R least = 2;
    for (i64 row = 0; row < rows; row++) {
        $R held = 0;
        for (i64 column = 0; column < count; column++) held += norm_$T(u[row * stride + column]);
        if (held < least) {
            least = held;
            best = row;
        }
    }
    for (i64 row = 0; row < rows; row++) u[row * stride + count] = row == best ? one_$T() : zero_$T();
    for (int again = 0; again < 3; again++) {
        for (i64 column = 0; column < count; column++) {
            $T held = zero_$T();
            for (i64 row = 0; row < rows; row++) {
                held = add_$T(held, multiply_$T(conj_$T(u[row * stride + column]), u[row * stride + count]));
            }
            for (i64 row = 0; row < rows; row++) {
                u[row * stride + count] = subtract_$T(u[row * stride + count], multiply_$T(held, u[row * stride + column]));
            }
        }
        $R total = 1 / sqrt$m(square_of_column_$T(u + count, rows, stride));
        for (i64 row = 0; row < rows; row++) u[row * stride + count] = scale_$T(u[row * stride + count], total);
    }
}

/* Singular values of matrices a[0] of k[0] rows and no more columns, k[1], by one-sided rotations (Hestenes). a[0] is used up. a[1] gets
 * the values in descending order, a[2] the k[2] left vectors, a[3] the right ones. */
KERNEL(svd_$T)
{
    i64 rows = p->k[0], columns = p->k[1], kept = p->k[2];
    $T *a = ARRAY($T, 0) + i * rows * columns, *u = ARRAY($T, 2) + i * rows * kept, *v = ARRAY($T, 3) + i * columns * columns;
    $R *values = ARRAY($R, 1) + i * columns;
    int by = exponent_$T(a, rows * columns);
    for (i64 j = 0; j < rows * columns; j++) a[j] = scaled_$T(a[j], -by);
    for (i64 j = 0; j < columns * columns; j++) v[j] = j / columns == j % columns ? one_$T() : zero_$T();
    for (int sweep = 0; sweep < 60; sweep++) {
        b8 settled = 1;
        $R most = 0;
        for (i64 column = 0; column < columns; column++) {
            $R norm = square_of_column_$T(a + column, rows, columns);
            if (norm > most) most = norm;
        }
        for (i64 first = 0; first < columns; first++) {
            for (i64 second = first + 1; second < columns; second++) {
                $R one = 0, other = 0;
                $T common = zero_$T();
                for (i64 row = 0; row < rows; row++) {
                    $T x = a[row * columns + first], y = a[row * columns + second];
                    one += norm_$T(x);
                    other += norm_$T(y);
                    common = add_$T(common, multiply_$T(conj_$T(x), y));
                }
                $R modulus = abs_$T(common), few = one < other ? one : other;
                if (!(modulus > ($R)$eps * sqrt$m(one) * sqrt$m(other)) || !(few > most * ($R)$eps * ($R)$eps / 16)) continue;
                settled = 0;
                $T phase = conj_$T(scale_$T(common, 1 / modulus));
                $R t = tangent_$T(other - one, modulus), c = 1 / sqrt$m(1 + t * t), s = t * c;
                rotate_$T(a, rows, columns, first, second, c, s, phase);
                rotate_$T(v, columns, columns, first, second, c, s, phase);
            }
        }
        if (settled) break;
    }
    for (i64 column = 0; column < columns; column++) values[column] = sqrt$m(square_of_column_$T(a + column, rows, columns));
    for (i64 j = 0; j < columns; j++) {
        i64 best = j;
        for (i64 k = j + 1; k < columns; k++) {
            if (values[k] > values[best]) best = k;
        }
        $R value = values[best];
        values[best] = values[j];
        values[j] = value;
        exchange_$T(a, rows, columns, j, best);
        exchange_$T(v, columns, columns, j, best);
    }
    for (i64 j = 0; j < kept; j++) {
        if (j < columns && values[j] > values[0] * ($R)$eps && values[j] > 0) {
            for (i64 row = 0; row < rows; row++) u[row * kept + j] = scale_$T(a[row * columns + j], 1 / values[j]);
        } else {
            completed_$T(u, rows, kept, j);
        }
    }
    for (i64 j = 0; j < columns; j++) values[j] = ldexp$m(values[j], by);
}
