/* Triangular factors of stacks of matrices of elements of type $T in C order. A thread takes a matrix. */

/* The greatest component of `count` elements that lie `stride` apart. */
DEVICE $R greatest_$T(const $T *x, i64 count, i64 stride)
{
    $R most = 0;
    for (i64 j = 0; j < count; j++) {
        $R modulus = abs_$T(x[j * stride]);
        if (!(modulus <= most)) most = modulus;
    }
    return most;
}

/* The Euclidean norm, without overflow on the way. */
DEVICE $R length_$T(const $T *x, i64 count, i64 stride)
{
    $R most = greatest_$T(x, count, stride), total = 0;
    if (most == 0 || !isfinite_$R(most)) return most;
    int by = -ilogb$m(most);
    for (i64 j = 0; j < count; j++) {
        $T y = x[j * stride];
        $R modulus = ldexp$m(abs_$T(y), by);
        total += modulus * modulus;
    }
    return ldexp$m(sqrt$m(total), -by);
}

/* LU with partial pivoting, in place, of matrices a[0] of k[0] rows. a[1] gets the row that each row was exchanged with. The flag a[2] is
 * set if a pivot is zero. */
KERNEL(lu_$T)
{
    i64 n = p->k[0];
    $T *a = ARRAY($T, 0) + i * n * n;
    i64 *exchanged = ARRAY(i64, 1) + i * n;
    for (i64 j = 0; j < n; j++) {
        i64 best = j;
        for (i64 row = j + 1; row < n; row++) {
            if (abs_$T(a[row * n + j]) > abs_$T(a[best * n + j])) best = row;
        }
        exchanged[j] = best;
        if (!is_true_$T(a[best * n + j])) {
            *ARRAY(i32, 2) = 1;
            continue;
        }
        if (best != j) {
            for (i64 column = 0; column < n; column++) {
                $T kept = a[j * n + column];
                a[j * n + column] = a[best * n + column];
                a[best * n + column] = kept;
            }
        }
        for (i64 row = j + 1; row < n; row++) {
            $T factor = divide_$T(a[row * n + j], a[j * n + j]);
            a[row * n + j] = factor;
            for (i64 column = j + 1; column < n; column++) {
                a[row * n + column] = subtract_$T(a[row * n + column], multiply_$T(factor, a[j * n + column]));
            }
        }
    }
}

/* The determinants a[0], from factors a[1] and exchanges a[2]. Powers of two are kept apart, so that no product on the way overflows. */
KERNEL(det_$T)
{
    i64 n = p->k[0], power = 0;
    const $T *a = INPUT($T, 1) + i * n * n;
    const i64 *exchanged = INPUT(i64, 2) + i * n;
    $T total = one_$T();
    for (i64 j = 0; j < n; j++) {
        $T factor = a[j * n + j];
        $R modulus = abs_$T(factor);
        if (modulus > 0 && isfinite_$R(modulus)) {
            int by = ilogb$m(modulus);
            power += by;
            factor = scale_$T(factor, ldexp$m(($R)1, -(by / 2)));
            factor = scale_$T(factor, ldexp$m(($R)1, -(by - by / 2)));
        }
        total = multiply_$T(total, factor);
        modulus = abs_$T(total);
        if (modulus > 0 && isfinite_$R(modulus)) {
            int by = ilogb$m(modulus);
            power += by;
            total = scale_$T(total, ldexp$m(($R)1, -by));
        }
        if (exchanged[j] != j) total = negative_$T(total);
    }
    if (power > 4000) power = 4000;
    if (power < -4000) power = -4000;
    int by = (int)power;
    /* One rounding: all factors but the last are exact. */
    while (by > 100) {
        total = scale_$T(total, ldexp$m(($R)1, 100));
        by -= 100;
    }
    while (by < -100 && abs_$T(total) > ldexp$m(($R)1, -20)) {
        total = scale_$T(total, ldexp$m(($R)1, -100));
        by += 100;
    }
    while (by < -100) {
        total = scale_$T(total, ldexp$m(($R)1, -100));
        by += 100;
    }
    ARRAY($T, 0)[i] = scale_$T(total, ldexp$m(($R)1, by));
}

/* The sign a[0] and the logarithm of the modulus a[3] of determinants. */
KERNEL(slogdet_$T)
{
    i64 n = p->k[0];
    const $T *a = INPUT($T, 1) + i * n * n;
    const i64 *exchanged = INPUT(i64, 2) + i * n;
    $T sign = one_$T();
    $R total = 0;
    for (i64 j = 0; j < n; j++) {
        sign = multiply_$T(sign, sign_$T(a[j * n + j]));
        total += log$m(abs_$T(a[j * n + j]));
        if (exchanged[j] != j) sign = negative_$T(sign);
    }
    ARRAY($T, 0)[i] = sign;
    ARRAY($R, 3)[i] = total;
}

