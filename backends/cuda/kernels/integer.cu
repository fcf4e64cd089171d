/* Operations on integers of type $T. Sums and products wrap: they are made of unsigned numbers of 64 bits. */
DEVICE $T zero_$T(void) { return 0; }
DEVICE $T one_$T(void) { return 1; }
DEVICE b8 is_true_$T($T a) { return a != 0; }
DEVICE $T add_$T($T a, $T b) { return ($T)((u64)a + (u64)b); }
DEVICE $T subtract_$T($T a, $T b) { return ($T)((u64)a - (u64)b); }
DEVICE $T multiply_$T($T a, $T b) { return ($T)((u64)a * (u64)b); }
DEVICE $T negative_$T($T a) { return ($T)(0 - (u64)a); }
DEVICE $T positive_$T($T a) { return a; }
DEVICE $T conj_$T($T a) { return a; }
DEVICE $T abs_$T($T a) { return a < 0 ? negative_$T(a) : a; }
DEVICE $T sign_$T($T a) { return ($T)((a > 0) - (a < 0)); }
DEVICE $T square_$T($T a) { return multiply_$T(a, a); }
DEVICE $T ceil_$T($T a) { return a; }
DEVICE $T floor_$T($T a) { return a; }
DEVICE $T round_$T($T a) { return a; }
DEVICE $T trunc_$T($T a) { return a; }
DEVICE b8 isfinite_$T($T a) { return a == a; }
DEVICE b8 isinf_$T($T a) { return a != a; }
DEVICE b8 isnan_$T($T a) { return a != a; }
DEVICE b8 equal_$T($T a, $T b) { return a == b; }
DEVICE b8 not_equal_$T($T a, $T b) { return a != b; }
DEVICE b8 less_$T($T a, $T b) { return a < b; }
DEVICE b8 less_equal_$T($T a, $T b) { return a <= b; }
DEVICE b8 greater_$T($T a, $T b) { return a > b; }
DEVICE b8 greater_equal_$T($T a, $T b) { return a >= b; }
DEVICE $T maximum_$T($T a, $T b) { return a < b ? b : a; }
DEVICE $T minimum_$T($T a, $T b) { return b < a ? b : a; }
DEVICE $T bitwise_and_$T($T a, $T b) { return ($T)(a & b); }
DEVICE $T bitwise_or_$T($T a, $T b) { return ($T)(a | b); }
DEVICE $T bitwise_xor_$T($T a, $T b) { return ($T)(a ^ b); }
DEVICE $T bitwise_invert_$T($T a) { return ($T)~a; }

/* A count of the width and more moves every bit out. */
DEVICE $T bitwise_left_shift_$T($T a, $T b)
{
    return b < 0 || (u64)b >= 8 * sizeof($T) ? ($T)0 : ($T)((u64)a << b);
}

DEVICE $T bitwise_right_shift_$T($T a, $T b)
{
    return b < 0 || (u64)b >= 8 * sizeof($T) ? ($T)(a < 0 ? -1 : 0) : ($T)(a >> b);
}

/* A division by zero, which the standard leaves open, gives zero. */
DEVICE $T floor_divide_$T($T a, $T b)
{
    if (b == 0) return 0;
    if (b < 0 && ($T)(b + 1) == 0) return negative_$T(a);
    $T quotient = ($T)(a / b);
    return a % b != 0 && (a < 0) != (b < 0) ? ($T)(quotient - 1) : quotient;
}

DEVICE $T remainder_$T($T a, $T b)
{
    if (b == 0 || (b < 0 && ($T)(b + 1) == 0)) return 0;
    $T rest = ($T)(a % b);
    return rest != 0 && (a < 0) != (b < 0) ? ($T)(rest + b) : rest;
}

/* A negative exponent, which the standard leaves open, gives the power rounded toward zero. */
DEVICE $T pow_$T($T a, $T b)
{
    if (b < 0) return a == 1 ? 1 : (a < 0 && ($T)(a + 1) == 0) ? (b & 1 ? a : ($T)1) : ($T)0;
    $T power = 1;
    for (; b > 0; b = ($T)(b >> 1)) {
        if (b & 1) power = multiply_$T(power, a);
        a = multiply_$T(a, a);
    }
    return power;
}
