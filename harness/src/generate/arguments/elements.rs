//! Elements of arrays, and the order in which they are sorted.

use array_assay_interface::{DType, Element, Kind};

use crate::generate::values::Random;

/// A small number, so that sums and products stay in range.
pub(super) fn tame(random: &mut Random, dtype: DType) -> Element {
    let small = |random: &mut Random| random.below(9) as f64 - 4.0;
    let number = |random: &mut Random| match random.below(4) {
        0 => small(random),
        1 => small(random) / 4.0,
        _ => (random.unit() + 0.5) * if random.next() & 1 == 0 { 1.0 } else { -1.0 },
    };
    match dtype.kind() {
        Kind::Boolean => Element::Bool(random.next() & 1 == 0),
        Kind::UnsignedInteger => Element::Int(random.below(4) as i128),
        Kind::SignedInteger => Element::Int(random.below(6) as i128 - 2),
        Kind::RealFloating => Element::F64(number(random)).cast(dtype),
        Kind::ComplexFloating => Element::C128(number(random), number(random)).cast(dtype),
    }
}

/// A finite number. Its magnitude is drawn too, and small enough that low powers of the number do not overflow.
pub(super) fn finite(random: &mut Random, dtype: DType) -> Element {
    let plain = tame(random, dtype);
    let exponent = if random.below(4) == 0 { random.below(41) as i32 - 20 } else { 0 };
    let (re, im) = plain.components();
    Element::C128(re * 2f64.powi(exponent), im * 2f64.powi(exponent)).cast(dtype)
}

/// Whether a dtype has integers that float64 does not tell apart.
pub(super) fn has_large(dtype: DType) -> bool {
    dtype.is_integer() && dtype.size() == 8
}

/// An integer of such a dtype, after which the next few are in range and not told apart by float64. Unsigned ones may go beyond the signed
/// ones.
pub(super) fn large(random: &mut Random, dtype: DType) -> i128 {
    let high = dtype.integer_range().map_or(0, |(_, high)| high);
    [1 << 53, 1 << 60, high / 2 - 6, high - 16][random.below(4)] + random.below(8) as i128
}

/// A number in [0, 1], often a simple fraction.
pub(super) fn unit(random: &mut Random) -> f64 {
    if random.below(2) == 0 { random.below(9) as f64 / 8.0 } else { random.unit() }
}

/// NaN or a small number, or an infinity if `infinities` is set.
pub(super) fn holed(random: &mut Random, dtype: DType, infinities: bool) -> Element {
    let hole = |random: &mut Random, number: f64| match random.below(8) {
        0..4 => f64::NAN,
        4 | 5 if infinities => f64::INFINITY.copysign(number),
        _ => number,
    };
    match (tame(random, dtype), dtype.kind()) {
        (element, Kind::RealFloating) => Element::F64(hole(random, element.components().0)).cast(dtype),
        (element, Kind::ComplexFloating) => {
            let (re, im) = element.components();
            // A NaN in one component makes the number NaN.
            match random.below(4) {
                0 => Element::C128(hole(random, re), im),
                1 => Element::C128(re, hole(random, im)),
                _ => Element::C128(re, im),
            }
            .cast(dtype)
        }
        (element, _) => element,
    }
}

/// The order of real numbers, with NaN after all others.
pub(super) fn ascending(a: Element, b: Element) -> std::cmp::Ordering {
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => a.cmp(&b),
        _ => {
            let (a, b) = (a.components().0, b.components().0);
            a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
        }
    }
}
