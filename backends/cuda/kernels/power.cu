/* Powers of complex numbers. The logarithm and its product with the exponent have twice the precision of doubles, because an error of the
 * exponent counts as often as the exponent is large. The operations on pairs are from T. J. Dekker, "A floating-point technique for
 * extending the available precision" (1971). */

/* The sum of two doubles, of which the second is at most half a unit in the last place of the first. */
typedef struct { f64 high, low; } pair;
typedef struct { pair re, im; } complex_pair;

DEVICE pair make_pair(f64 high, f64 low)
{
    pair a;
    a.high = high + low;
    a.low = low - (a.high - high);
    return a;
}

DEVICE pair sum_of(f64 a, f64 b)
{
    pair total;
    total.high = a + b;
    f64 part = total.high - a;
    total.low = (a - (total.high - part)) + (b - part);
    return total;
}

DEVICE pair product_of(f64 a, f64 b)
{
    pair total;
    total.high = a * b;
    total.low = fma(a, b, -total.high);
    return total;
}

DEVICE pair add_pairs(pair a, pair b)
{
    pair high = sum_of(a.high, b.high), low = sum_of(a.low, b.low);
    high = make_pair(high.high, high.low + low.high);
    return make_pair(high.high, high.low + low.low);
}

DEVICE pair negated(pair a)
{
    a.high = -a.high;
    a.low = -a.low;
    return a;
}

DEVICE pair multiply_pairs(pair a, pair b)
{
    pair total = product_of(a.high, b.high);
    return make_pair(total.high, total.low + (a.high * b.low + a.low * b.high));
}

DEVICE pair divide_pairs(pair a, pair b)
{
    f64 first = a.high / b.high;
    pair rest = add_pairs(a, negated(multiply_pairs(b, make_pair(first, 0))));
    f64 second = rest.high / b.high;
    rest = add_pairs(rest, negated(multiply_pairs(b, make_pair(second, 0))));
    pair total = make_pair(first, second);
    return add_pairs(total, make_pair(rest.high / b.high, 0));
}

DEVICE complex_pair make_complex_pair(pair re, pair im)
{
    complex_pair a;
    a.re = re;
    a.im = im;
    return a;
}

DEVICE complex_pair exactly(c128 a) { return make_complex_pair(make_pair(a.re, 0), make_pair(a.im, 0)); }

DEVICE complex_pair add_complex_pairs(complex_pair a, complex_pair b)
{
    return make_complex_pair(add_pairs(a.re, b.re), add_pairs(a.im, b.im));
}

DEVICE complex_pair multiply_complex_pairs(complex_pair a, complex_pair b)
{
    return make_complex_pair(add_pairs(multiply_pairs(a.re, b.re), negated(multiply_pairs(a.im, b.im))),
                             add_pairs(multiply_pairs(a.re, b.im), multiply_pairs(a.im, b.re)));
}

DEVICE complex_pair divide_complex_pairs(complex_pair a, complex_pair b)
{
    pair norm = add_pairs(multiply_pairs(b.re, b.re), multiply_pairs(b.im, b.im));
    complex_pair above = multiply_complex_pairs(a, make_complex_pair(b.re, negated(b.im)));
    return make_complex_pair(divide_pairs(above.re, norm), divide_pairs(above.im, norm));
}

/* Half of the sum of a number and of another one over it: a step of Newton's method for a square root. */
DEVICE complex_pair root_step(c128 near, complex_pair a)
{
    complex_pair sum = add_complex_pairs(exactly(near), divide_complex_pairs(a, exactly(near)));
    sum.re.high *= 0.5;
    sum.re.low *= 0.5;
    sum.im.high *= 0.5;
    sum.im.low *= 0.5;
    return sum;
}

/* The logarithm of a finite number that is not zero. A power of two and three square roots leave a number near one, whose logarithm is twice
 * the inverse hyperbolic tangent of (w - 1) / (w + 1). */
