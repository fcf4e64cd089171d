//! Compares a result with what the consumer itself gives.

use array_assay_interface::Array;

/// Why a result is wrong. `None` if it is right.
///
/// An element may be off by `rtol` of itself and of the largest expected element. With `free_signs` each column may have the other sign.
pub fn deviation(got: &Array, want: &Array, rtol: f64, free_signs: bool) -> Option<String> {
    if got.shape != want.shape {
        return Some(format!("its shape is {:?} instead of {:?}", got.shape, want.shape));
    }
    let parts = |array: &Array| -> Vec<(f64, f64)> { array.elements().map(|element| element.components()).collect() };
    let (mut a, b) = (parts(got), parts(want));
    if free_signs {
        let columns = want.shape.last().copied().unwrap_or(1).max(1);
        for column in 0..columns {
            let dot: f64 = (column..a.len()).step_by(columns).map(|i| a[i].0 * b[i].0 + a[i].1 * b[i].1).sum();
            if dot < 0.0 {
                (column..a.len()).step_by(columns).for_each(|i| a[i] = (-a[i].0, -a[i].1));
            }
        }
    }
    let size = |(re, im): (f64, f64)| re.hypot(im);
    let scale = b.iter().map(|z| size(*z)).filter(|size| size.is_finite()).fold(0.0, f64::max);
    let same = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan();
    for (i, (x, y)) in a.iter().zip(&b).enumerate() {
        let exact = same(x.0, y.0) && same(x.1, y.1);
        // What is not finite has to be the same.
        let finite = y.0.is_finite() && y.1.is_finite();
        let near = finite && size((x.0 - y.0, x.1 - y.1)) <= rtol * (scale + size(*y));
        if !exact && !near {
            return Some(format!("element {i} is {} instead of {}", got.get(i), want.get(i)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{DType, Element};

    use super::*;

    fn floats(values: &[f64], shape: &[usize]) -> Array {
        Array::from_elements(DType::Float64, shape.to_vec(), values.iter().map(|v| Element::F64(*v)))
    }

    #[test]
    fn a_result_may_be_off_by_the_tolerance_of_the_largest_element() {
        let want = floats(&[1000.0, 0.0, f64::NAN], &[3]);
        assert_eq!(deviation(&floats(&[1000.0, 5e-4, f64::NAN], &[3]), &want, 1e-6, false), None);
        assert!(deviation(&floats(&[1000.0, 5e-2, f64::NAN], &[3]), &want, 1e-6, false).unwrap().contains("element 1"));
        assert!(deviation(&floats(&[1000.0, 0.0, 1.0], &[3]), &want, 1e-6, false).unwrap().contains("element 2"));
        assert!(deviation(&floats(&[1000.0, 0.0, f64::NAN], &[3, 1]), &want, 1e-6, false).unwrap().contains("shape"));
    }

    #[test]
    fn the_sign_of_a_column_may_be_free() {
        let want = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        let turned = floats(&[1.0, -2.0, 3.0, -4.0], &[2, 2]);
        assert_eq!(deviation(&turned, &want, 1e-6, true), None);
        assert!(deviation(&turned, &want, 1e-6, false).is_some());
        assert!(deviation(&floats(&[1.0, -2.0, 3.0, 4.0], &[2, 2]), &want, 1e-6, true).is_some());
    }
}
