/* Operations on complex numbers of type $T with components of type $R, but for the transcendental ones. */
DEVICE $T make_$T($R re, $R im)
{
    $T a;
    a.re = re;
    a.im = im;
    return a;
}

DEVICE $T zero_$T(void) { return make_$T(0, 0); }
DEVICE $T one_$T(void) { return make_$T(1, 0); }
DEVICE b8 is_true_$T($T a) { return a.re != 0 || a.im != 0; }
DEVICE b8 isnan_$T($T a) { return isnan_$R(a.re) || isnan_$R(a.im); }
DEVICE b8 isinf_$T($T a) { return isinf_$R(a.re) || isinf_$R(a.im); }
DEVICE b8 isfinite_$T($T a) { return isfinite_$R(a.re) && isfinite_$R(a.im); }
DEVICE $T add_$T($T a, $T b) { return make_$T(a.re + b.re, a.im + b.im); }
DEVICE $T subtract_$T($T a, $T b) { return make_$T(a.re - b.re, a.im - b.im); }
DEVICE $T negative_$T($T a) { return make_$T(-a.re, -a.im); }
DEVICE $T positive_$T($T a) { return a; }
DEVICE $T conj_$T($T a) { return make_$T(a.re, -a.im); }
DEVICE $R real_$T($T a) { return a.re; }
DEVICE $R imag_$T($T a) { return a.im; }
DEVICE $R abs_$T($T a) { return hypot$m(a.re, a.im); }
DEVICE $T round_$T($T a) { return make_$T(rint$m(a.re), rint$m(a.im)); }
DEVICE b8 equal_$T($T a, $T b) { return a.re == b.re && a.im == b.im; }
DEVICE b8 not_equal_$T($T a, $T b) { return !equal_$T(a, b); }
DEVICE $T scale_$T($T a, $R by) { return make_$T(a.re * by, a.im * by); }

/* The difference of two products with one rounding of the first (Kahan). */
DEVICE $R cross_$T($R a, $R b, $R c, $R d)
{
    $R second = c * d, rest = fma$m(c, -d, second), sum = fma$m(a, b, -second);
    return isfinite_$R(sum + rest) ? sum + rest : a * b - second;
}

DEVICE $T multiply_$T($T a, $T b)
{
    return make_$T(cross_$T(a.re, b.re, a.im, b.im), cross_$T(a.re, b.im, -a.im, b.re));
}

DEVICE $T square_$T($T a) { return multiply_$T(a, a); }

/* The divisor is scaled by a power of two, so that its norm neither overflows nor underflows. */
DEVICE $T divide_$T($T a, $T b)
{
    $R size = maximum_$R(fabs$m(b.re), fabs$m(b.im)), grown = maximum_$R(fabs$m(a.re), fabs$m(a.im));
    int down = 0, up = 0;
    if (isfinite_$R(size) && size > 0) {
        down = ilogb$m(size);
        b = make_$T(ldexp$m(b.re, -down), ldexp$m(b.im, -down));
    }
    if (isfinite_$R(grown) && grown > 0) {
        up = ilogb$m(grown);
        a = make_$T(ldexp$m(a.re, -up), ldexp$m(a.im, -up));
    }
    $R norm = b.re * b.re + b.im * b.im;
    $R re = cross_$T(a.re, b.re, -a.im, b.im) / norm, im = cross_$T(a.im, b.re, a.re, b.im) / norm;
    return make_$T(ldexp$m(re, up - down), ldexp$m(im, up - down));
}

DEVICE $T reciprocal_$T($T a) { return divide_$T(one_$T(), a); }

/* The number over its modulus. It is scaled first, so that the modulus is neither subnormal nor infinite. */
DEVICE $T sign_$T($T a)
{
    if (isnan_$T(a)) return make_$T(($R)NOT_A_NUMBER, ($R)NOT_A_NUMBER);
    $R size = maximum_$R(fabs$m(a.re), fabs$m(a.im));
    if (size == 0) return zero_$T();
    if (isfinite_$R(size)) {
        int by = -ilogb$m(size);
        a = make_$T(ldexp$m(a.re, by), ldexp$m(a.im, by));
    }
    $R modulus = hypot$m(a.re, a.im);
    return make_$T(a.re / modulus, a.im / modulus);
}

/* By the real component, then by the imaginary one: an order for sorting, not one of the standard. */
DEVICE b8 less_$T($T a, $T b) { return a.re < b.re || (a.re == b.re && a.im < b.im); }

DEVICE $T from_$T($R a) { return make_$T(a, 0); }
DEVICE $R norm_$T($T a) { return a.re * a.re + a.im * a.im; }