/* Solves for one of the k[1] columns of the right sides a[0], in place, with factors a[1] and exchanges a[2]. */
KERNEL(solved_$T)
{
    i64 n = p->k[0], columns = p->k[1], matrix = i / columns;
    const $T *a = INPUT($T, 1) + matrix * n * n;
    const i64 *exchanged = INPUT(i64, 2) + matrix * n;
    $T *x = ARRAY($T, 0) + matrix * n * columns + i % columns;
    for (i64 j = 0; j < n; j++) {
        $T kept = x[j * columns];
        x[j * columns] = x[exchanged[j] * columns];
        x[exchanged[j] * columns] = kept;
    }
    for (i64 row = 0; row < n; row++) {
        $T total = x[row * columns];
        for (i64 j = 0; j < row; j++) total = subtract_$T(total, multiply_$T(a[row * n + j], x[j * columns]));
        x[row * columns] = total;
    }
    for (i64 row = n - 1; row >= 0; row--) {
        $T total = x[row * columns];
        for (i64 j = row + 1; j < n; j++) total = subtract_$T(total, multiply_$T(a[row * n + j], x[j * columns]));
        x[row * columns] = divide_$T(total, a[row * n + row]);
    }
}

/* The lower Cholesky factors, in place, of matrices a[0] of which the lower triangle is read. The flag a[1] is set if one is not positive
 * definite. */
KERNEL(cholesky_$T)
{
    i64 n = p->k[0];
    $T *a = ARRAY($T, 0) + i * n * n;
    for (i64 j = 0; j < n; j++) {
        for (i64 row = j; row < n; row++) {
            $T total = a[row * n + j];
            for (i64 k = 0; k < j; k++) total = subtract_$T(total, multiply_$T(a[row * n + k], conj_$T(a[j * n + k])));
            if (row == j) {
                $R square = real_$T(total);
                if (!(square > 0)) *ARRAY(i32, 1) = 1;
                a[j * n + j] = from_$T(sqrt$m(square));
            } else {
                a[row * n + j] = divide_$T(total, a[j * n + j]);
            }
        }
        for (i64 column = j + 1; column < n; column++) a[j * n + column] = zero_$T();
    }
}

/* QR by Householder reflections (LAPACK's geqr2 and org2r). a[0] has k[0] rows and k[1] columns and becomes R. a[1] gets the first k[2]
 * columns of Q. a[2] holds the factors of the reflections. */
KERNEL(qr_$T)
{
    i64 rows = p->k[0], columns = p->k[1], kept = p->k[2], count = rows < columns ? rows : columns;
    $T *a = ARRAY($T, 0) + i * rows * columns, *q = ARRAY($T, 1) + i * rows * kept, *factors = ARRAY($T, 2) + i * count;
    for (i64 j = 0; j < count; j++) {
        $T *top = a + j * columns + j, alpha = *top;
        $R below = length_$T(top + columns, rows - j - 1, columns), whole = length_$T(top, rows - j, columns);
        factors[j] = zero_$T();
        $R side = real_$T(alpha);
        if (below == 0 && !is_true_$T(subtract_$T(alpha, from_$T(side)))) continue;
        $R beta = side > 0 ? -whole : whole;
        factors[j] = scale_$T(subtract_$T(from_$T(beta), alpha), 1 / beta);
        $T divisor = subtract_$T(alpha, from_$T(beta));
        for (i64 row = 1; row < rows - j; row++) top[row * columns] = divide_$T(top[row * columns], divisor);
        *top = from_$T(beta);
        for (i64 column = 1; column < columns - j; column++) {
            $T total = top[column];
            for (i64 row = 1; row < rows - j; row++) {
                total = add_$T(total, multiply_$T(conj_$T(top[row * columns]), top[row * columns + column]));
            }
            total = multiply_$T(conj_$T(factors[j]), total);
            top[column] = subtract_$T(top[column], total);
            for (i64 row = 1; row < rows - j; row++) {
                $T *x = top + row * columns + column;
                *x = subtract_$T(*x, multiply_$T(top[row * columns], total));
            }
        }
    }
    for (i64 row = 0; row < rows; row++) {
        for (i64 column = 0; column < kept; column++) q[row * kept + column] = row == column ? one_$T() : zero_$T();
    }
    for (i64 j = count - 1; j >= 0; j--) {
        for (i64 column = j; column < kept; column++) {
            $T total = q[j * kept + column];
            for (i64 row = j + 1; row < rows; row++) {
                total = add_$T(total, multiply_$T(conj_$T(a[row * columns + j]), q[row * kept + column]));
            }
            total = multiply_$T(factors[j], total);
            q[j * kept + column] = subtract_$T(q[j * kept + column], total);
            for (i64 row = j + 1; row < rows; row++) {
                q[row * kept + column] = subtract_$T(q[row * kept + column], multiply_$T(a[row * columns + j], total));
            }
        }
    }
    for (i64 row = 0; row < rows; row++) {
        for (i64 column = 0; column < row && column < columns; column++) a[row * columns + column] = zero_$T();
    }
}
