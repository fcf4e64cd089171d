//! Corner values: the elements at which the rules of arithmetic change, and their products.

use array_assay_interface::{DType, Element, Kind};

/// The greatest number of elements of a product. Larger products are thinned out.
const MOST: usize = 1024;

/// The corner values of a dtype for a function of `operands` operands: all of them for one operand or two, few for more.
fn corners(dtype: DType, operands: usize) -> Vec<Element> {
    let few = operands > 2;
    match dtype.kind() {
        Kind::Boolean => vec![Element::Bool(false), Element::Bool(true)],
        Kind::SignedInteger | Kind::UnsignedInteger => integers(dtype, operands),
        Kind::RealFloating => reals(dtype, few).into_iter().map(|v| Element::F64(v).cast(dtype)).collect(),
        Kind::ComplexFloating => {
            let parts = if operands == 1 { reals(dtype.real(), true) } else { vec![0.0, -0.0, 1.0, -2.5, f64::INFINITY, f64::NAN] };
            let pairs = parts.iter().flat_map(|re| parts.iter().map(move |im| (*re, *im)));
            pairs.map(|(re, im)| Element::C128(re, im).cast(dtype)).collect()
        }
    }
}

/// Integers: the ends, small ones, and powers of two with their neighbours. A function of one operand gets all of eight bits.
fn integers(dtype: DType, operands: usize) -> Vec<Element> {
    let (low, high) = dtype.integer_range().unwrap_or((0, 0));
    let bits = 8 * dtype.size() as u32;
    if bits == 8 && operands == 1 {
        return (low..=high).map(Element::Int).collect();
    }
    let half = 1i128 << (bits / 2);
    let mut all = vec![low, low + 1, -half, -3, -2, -1, 0, 1, 2, 3, 5, i128::from(bits) - 1, half - 1, half, half + 1, high - 1, high];
    if operands > 2 {
        all = vec![low, -1, 0, 1, 2, half, high];
    } else if bits == 64 {
        // From here on, float64 no longer tells neighbours apart.
        all.extend([(1 << 53) + 1, -(1 << 53) - 1]);
    }
    all.retain(|v| (low..=high).contains(v));
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(Element::Int).collect()
}

/// Real numbers, of both signs: zeros, subnormal numbers, neighbours of one, halves, whole numbers around the end of the exact ones, the
/// ends, infinities and NaN.
fn reals(dtype: DType, few: bool) -> Vec<f64> {
    let (least, normal, epsilon, most) = match dtype {
        DType::Float32 => (f64::from(f32::from_bits(1)), f64::from(f32::MIN_POSITIVE), f64::from(f32::EPSILON), f64::from(f32::MAX)),
        _ => (f64::from_bits(1), f64::MIN_POSITIVE, f64::EPSILON, f64::MAX),
    };
    let positive: &[f64] = if few {
        &[0.0, 1.0, 2.5, most, f64::INFINITY]
    } else {
        &[0.0, least, normal, 0.5, 1.0 - epsilon / 2.0, 1.0, 1.0 + epsilon, 1.5, 2.0, 2.5, 3.0, 1.0 / epsilon, most, f64::INFINITY]
    };
    positive.iter().flat_map(|v| [*v, -*v]).chain([f64::NAN]).collect()
}

/// The product of the corner values of these dtypes: tuples with an element for each operand.
pub(super) fn product(dtypes: &[DType]) -> Vec<Vec<Element>> {
    let of_each: Vec<Vec<Element>> = dtypes.iter().map(|dtype| corners(*dtype, dtypes.len())).collect();
    let total: usize = of_each.iter().map(Vec::len).product();
    // An odd step that shares no divisor with the lengths would meet every value; a step of about the golden section spreads them evenly.
    let kept = total.min(MOST);
    let at = |i: usize| if kept == total { i } else { ((i as u128 * total as u128) / kept as u128) as usize };
    (0..kept)
        .map(|i| {
            let mut rest = at(i);
            let tuple = of_each.iter().map(|corners| {
                let element = corners[rest % corners.len()];
                rest /= corners.len();
                element
            });
            tuple.collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(dtypes: &[DType], tuple: &[Element]) -> bool {
        product(dtypes).iter().any(|found| found.iter().zip(tuple).all(|(a, b)| a.same_bits(*b)))
    }

    #[test]
    fn zeros_of_both_signs_and_nan_meet() {
        for dtype in [DType::Float32, DType::Float64] {
            let of = |v: f64| Element::F64(v).cast(dtype);
            assert!(has(&[dtype; 2], &[of(0.0), of(-0.0)]) && has(&[dtype; 2], &[of(-0.0), of(0.0)]));
            assert!(has(&[dtype; 2], &[of(f64::NAN), of(f64::INFINITY)]));
            assert!(has(&[dtype; 3], &[of(1.0), of(f64::NAN), of(-0.0)]));
        }
    }

    #[test]
    fn the_ends_of_integers_meet_and_eight_bits_are_tried_whole() {
        let int = Element::Int;
        assert!(has(&[DType::Int64; 2], &[int(i64::MIN.into()), int(-1)]));
        assert!(has(&[DType::Uint8, DType::Int16], &[int(255), int(-32768)]));
        assert_eq!(product(&[DType::Int8]).len(), 256);
    }

    #[test]
    fn products_stay_small_and_hold_every_corner() {
        for dtype in DType::ALL {
            for operands in 1..=3 {
                let tuples = product(&vec![dtype; operands]);
                assert!(!tuples.is_empty() && tuples.len() <= MOST, "{dtype}: {}", tuples.len());
                for (k, corner) in (0..operands).flat_map(|k| corners(dtype, operands).into_iter().map(move |corner| (k, corner))) {
                    assert!(tuples.iter().any(|tuple| tuple[k].same_bits(corner)), "{dtype}: {corner:?} as operand {k} of {operands}");
                }
            }
        }
    }
}
