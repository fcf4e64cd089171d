//! Witnesses: inputs that fulfil the condition of a special case. They are found by trying combinations of values from pools.

use array_assay_interface::{DType, Element};

use crate::{Function, Rule, RuleBody, Spec};

/// The largest number of witnesses of a rule that are kept for a dtype.
const ENOUGH: usize = 96;

/// About 0.1, with all digits of single precision, so that sums with it are rounded in single precision.
const TENTH: f64 = 0.1f32 as f64;

/// About 1e-10, with so many digits that sums with 1 are rounded in double precision too.
const MINUTE: f64 = 1e-10f32 as f64;

/// Real values of every kind that conditions distinguish. All are exact in single precision.
const FLOATS: [f64; 26] = [
    0.0,
    1.0,
    f64::INFINITY,
    f64::NAN,
    0.5,
    2.0,
    3.0,
    1.5,
    2.5,
    0.25,
    10.0,
    100.0,
    0.75,
    1.0009765625,
    0.9990234375,
    7.0,
    3.140625,
    4.75,
    65536.0,
    1e10,
    7.62939453125e-6,
    1.262177448353619e-29,
    3.4028234663852886e38,
    1.1754943508222875e-38,
    TENTH,
    MINUTE,
];

/// Fewer values, for the two components of complex numbers.
const SOME_FLOATS: [f64; 12] = [0.0, 1.0, f64::INFINITY, f64::NAN, 2.5, 0.5, 3.0, 7.0, 1e10, 7.62939453125e-6, TENTH, MINUTE];

/// Distances from zero of arguments on the axes of the complex plane. Branch cuts lie on parts of the axes that begin at 0 or 1.
const ON_AXES: [f64; 4] = [0.5, 2.5, 3.0, 7.0];

/// Even fewer values, for combinations of four components.
const FEW_FLOATS: [f64; 5] = [0.0, 1.0, f64::INFINITY, f64::NAN, 2.5];

const INTEGERS: [i128; 12] = [0, 1, 2, 3, 5, 7, 8, 16, 64, 100, 126, 127];

/// The pool of elements of `dtype`. `few` selects a smaller pool for combinations of many components.
pub fn pool(dtype: DType, few: bool) -> Vec<Element> {
    let both_signs = |values: &[f64]| -> Vec<f64> { values.iter().flat_map(|v| [*v, -*v]).collect() };
    let floats = both_signs(match (few, dtype.is_complex()) {
        (true, _) => &FEW_FLOATS,
        (false, true) => &SOME_FLOATS,
        (false, false) => &FLOATS,
    });
    match dtype {
        DType::Bool => vec![Element::Bool(false), Element::Bool(true)],
        DType::Float32 => floats.iter().map(|v| Element::F32(*v as f32)).collect(),
        DType::Float64 => floats.iter().map(|v| Element::F64(*v)).collect(),
        DType::Complex64 | DType::Complex128 => {
            let pairs = floats.iter().flat_map(|re| floats.iter().map(move |im| (*re, *im)));
            pairs.map(|(re, im)| Element::C128(re, im).cast(dtype)).collect()
        }
        _ => {
            let (low, high) = dtype.integer_range().unwrap_or((0, 0));
            let values = INTEGERS.iter().flat_map(|v| [*v, -*v]).chain([low, low + 1, high - 1, high]);
            let mut values: Vec<i128> = values.filter(|v| low <= *v && *v <= high).collect();
            values.sort_unstable();
            values.dedup();
            values.into_iter().map(Element::Int).collect()
        }
    }
}

impl Rule {
    /// Tuples of elements of `dtype`, one element per operand of the function, about which the rule says something. A symmetry also has tuples
    /// for which no special case states the result: it relates that result to the one for the mapped tuple.
    pub fn witnesses(&self, spec: &Spec, function: &Function, dtype: DType) -> &[Vec<Element>] {
        self.found.0[dtype as usize].get_or_init(|| {
            let wide = match dtype {
                DType::Float32 => DType::Float64,
                DType::Complex64 => DType::Complex128,
                other => other,
            };
            if wide == dtype || !self.dtypes.contains(wide) {
                return seek(spec, function, self, dtype);
            }
            // The pools of the operands hold the same numbers.
            let narrow = |tuple: &Vec<Element>| tuple.iter().map(|x| x.cast(dtype)).collect();
            self.witnesses(spec, function, wide).iter().map(narrow).collect()
        })
    }
}

fn seek(spec: &Spec, function: &Function, rule: &Rule, dtype: DType) -> Vec<Vec<Element>> {
    let operands = function.operands.len();
    let pool = pool(dtype, dtype.is_complex() && operands > 1 || operands > 2);
    let total = pool.len().pow(operands as u32);
    // A step that is coprime to the total visits every tuple once, and varies all operands early.
    let step = (total * 5 / 13..).find(|step| gcd(*step, total) == 1).unwrap_or(1);
    let mut out = Vec::new();
    let mut tuple = vec![Element::Bool(false); operands];
    let mut index = 0;
    for _ in 0..total {
        index = (index + step) % total;
        let mut rest = index;
        for element in &mut tuple {
            *element = pool[rest % pool.len()];
            rest /= pool.len();
        }
        if rule.claim(spec, function, dtype, &tuple).is_some() && !function.leaves_open(dtype, &tuple) {
            out.push(tuple.clone());
            if out.len() == ENOUGH {
                break;
            }
        }
    }
    if matches!(rule.body, RuleBody::Symmetry(_)) && dtype.is_complex() && operands == 1 {
        out.extend(on_axes(dtype).map(|x| vec![x]));
    }
    out
}

/// Arguments on both sides of each half of both axes of the complex plane. No special case states the results, but a symmetry relates them:
/// on a branch cut that shows whether a function tells the two sides apart.
fn on_axes(dtype: DType) -> impl Iterator<Item = Element> {
    let signed = ON_AXES.into_iter().flat_map(|v| [v, -v]).flat_map(|v| [(v, 0.0), (v, -0.0)]);
    signed.flat_map(|(v, zero)| [(v, zero), (zero, v)]).map(move |(re, im)| Element::C128(re, im).cast(dtype))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_of_single_and_double_precision_hold_the_same_numbers() {
        for (single, double) in [(DType::Float32, DType::Float64), (DType::Complex64, DType::Complex128)] {
            for few in [false, true] {
                let wider = |x: &Element| x.cast(double);
                for (narrow, wide) in pool(single, few).iter().map(wider).zip(pool(double, few)) {
                    assert!(narrow.same_bits(wide), "{wide} is not exact in single precision");
                }
            }
        }
    }
}
