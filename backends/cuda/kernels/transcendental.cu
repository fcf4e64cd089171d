/* Transcendental functions of complex numbers, in double precision. Values at infinities and NaN are those that the standard lists,
   which are those of C's annex G. The formulas are from W. Kahan, "Branch cuts for complex elementary functions" (1987), where no other
   source is named. */

/* exp(a) times (c, s), where exp(a) alone may overflow or underflow. */
DEVICE c128 scaled_exp(f64 a, f64 c, f64 s)
{
    if (a > 700 && a < 1500) {
        f64 first = exp(a - 700), second = exp(700.0);
        return make_c128(first * c * second, first * s * second);
    }
    if (a < -700 && a > -1500) {
        f64 first = exp(a + 700), second = exp(-700.0);
        return make_c128(first * c * second, first * s * second);
    }
    f64 power = exp(a);
    return make_c128(power * c, power * s);
}

DEVICE c128 exp_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isfinite_f64(a) && isfinite_f64(b)) {
        return b == 0 ? make_c128(exp(a), b) : scaled_exp(a, cos(b), sin(b));
    }
    if (isnan_f64(a)) return make_c128(a, b == 0 ? b : NOT_A_NUMBER);
    if (a == -INF) {
        if (!isfinite_f64(b)) return make_c128(0, copysign(0.0, b));
        return make_c128(0 * cos(b), 0 * sin(b));
    }
    if (a == INF) {
        if (b == 0) return make_c128(INF, b);
        if (!isfinite_f64(b)) return make_c128(INF, NOT_A_NUMBER);
        return make_c128(INF * cos(b), INF * sin(b));
    }
    return make_c128(NOT_A_NUMBER, NOT_A_NUMBER);
}

DEVICE c128 expm1_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isfinite_f64(a) && isfinite_f64(b)) {
        if (b == 0) return make_c128(expm1(a), b);
        if (a > 700) return exp_c128(z);
        f64 half = sin(b / 2), power = exp(a);
        return make_c128(expm1(a) * cos(b) - 2 * half * half, power * sin(b));
    }
    if (a == -INF) {
        if (!isfinite_f64(b)) return make_c128(-1, copysign(0.0, b));
        return make_c128(0 * cos(b) - 1, 0 * sin(b));
    }
    return exp_c128(z);
}

/* Half of log(a*a + b*b) of finite numbers that are not both zero. Near one the difference is formed first; far from one a power of two is
   taken out. */
DEVICE f64 log_modulus(f64 a, f64 b)
{
    a = fabs(a);
    b = fabs(b);
    f64 large = a < b ? b : a, small = a < b ? a : b;
    if (large > 0.4 && large < 2.5) {
        /* The squares in two parts each: their sum less one cancels. */
        f64 square = large * large, rest = fma(large, large, -square);
        f64 other = small * small, more = fma(small, small, -other);
        f64 sum = (square - 1) + other;
        f64 lost = ((square - 1) - (sum - (sum - (square - 1)))) + (other - (sum - (square - 1)));
        f64 excess = sum + (lost + rest + more);
        if (excess > -0.6) return 0.5 * log1p(excess);
    }
    int by = ilogb(large);
    return log(hypot(ldexp(large, -by), ldexp(small, -by))) + by * LN2;
}

DEVICE c128 log_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isfinite_f64(a) && isfinite_f64(b)) {
        if (a == 0 && b == 0) return make_c128(-INF, atan2(b, a));
        return make_c128(log_modulus(a, b), atan2(b, a));
    }
    if (isinf_f64(a) || isinf_f64(b)) return make_c128(INF, atan2(b, a));
    return make_c128(NOT_A_NUMBER, NOT_A_NUMBER);
}

DEVICE c128 log1p_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (!isfinite_f64(a) || !isfinite_f64(b)) return log_c128(z);
    if (a == -1 && b == 0) return make_c128(-INF, b);
    f64 angle = atan2(b, 1 + a);
    if (fabs(a) < 0.5 && fabs(b) < 0.5) {
        /* a*a + b*b + 2*a in two parts, as the terms may cancel. */
        f64 square = b * b, rest = fma(b, b, -square);
        f64 twice = a * (2 + a), more = fma(a, 2 + a, -twice) + a * (a - ((2 + a) - 2));
        f64 sum = twice + square, part = sum - twice;
        f64 lost = (twice - (sum - part)) + (square - part);
        return make_c128(0.5 * log1p(sum + (lost + rest + more)), angle);
    }
    return make_c128(log_modulus(1 + a, b), angle);
}

DEVICE c128 log2_c128(c128 z)
{
    c128 l = log_c128(z);
    return make_c128(l.re / LN2, l.im / LN2);
}