DEVICE complex_pair log_pair(c128 z)
{
    int by = ilogb(maximum_f64(fabs(z.re), fabs(z.im)));
    c128 near = make_c128(ldexp(z.re, -by), ldexp(z.im, -by));
    complex_pair w = exactly(near);
    for (int root = 0; root < 3; root++) {
        near = sqrt_c128(near);
        w = root_step(near, w);
        near = make_c128(w.re.high, w.im.high);
    }
    complex_pair one = exactly(one_c128());
    complex_pair ratio = divide_complex_pairs(add_complex_pairs(w, exactly(make_c128(-1, 0))), add_complex_pairs(w, one));
    complex_pair square = multiply_complex_pairs(ratio, ratio), total = exactly(zero_c128());
    for (int term = 24; term >= 0; term--) {
        total = multiply_complex_pairs(total, square);
        total.re = add_pairs(total.re, divide_pairs(make_pair(1, 0), make_pair(2 * term + 1, 0)));
    }
    total = multiply_complex_pairs(total, ratio);
    /* Twice the tangent, for each of eight equal factors. */
    total = multiply_complex_pairs(total, exactly(make_c128(16, 0)));
    total.re = add_pairs(total.re, multiply_pairs(make_pair(by, 0), make_pair(0.6931471805599453, 2.3190468138462996e-17)));
    /* A modulus so near to one has a logarithm that is smaller than the error of the sum above. */
    f64 modulus = log_modulus(z.re, z.im);
    if (fabs(modulus) < 1e-16) total.re = make_pair(modulus, 0);
    return total;
}

/* exp of a pair, by the nearest multiples of log(2) and of a right angle. */
DEVICE c128 exp_pair(complex_pair z)
{
    if (!(fabs(z.re.high) < 2000) || !(fabs(z.im.high) < 1e30)) return exp_c128(make_c128(z.re.high, z.im.high));
    f64 power = rint(z.re.high / LN2), quarter = rint(z.im.high / (PI / 2));
    pair re = add_pairs(z.re, negated(multiply_pairs(make_pair(power, 0), make_pair(0.6931471805599453, 2.3190468138462996e-17))));
    pair im = add_pairs(z.im, negated(product_of(quarter, 1.5707963267948966)));
    im = add_pairs(im, negated(product_of(quarter, 6.123233995736766e-17)));
    im.low += quarter * 1.4973849048591833e-33;
    f64 size = exp(re.high);
    size += size * re.low;
    f64 c = cos(im.high), s = sin(im.high), cosine = c - im.low * s, sine = s + im.low * c, turned;
    switch ((int)fmod(quarter, 4.0) & 3) {
    case 0: break;
    case 1:
        turned = cosine;
        cosine = -sine;
        sine = turned;
        break;
    case 2:
        cosine = -cosine;
        sine = -sine;
        break;
    default:
        turned = cosine;
        cosine = sine;
        sine = -turned;
    }
    return make_c128(ldexp(size * cosine, (int)power), ldexp(size * sine, (int)power));
}

/* A power of a number on an axis, which makes `turns` quarters of a circle, with a real exponent: the angle is reduced exactly. */
DEVICE c128 power_on_axis(f64 modulus, int turns, f64 exponent)
{
    f64 size = pow(modulus, exponent), quarters = fmod(fmod(exponent, 4.0) * turns, 4.0), near = rint(quarters);
    f64 angle = (quarters - near) * (PI / 2), c = cos(angle), s = sin(angle);
    switch ((int)near & 3) {
    case 0: return make_c128(size * c, size * s);
    case 1: return make_c128(-size * s, size * c);
    case 2: return make_c128(-size * c, -size * s);
    default: return make_c128(size * s, -size * c);
    }
}

DEVICE c128 pow_c128(c128 a, c128 b)
{
    if (b.re == 0 && b.im == 0) return one_c128();
    if (a.re == 0 && a.im == 0) {
        if (b.re > 0) return zero_c128();
        return make_c128(b.im == 0 ? INF : NOT_A_NUMBER, b.im == 0 ? 0 : NOT_A_NUMBER);
    }
    if (!isfinite_c128(a) || !isfinite_c128(b)) return exp_c128(multiply_c128(b, log_c128(a)));
    if (b.im == 0 && (a.re == 0 || a.im == 0)) {
        if (a.im == 0) return power_on_axis(fabs(a.re), a.re > 0 ? 0 : signbit_f64(a.im) ? -2 : 2, b.re);
        return power_on_axis(fabs(a.im), a.im > 0 ? 1 : -1, b.re);
    }
    /* Few products: whole numbers stay whole. */
    if (b.im == 0 && b.re > 0 && b.re <= 4 && b.re == floor(b.re)) {
        c128 power = a;
        for (int count = (int)b.re; count > 1; count--) power = multiply_c128(power, a);
        if (isfinite_c128(power)) return power;
    }
    complex_pair logarithm = log_pair(a), exponent = multiply_complex_pairs(exactly(b), logarithm);
    if (isfinite_f64(exponent.re.high + exponent.im.high) && isfinite_f64(exponent.re.low + exponent.im.low)) return exp_pair(exponent);
    return exp_c128(multiply_c128(b, make_c128(logarithm.re.high, logarithm.im.high)));
}
