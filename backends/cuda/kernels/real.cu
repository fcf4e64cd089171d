/* Operations on real floating-point numbers of type $T. The functions of the mathematics library end in `$m`. */
DEVICE $T zero_$T(void) { return 0; }
DEVICE $T one_$T(void) { return 1; }
DEVICE b8 is_true_$T($T a) { return a != 0; }
DEVICE b8 isnan_$T($T a) { return a != a; }
DEVICE b8 isinf_$T($T a) { return a == ($T)INF || a == -($T)INF; }
DEVICE b8 isfinite_$T($T a) { return a - a == 0; }
DEVICE b8 signbit_$T($T a) { return copysign$m(($T)1, a) < 0; }
DEVICE $T add_$T($T a, $T b) { return a + b; }
DEVICE $T subtract_$T($T a, $T b) { return a - b; }
DEVICE $T multiply_$T($T a, $T b) { return a * b; }
DEVICE $T divide_$T($T a, $T b) { return a / b; }
DEVICE $T negative_$T($T a) { return -a; }
DEVICE $T positive_$T($T a) { return a; }
DEVICE $T conj_$T($T a) { return a; }
DEVICE $T real_$T($T a) { return a; }
DEVICE $T abs_$T($T a) { return fabs$m(a); }
DEVICE $T square_$T($T a) { return a * a; }
DEVICE $T reciprocal_$T($T a) { return 1 / a; }
DEVICE $T sign_$T($T a) { return a > 0 ? ($T)1 : a < 0 ? ($T)-1 : a == 0 ? ($T)0 : a; }
DEVICE $T ceil_$T($T a) { return ceil$m(a); }
DEVICE $T floor_$T($T a) { return floor$m(a); }
DEVICE $T trunc_$T($T a) { return trunc$m(a); }
DEVICE $T round_$T($T a) { return rint$m(a); }
DEVICE $T sqrt_$T($T a) { return sqrt$m(a); }
DEVICE $T exp_$T($T a) { return exp$m(a); }
DEVICE $T expm1_$T($T a) { return expm1$m(a); }
DEVICE $T log_$T($T a) { return log$m(a); }
DEVICE $T log1p_$T($T a) { return log1p$m(a); }
DEVICE $T log2_$T($T a) { return log2$m(a); }
DEVICE $T log10_$T($T a) { return log10$m(a); }
DEVICE $T sin_$T($T a) { return sin$m(a); }
DEVICE $T cos_$T($T a) { return cos$m(a); }
DEVICE $T tan_$T($T a) { return tan$m(a); }
DEVICE $T asin_$T($T a) { return asin$m(a); }
DEVICE $T acos_$T($T a) { return acos$m(a); }
DEVICE $T atan_$T($T a) { return atan$m(a); }
DEVICE $T sinh_$T($T a) { return sinh$m(a); }
DEVICE $T cosh_$T($T a) { return cosh$m(a); }
DEVICE $T tanh_$T($T a) { return tanh$m(a); }
DEVICE $T asinh_$T($T a) { return asinh$m(a); }
DEVICE $T acosh_$T($T a) { return acosh$m(a); }
DEVICE $T atanh_$T($T a) { return atanh$m(a); }
DEVICE $T atan2_$T($T a, $T b) { return atan2$m(a, b); }
DEVICE $T hypot_$T($T a, $T b) { return hypot$m(a, b); }
DEVICE $T copysign_$T($T a, $T b) { return copysign$m(a, b); }
DEVICE $T nextafter_$T($T a, $T b) { return nextafter$m(a, b); }
DEVICE $T pow_$T($T a, $T b) { return pow$m(a, b); }
DEVICE b8 equal_$T($T a, $T b) { return a == b; }
DEVICE b8 not_equal_$T($T a, $T b) { return a != b; }
DEVICE b8 less_$T($T a, $T b) { return a < b; }
DEVICE b8 less_equal_$T($T a, $T b) { return a <= b; }
DEVICE b8 greater_$T($T a, $T b) { return a > b; }
DEVICE b8 greater_equal_$T($T a, $T b) { return a >= b; }

/* A NaN among the operands is the result. */
DEVICE $T maximum_$T($T a, $T b) { return a != a || b < a || (a == b && !signbit_$T(a)) ? a : b; }
DEVICE $T minimum_$T($T a, $T b) { return a != a || a < b || (a == b && signbit_$T(a)) ? a : b; }

DEVICE $T remainder_$T($T a, $T b)
{
    $T rest = fmod$m(a, b);
    if (rest == 0) return copysign$m(($T)0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

/* The floor of the exact quotient. The rounded quotient is less than one away from the exact one, and the sign of what is left, which
   one fused operation gives exactly, says on which side. */
DEVICE $T floor_divide_$T($T a, $T b)
{
    $T quotient = a / b;
    if (!isfinite_$T(quotient) || a == 0 || isinf_$T(b) || fabs$m(quotient) >= ($T)$exact) return quotient;
    $T near = rint$m(quotient), rest = fma$m(-near, b, a);
    if (rest != 0 && (rest < 0) != (b < 0)) near -= 1;
    return near == 0 ? copysign$m(near, quotient) : near;
}

DEVICE $T logaddexp_$T($T a, $T b)
{
    if (a == b) return a + ($T)LN2;
    if (a != a || b != b) return a + b;
    return maximum_$T(a, b) + log1p$m(exp$m(-fabs$m(a - b)));
}

/* As of a complex number: for algorithms that are written once for both. */
DEVICE $T from_$T($T a) { return a; }
DEVICE $T scale_$T($T a, $T by) { return a * by; }
DEVICE $T norm_$T($T a) { return a * a; }