DEVICE c128 log10_c128(c128 z)
{
    c128 l = log_c128(z);
    return make_c128(l.re / 2.30258509299404568402, l.im / 2.30258509299404568402);
}

DEVICE c128 sqrt_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isinf_f64(b)) return make_c128(INF, b);
    if (a == INF) return make_c128(a, isnan_f64(b) ? b : copysign(0.0, b));
    if (a == -INF) return isnan_f64(b) ? make_c128(b, INF) : make_c128(0, copysign(INF, b));
    if (isnan_f64(a) || isnan_f64(b)) return make_c128(NOT_A_NUMBER, NOT_A_NUMBER);
    if (a == 0 && b == 0) return make_c128(0, b);
    /* An even power of two is taken out. */
    int by = ilogb(maximum_f64(fabs(a), fabs(b)));
    by -= by & 1;
    a = ldexp(a, -by);
    b = ldexp(b, -by);
    f64 root = sqrt((fabs(a) + hypot(a, b)) / 2), other = b / (2 * root);
    if (a >= 0) return make_c128(ldexp(root, by / 2), ldexp(other, by / 2));
    return make_c128(ldexp(fabs(other), by / 2), ldexp(copysign(root, b), by / 2));
}

DEVICE c128 sinh_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isfinite_f64(a) && isfinite_f64(b)) {
        if (b == 0) return make_c128(sinh(a), b);
        f64 c = cos(b), s = sin(b);
        if (fabs(a) < 22) return make_c128(sinh(a) * c, cosh(a) * s);
        c128 power = scaled_exp(fabs(a) - LN2, c, s);
        return make_c128(a < 0 ? -power.re : power.re, power.im);
    }
    if (isinf_f64(a)) {
        if (b == 0) return make_c128(a, b);
        if (!isfinite_f64(b)) return make_c128(a, NOT_A_NUMBER);
        return make_c128(a * cos(b), INF * sin(b));
    }
    if (isnan_f64(a)) return make_c128(a, b == 0 ? b : NOT_A_NUMBER);
    return make_c128(a == 0 ? a : NOT_A_NUMBER, NOT_A_NUMBER);
}

DEVICE c128 cosh_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isfinite_f64(a) && isfinite_f64(b)) {
        if (b == 0) return make_c128(cosh(a), a < 0 || (a == 0 && signbit_f64(a)) ? -b : b);
        f64 c = cos(b), s = sin(b);
        if (fabs(a) < 22) return make_c128(cosh(a) * c, sinh(a) * s);
        c128 power = scaled_exp(fabs(a) - LN2, c, s);
        return make_c128(power.re, a < 0 ? -power.im : power.im);
    }
    if (isinf_f64(a)) {
        if (b == 0) return make_c128(INF, copysign(1.0, a) * b);
        if (!isfinite_f64(b)) return make_c128(INF, NOT_A_NUMBER);
        return make_c128(INF * cos(b), a * sin(b));
    }
    if (isnan_f64(a)) return make_c128(a, b == 0 ? b : NOT_A_NUMBER);
    return make_c128(NOT_A_NUMBER, a == 0 ? a : NOT_A_NUMBER);
}

DEVICE c128 tanh_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isinf_f64(a)) return make_c128(copysign(1.0, a), isfinite_f64(b) ? copysign(0.0, sin(2 * b)) : copysign(0.0, b));
    if (isnan_f64(a)) return make_c128(a, b == 0 ? b : NOT_A_NUMBER);
    if (!isfinite_f64(b)) return make_c128(a == 0 ? a : NOT_A_NUMBER, NOT_A_NUMBER);
    if (b == 0) return make_c128(tanh(a), b);
    if (fabs(a) > 22) return make_c128(copysign(1.0, a), 4 * sin(b) * cos(b) * exp(-2 * fabs(a)));
    f64 t = tan(b), beta = 1 + t * t, s = sinh(a), rho = sqrt(1 + s * s);
    f64 norm = 1 + beta * s * s;
    return make_c128(beta * rho * s / norm, t / norm);
}

/* i times a number. */
DEVICE c128 turned(c128 z) { return make_c128(-z.im, z.re); }
/* -i times a number. */
DEVICE c128 turned_back(c128 z) { return make_c128(z.im, -z.re); }

DEVICE c128 sin_c128(c128 z) { return turned_back(sinh_c128(turned(z))); }
DEVICE c128 cos_c128(c128 z) { return cosh_c128(turned(z)); }
DEVICE c128 tan_c128(c128 z) { return turned_back(tanh_c128(turned(z))); }

DEVICE b8 is_large(c128 z) { return fabs(z.re) > 1e150 || fabs(z.im) > 1e150; }

