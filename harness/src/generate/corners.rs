//! Corner values: the elements at which the rules of arithmetic change, and their products.

use array_assay_interface::{DType, Element, Kind};

/// The greatest number of elements of a product of real numbers, and of complex ones. Larger products are thinned out.
const MOST: [usize; 2] = [1100, 400];

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

/// The elements of a dtype that are converted to other dtypes: its corner values, and for floats a number that only the unsigned integer
/// dtype of each size can hold.
pub(super) fn to_convert(dtype: DType) -> Vec<Element> {
    let mut all = corners(dtype, 2);
    if dtype.is_floating() {
        all.extend([7, 15, 31, 63].map(|bits| Element::F64(1.5 * 2f64.powi(bits)).cast(dtype)));
    }
    all
}

/// All integers of a dtype of eight bits.
fn all_of_eight_bits(dtype: DType) -> Vec<Element> {
    dtype.integer_range().map(|(low, high)| (low..=high).map(Element::Int).collect()).unwrap_or_default()
}

/// Integers: the ends, small ones, and powers of two with their neighbours. A function of one operand gets all of eight bits.
fn integers(dtype: DType, operands: usize) -> Vec<Element> {
    let (low, high) = dtype.integer_range().unwrap_or((0, 0));
    let bits = 8 * dtype.size() as u32;
    if bits == 8 && operands == 1 {
        return all_of_eight_bits(dtype);
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

/// Real numbers of both signs: zero, the least subnormal and the least normal number, one and its neighbours, halves and the neighbour below one
/// half, small whole numbers, the number from which on no float has a fraction and the odd one after it, the greatest finite number, and
/// infinity; and NaN. With `few` set, five of them and NaN.
fn reals(dtype: DType, few: bool) -> Vec<f64> {
    let (least, normal, epsilon, most) = match dtype {
        DType::Float32 => (f64::from(f32::from_bits(1)), f64::from(f32::MIN_POSITIVE), f64::from(f32::EPSILON), f64::from(f32::MAX)),
        _ => (f64::from_bits(1), f64::MIN_POSITIVE, f64::EPSILON, f64::MAX),
    };
    let positive: &[f64] = if few {
        &[0.0, 1.0, 2.5, most, f64::INFINITY]
    } else {
        let (half, odd) = (0.5 - epsilon / 4.0, 1.0 / epsilon + 1.0);
        &[0.0, least, normal, half, 0.5, 1.0 - epsilon / 2.0, 1.0, 1.0 + epsilon, 1.5, 2.0, 2.5, 3.0, odd - 1.0, odd, most, f64::INFINITY]
    };
    positive.iter().flat_map(|v| [*v, -*v]).chain([f64::NAN]).collect()
}

/// The product of the corner values of these dtypes: for each operand its elements, which belong together by place. With `whole` set, two
/// operands of the same dtype of eight bits get every pair of its numbers.
pub(super) fn product(dtypes: &[DType], whole: bool) -> Vec<Vec<Element>> {
    let is_whole = whole && matches!(dtypes, [DType::Int8, DType::Int8] | [DType::Uint8, DType::Uint8]);
    let of = |dtype: &DType| if is_whole { all_of_eight_bits(*dtype) } else { corners(*dtype, dtypes.len()) };
    let of_each: Vec<Vec<Element>> = dtypes.iter().map(of).collect();
    let total: usize = of_each.iter().map(Vec::len).product();
    let most = if is_whole { total } else { MOST[usize::from(dtypes.iter().any(|dtype| dtype.is_complex()))] };
    let kept = total.min(most);
    let mut before = 1;
    let column = |corners: &Vec<Element>| {
        // The elements of the first operands change fastest.
        let column = (0..kept).map(|i| corners[i * total / kept / before % corners.len()]).collect();
        before *= corners.len();
        column
    };
    of_each.iter().map(column).collect()
}

/// Corner values beside those of one operand that the dtypes of the others cannot hold, or beside all of its own if they can hold them.
pub(super) fn beside(dtypes: &[DType], single: usize) -> Vec<Vec<Element>> {
    let mut columns: Vec<Vec<Element>> = dtypes.iter().map(|dtype| corners(*dtype, dtypes.len())).collect();
    let dtype = dtypes[single];
    let held = |element: &Element, by: &DType| element.cast(*by).cast(dtype).same_bits(*element);
    let is_foreign = |element: &Element| dtypes.iter().any(|by| !held(element, by));
    if columns[single].iter().any(is_foreign) {
        columns[single].retain(is_foreign);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(dtypes: &[DType], tuple: &[Element]) -> bool {
        let columns = product(dtypes, false);
        (0..columns[0].len()).any(|i| columns.iter().zip(tuple).all(|(column, element)| column[i].same_bits(*element)))
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
    fn what_a_narrower_dtype_cannot_hold_stands_beside_it() {
        let columns = beside(&[DType::Int8, DType::Int16], 1);
        let held = |element: &Element| i8::try_from(element.integer()).is_ok();
        assert!(!columns[1].is_empty() && !columns[1].iter().any(held), "{columns:?}");
        assert_eq!(columns[0].len(), corners(DType::Int8, 2).len());
        assert_eq!(beside(&[DType::Int8, DType::Int16], 0)[0].len(), corners(DType::Int8, 2).len());
    }

    #[test]
    fn the_ends_of_integers_meet_and_eight_bits_are_tried_whole() {
        let int = Element::Int;
        assert!(has(&[DType::Int64; 2], &[int(i64::MIN.into()), int(-1)]));
        assert!(has(&[DType::Uint8, DType::Int16], &[int(255), int(-32768)]));
        assert_eq!(product(&[DType::Int8], false)[0].len(), 256);
        let pairs = product(&[DType::Uint8; 2], true);
        assert!((0..1 << 16).all(|i| pairs.iter().zip([i % 256, i / 256]).all(|(column, v)| column[i].integer() == v as i128)));
    }

    #[test]
    fn products_stay_small_and_hold_every_corner() {
        for dtype in DType::ALL {
            // No function takes three complex operands.
            for operands in 1..=if dtype.is_complex() { 2 } else { 3 } {
                let columns = product(&vec![dtype; operands], false);
                assert!(!columns[0].is_empty() && columns[0].len() <= MOST[0], "{dtype}: {}", columns[0].len());
                for (k, corner) in (0..operands).flat_map(|k| corners(dtype, operands).into_iter().map(move |corner| (k, corner))) {
                    assert!(columns[k].iter().any(|e| e.same_bits(corner)), "{dtype}: {corner:?} as operand {k} of {operands}");
                }
            }
        }
    }
}
