//! Integers and booleans. The results are exact in 128 bits. The caller leaves unspecified what `dtype` cannot represent.

/// An integer and the properties of its dtype.
#[derive(Debug, Clone, Copy)]
pub struct Integer {
    /// The value.
    pub value: i128,
    /// The width of the dtype in bits.
    pub bits: u32,
    /// Whether the dtype is signed.
    pub signed: bool,
}

impl Integer {
    /// The number of places to shift by. `None` where the standard defines none: the number is negative, or at least the width.
    fn shift_count(self) -> Option<u32> {
        u32::try_from(self.value).ok().filter(|count| *count < self.bits)
    }
}

/// The quotient rounded toward negative infinity. `None` for a zero divisor.
pub fn floor_divide(x1: Integer, x2: Integer) -> Option<i128> {
    let quotient = x1.value.checked_div(x2.value)?;
    let inexact = x1.value % x2.value != 0;
    Some(quotient - (inexact && (x1.value < 0) != (x2.value < 0)) as i128)
}

/// The remainder of [`floor_divide`]. It has the sign of `x2`.
pub fn remainder(x1: Integer, x2: Integer) -> Option<i128> {
    let rest = x1.value.checked_rem(x2.value)?;
    Some(if rest != 0 && (rest < 0) != (x2.value < 0) { rest + x2.value } else { rest })
}

/// The power. `None` for a negative exponent. `0 ** 0` is 1.
pub fn pow(x1: Integer, x2: Integer) -> Option<i128> {
    match (x1.value, x2.value) {
        (_, exponent) if exponent < 0 => None,
        (_, 0) => Some(1),
        (base @ (0 | 1), _) => Some(base),
        (-1, exponent) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        // The power of any other base exceeds 64 bits before the exponent exceeds `u32`.
        (base, exponent) => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

/// `x1 * 2**x2`.
pub fn left_shift(x1: Integer, x2: Integer) -> Option<i128> {
    // 64 bits shifted by at most 63 places fit.
    Some(x1.value << x2.shift_count()?)
}

/// `floor(x1 / 2**x2)`. The sign is propagated.
pub fn right_shift(x1: Integer, x2: Integer) -> Option<i128> {
    Some(x1.value >> x2.shift_count()?)
}

/// The value with every bit of the dtype flipped.
pub fn invert(x: Integer) -> Option<i128> {
    Some(if x.signed { !x.value } else { !x.value & ((1 << x.bits) - 1) })
}

/// `x` limited to `[min, max]`. `None` if `min` exceeds `max`.
pub fn clip(x: Integer, min: Integer, max: Integer) -> Option<i128> {
    (min.value <= max.value).then(|| x.value.clamp(min.value, max.value))
}