DEVICE c128 asinh_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isnan_f64(a)) {
        if (b == 0) return make_c128(a, b);
        return make_c128(isinf_f64(b) ? INF : NOT_A_NUMBER, NOT_A_NUMBER);
    }
    if (isnan_f64(b)) return make_c128(isinf_f64(a) ? a : NOT_A_NUMBER, NOT_A_NUMBER);
    if (isinf_f64(a) || isinf_f64(b)) return make_c128(copysign(INF, a), copysign(atan2(fabs(b), fabs(a)), b));
    if (is_large(z)) return make_c128(copysign(log_modulus(a, b) + LN2, a), copysign(atan2(fabs(b), fabs(a)), b));
    /* asinh(z) = -i asin(i z), with the roots of 1 - i z and 1 + i z. */
    c128 below = sqrt_c128(make_c128(1 + b, -a)), above = sqrt_c128(make_c128(1 - b, a));
    f64 re = below.re * above.im - below.im * above.re;
    f64 product = below.re * above.re - below.im * above.im;
    return make_c128(copysign(asinh(fabs(re)), a), atan2(b, fabs(product)));
}

DEVICE c128 asin_c128(c128 z) { return turned_back(asinh_c128(turned(z))); }

DEVICE c128 acos_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isnan_f64(a)) return make_c128(NOT_A_NUMBER, isinf_f64(b) ? -b : NOT_A_NUMBER);
    if (isnan_f64(b)) {
        if (isinf_f64(a)) return make_c128(NOT_A_NUMBER, INF);
        return make_c128(a == 0 ? PI / 2 : NOT_A_NUMBER, NOT_A_NUMBER);
    }
    if (isinf_f64(a) || isinf_f64(b)) return make_c128(atan2(fabs(b), a), -copysign(INF, b));
    if (is_large(z)) return make_c128(atan2(fabs(b), a), -copysign(log_modulus(a, b) + LN2, b));
    c128 below = sqrt_c128(make_c128(1 - a, -b)), above = sqrt_c128(make_c128(1 + a, b));
    f64 im = above.re * below.im - above.im * below.re;
    return make_c128(2 * atan2(below.re, above.re), copysign(asinh(fabs(im)), -b));
}

DEVICE c128 acosh_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isnan_f64(a)) return make_c128(isinf_f64(b) ? INF : NOT_A_NUMBER, NOT_A_NUMBER);
    if (isnan_f64(b)) {
        if (isinf_f64(a)) return make_c128(INF, NOT_A_NUMBER);
        return make_c128(NOT_A_NUMBER, a == 0 ? PI / 2 : NOT_A_NUMBER);
    }
    if (isinf_f64(a) || isinf_f64(b)) return make_c128(INF, atan2(b, a));
    if (is_large(z)) return make_c128(log_modulus(a, b) + LN2, atan2(b, a));
    c128 below = sqrt_c128(make_c128(a - 1, b)), above = sqrt_c128(make_c128(a + 1, b));
    f64 re = below.re * above.re + below.im * above.im;
    return make_c128(asinh(fabs(re)), 2 * atan2(below.im, above.re));
}

DEVICE c128 atanh_c128(c128 z)
{
    f64 a = z.re, b = z.im;
    if (isnan_f64(a)) {
        if (isinf_f64(b)) return make_c128(0, copysign(PI / 2, b));
        return make_c128(NOT_A_NUMBER, NOT_A_NUMBER);
    }
    if (isnan_f64(b)) return make_c128(isinf_f64(a) || a == 0 ? copysign(0.0, a) : NOT_A_NUMBER, NOT_A_NUMBER);
    if (isinf_f64(a) || isinf_f64(b)) return make_c128(copysign(0.0, a), copysign(PI / 2, b));
    f64 x = fabs(a), y = fabs(b), re, im;
    if (x > 1e150 || y > 1e150) {
        /* The real component is that of 1 / z, and the other one a right angle. */
        f64 size = maximum_f64(x, y), ratio = (x / size) / ((x / size) * (x / size) + (y / size) * (y / size));
        return make_c128(copysign(ratio / size, a), copysign(PI / 2, b));
    }
    if (x == 1 && y < 1e-140) {
        re = y == 0 ? INF : 0.5 * (LN2 - log(y));
        im = y == 0 ? 0 : (PI / 2 + atan2(y, 2.0)) / 2;
        return make_c128(copysign(re, a), copysign(im, b));
    }
    re = 0.25 * log1p(4 * x / ((1 - x) * (1 - x) + y * y));
    im = 0.5 * atan2(2 * y, (1 - x) * (1 + x) - y * y);
    return make_c128(copysign(re, a), copysign(im, b));
}

DEVICE c128 atan_c128(c128 z) { return turned_back(atanh_c128(turned(z))); }
