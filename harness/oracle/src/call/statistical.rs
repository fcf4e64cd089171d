//! The functions of the category `statistical`.

pub(super) mod accumulator;

use array_assay_interface::{Array, DType, Element, Scalar};

use super::arguments::illegal;
use super::searching::is_nan;
use super::shape::{advance, flat, lines};
use super::{ArrayExpectation, Call, Elements, Expectation, Near, Table, Undefined};
use crate::precise::{self, Real};
use accumulator::{Arithmetic, Operation, Outcome, REFERENCE, RealSum, Terms, any, joined, near};

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("cumulative_prod", |call| scan(call, Operation::Product, all)),
    ("cumulative_sum", |call| scan(call, Operation::Sum, all)),
    ("max", |call| extreme(call, greater, all)),
    ("mean", |call| mean(call, all)),
    ("min", |call| extreme(call, less, all)),
    ("prod", |call| fold(call, Operation::Product, all)),
    ("std", |call| spread(call, Variance::root, all)),
    ("sum", |call| fold(call, Operation::Sum, all)),
    ("var", |call| spread(call, Variance::itself, all)),
];

/// Which elements a function uses. The others count as absent.
pub(super) type Keep = fn(Element) -> bool;

/// All elements.
fn all(_: Element) -> bool {
    true
}

/// The groups of elements that a reduction combines.
pub(super) struct Reduction {
    /// The shape of the result.
    pub(super) shape: Vec<usize>,
    /// For each element of the result, the flat indices of the combined elements.
    pub(super) groups: Vec<Vec<usize>>,
    /// The number of elements of each group.
    pub(super) count: usize,
}

impl Reduction {
    /// The reduction of `x` for the arguments `axis` and `keepdims`. The text leaves open whether an empty tuple of axes means no axes or
    /// all.
    pub(super) fn of(call: &Call<'_>, x: &Array) -> Result<Reduction, Undefined> {
        let rank = x.shape.len();
        let axes = match call.axes("axis", rank)? {
            Some(axes) if axes.is_empty() && rank > 0 => return Err(Undefined::Open),
            Some(axes) => axes,
            None => (0..rank).collect(),
        };
        let reduced = |axis: usize| axes.contains(&axis);
        let kept: Vec<usize> = (0..rank).map(|axis| if reduced(axis) { 1 } else { x.shape[axis] }).collect();
        let mut groups = vec![Vec::new(); kept.iter().product()];
        let mut index = vec![0; rank];
        for i in 0..x.len() {
            groups[flat(&kept, (0..rank).map(|axis| if reduced(axis) { 0 } else { index[axis] }))].push(i);
            advance(&mut index, &x.shape);
        }
        let shape =
            if call.flag("keepdims", false) { kept } else { (0..rank).filter(|axis| !reduced(*axis)).map(|axis| x.shape[axis]).collect() };
        Ok(Reduction { shape, groups, count: axes.iter().map(|axis| x.shape[*axis]).product() })
    }
}

/// `max` and `min`. The text leaves the result open for no elements and for complex numbers, and with it the order of zeros. If no element
/// is kept, the result is NaN.
pub(super) fn extreme(call: &Call<'_>, beats: fn(Element, Element) -> bool, keep: Keep) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let reduction = Reduction::of(call, x)?;
    if reduction.count == 0 || x.dtype == DType::Bool || x.dtype.is_complex() {
        return Err(Undefined::Open);
    }
    let best = |a: Element, b: Element| if is_nan(a) || !is_nan(b) && !beats(b, a) { a } else { b };
    let of_group = |group: &Vec<usize>| group.iter().map(|i| x.get(*i)).filter(|e| keep(*e)).reduce(best);
    let elements = reduction.groups.iter().map(|group| of_group(group).unwrap_or(Element::F64(f64::NAN)).cast(x.dtype)).collect();
    let elements = Elements::EitherZero(elements);
    Ok(Expectation::Array(ArrayExpectation { dtype: call.result_dtype()?, shape: reduction.shape, elements }))
}

pub(super) fn less(a: Element, b: Element) -> bool {
    greater(b, a)
}

pub(super) fn greater(a: Element, b: Element) -> bool {
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => a > b,
        _ => a.components().0 > b.components().0,
    }
}

/// `sum` and `prod`.
pub(super) fn fold(call: &Call<'_>, operation: Operation, keep: Keep) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let dtype = call.result_dtype()?;
    let reduction = Reduction::of(call, x)?;
    folded(x, dtype, operation, keep, reduction.shape, &reduction.groups)
}

/// The sums of groups of elements of `x`, after a cast to `dtype`. `shape` is the shape of the result.
pub(super) fn sums(x: &Array, dtype: DType, shape: Vec<usize>, groups: &[Vec<usize>]) -> Result<Expectation, Undefined> {
    folded(x, dtype, Operation::Sum, |_| true, shape, groups)
}

fn folded(
    x: &Array,
    dtype: DType,
    operation: Operation,
    keep: Keep,
    shape: Vec<usize>,
    groups: &[Vec<usize>],
) -> Result<Expectation, Undefined> {
    let terms = Terms::of(x, dtype)?;
    let outcome = |group: &Vec<usize>| {
        let mut accumulator = terms.accumulator(operation);
        group.iter().filter(|i| keep(x.get(**i))).for_each(|i| accumulator.push(terms.elements[*i]));
        accumulator.outcome()
    };
    let outcomes = groups.iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
    Ok(expectation(dtype, shape, &outcomes))
}

/// `cumulative_sum` and `cumulative_prod`, which fold each prefix of a line.
pub(super) fn scan(call: &Call<'_>, operation: Operation, keep: Keep) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let dtype = call.result_dtype()?;
    let axis = match (call.axis("axis", x.shape.len())?, x.shape.len()) {
        (_, 0) => return Err(Undefined::Open),
        (Some(axis), _) => axis,
        (None, 1) => 0,
        (None, rank) => return Err(illegal(format!("`axis` is required for {rank} axes"))),
    };
    let terms = Terms::of(x, dtype)?;
    let initial = call.flag("include_initial", false);
    let mut shape = x.shape.clone();
    shape[axis] += usize::from(initial);
    let mut outcomes: Vec<Option<Outcome>> = vec![None; shape.iter().product()];
    for (line, places) in lines(&x.shape, axis).iter().zip(lines(&shape, axis)) {
        let mut accumulator = terms.accumulator(operation);
        let (initially, after) = places.split_at(usize::from(initial));
        for place in initially {
            outcomes[*place] = Some(accumulator.outcome()?);
        }
        for (i, place) in line.iter().zip(after) {
            if keep(x.get(*i)) {
                accumulator.push(terms.elements[*i]);
            }
            outcomes[*place] = Some(accumulator.outcome()?);
        }
    }
    // The lines of the result contain all of its elements.
    let outcomes = outcomes.into_iter().collect::<Option<Vec<_>>>().ok_or(Undefined::Open)?;
    Ok(expectation(dtype, shape, &outcomes))
}

/// The array of the results of folds.
fn expectation(dtype: DType, shape: Vec<usize>, outcomes: &[Outcome]) -> Expectation {
    let elements = match outcomes.iter().map(|outcome| outcome.element()).collect::<Option<Vec<_>>>() {
        Some(elements) => Elements::Exact(elements.into_iter().map(|e| e.cast(dtype)).collect()),
        None => Elements::Near(outcomes.iter().map(|outcome| outcome.near()).collect()),
    };
    Expectation::Array(ArrayExpectation { dtype, shape, elements })
}

/// `mean`. For complex numbers with an infinite component it is open, because a division by a complex count makes them NaN.
pub(super) fn mean(call: &Call<'_>, keep: Keep) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if !x.dtype.is_floating() {
        return Err(Undefined::Open);
    }
    let reduction = Reduction::of(call, x)?;
    let of_group = |group: &Vec<usize>| {
        let component = |of: fn((f64, f64)) -> f64| {
            let mut sum = RealSum::new(Arithmetic::of(x.dtype, false));
            group.iter().filter(|i| keep(x.get(**i))).for_each(|i| sum.push(of(x.get(*i).components())));
            (sum.mean(), sum.plus_infinity || sum.minus_infinity)
        };
        if !x.dtype.is_complex() {
            return component(|z| z.0).0;
        }
        let ((re, re_infinite), (im, im_infinite)) = (component(|z| z.0), component(|z| z.1));
        let mean = joined(re, im);
        if re_infinite || im_infinite { Near { bound: f64::INFINITY, ..mean } } else { mean }
    };
    let elements = Elements::Near(reduction.groups.iter().map(of_group).collect());
    Ok(Expectation::Array(ArrayExpectation { dtype: call.result_dtype()?, shape: reduction.shape, elements }))
}

/// `var` and `std`.
pub(super) fn spread(call: &Call<'_>, of: fn(&Variance, Arithmetic) -> Near, keep: Keep) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if !x.dtype.is_floating() || x.dtype.is_complex() {
        return Err(Undefined::Open);
    }
    let correction = match call.scalar("correction") {
        None => 0.0,
        Some(Scalar::Int(v)) => v as f64,
        Some(Scalar::Float(v)) if v.is_finite() => v,
        Some(_) => return Err(illegal("`correction` is no finite number")),
    };
    let reduction = Reduction::of(call, x)?;
    let arithmetic = Arithmetic::of(x.dtype, false);
    let of_group = |group: &Vec<usize>| {
        let terms: Vec<f64> = group.iter().map(|i| x.get(*i)).filter(|e| keep(*e)).map(|e| e.components().0).collect();
        let freedom = terms.len() as f64 - correction;
        if freedom <= 0.0 || terms.iter().any(|x| x.is_nan()) {
            return near(f64::NAN, 0.0);
        }
        match Variance::of(&terms, correction, arithmetic) {
            Some(variance) => of(&variance, arithmetic),
            // Deviations from an infinite mean are NaN.
            None => any(f64::NAN),
        }
    };
    let elements = Elements::Near(reduction.groups.iter().map(of_group).collect());
    Ok(Expectation::Array(ArrayExpectation { dtype: call.result_dtype()?, shape: reduction.shape, elements }))
}

/// A variance.
pub(super) struct Variance {
    exact: Real,
    /// The largest error. It is infinite if some algorithm overflows on the way.
    bound: f64,
}

impl Variance {
    /// The variance of finite `terms` with positive degrees of freedom. `None` if a term is not finite. The bound allows the difference of
    /// the mean square and the square of the mean, because the standard prescribes no algorithm.
    fn of(terms: &[f64], correction: f64, arithmetic: Arithmetic) -> Option<Variance> {
        let count = terms.len() as f64;
        let freedom = count - correction;
        let exact = precise::with(|p| {
            let reals = terms.iter().map(|x| p.real(*x)).collect::<Option<Vec<_>>>()?;
            let sum = reals.iter().try_fold(Real::ZERO, |sum, x| p.add(&sum, x))?;
            let mean = p.div(&sum, &p.real(count)?)?;
            let squares = reals.iter().try_fold(Real::ZERO, |sum, x| {
                let deviation = p.sub(x, &mean)?;
                let square = p.mul(&deviation, &deviation)?;
                p.add(&sum, &square)
            })?;
            p.div(&squares, &p.real(freedom)?)
        })?;
        let Arithmetic { u, least, .. } = arithmetic;
        let squares: f64 = terms.iter().map(|x| x * x).sum();
        // How many roundings of the count and of the correction the divisor may feel. It may even become zero.
        let cancelled = (count + correction.abs()) / freedom;
        let overflow = arithmetic.may_overflow(4.0 * squares.max(squares / freedom)) || 4.0 * u * cancelled > 1.0;
        let relative = 4.0 * (count + 4.0 + cancelled) * u + 4.0 * REFERENCE;
        let bound = if overflow { f64::INFINITY } else { relative * squares / freedom + 4.0 * count * least / freedom.min(1.0) };
        Some(Variance { exact, bound })
    }

    pub(super) fn itself(&self, _: Arithmetic) -> Near {
        near(self.exact.to_f64().value(), self.bound)
    }

    pub(super) fn root(&self, arithmetic: Arithmetic) -> Near {
        let root = precise::with(|p| p.sqrt(&self.exact)).map_or(f64::NAN, |root| root.to_f64().value());
        if self.bound.is_infinite() {
            return any(root);
        }
        let variance = self.exact.to_f64().value();
        let (above, below) = ((variance + self.bound).sqrt() - root, root - (variance - self.bound).max(0.0).sqrt());
        near(root, above.max(below) + 4.0 * arithmetic.u * root)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Given, semantics};
    use super::*;
    use array_assay_interface::Defaults;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    fn integers(dtype: DType, shape: &[usize], elements: &[i128]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), elements.iter().map(|v| Element::Int(*v)))
    }

    fn reals(dtype: DType, elements: &[f64]) -> Array {
        Array::from_elements(dtype, vec![elements.len()], elements.iter().map(|v| Element::F64(*v)))
    }

    fn complexes(elements: &[(f64, f64)]) -> Array {
        Array::from_elements(DType::Complex128, vec![elements.len()], elements.iter().map(|(re, im)| Element::C128(*re, *im)))
    }

    fn int(v: i128) -> Given {
        Given::Scalar(Scalar::Int(v))
    }

    fn flag(v: bool) -> Given {
        Given::Scalar(Scalar::Bool(v))
    }

    fn axes(axes: &[i128]) -> Given {
        Given::Tuple(axes.iter().map(|v| int(*v)).collect())
    }

    /// The expectation for `x` and keyword arguments. The result has `dtype`.
    fn call(function: &str, x: &Array, dtype: DType, keywords: &[(&str, Given)]) -> Result<ArrayExpectation, Undefined> {
        let mut given = vec![("x", Given::Array(x.clone()))];
        given.extend(keywords.iter().cloned());
        let function = semantics(function).expect("it is in the table");
        match function(&Call { given: &given, dtype: Some(dtype), defaults: Defaults::default() })? {
            Expectation::Array(array) => Ok(array),
            other => panic!("{other:?}"),
        }
    }

    fn same(function: &str, x: &Array, keywords: &[(&str, Given)]) -> Result<ArrayExpectation, Undefined> {
        call(function, x, x.dtype, keywords)
    }

    /// The elements and the shape of an exact expectation of integers.
    fn exact(expectation: Result<ArrayExpectation, Undefined>) -> (Vec<usize>, Vec<i128>) {
        let expectation = expectation.expect("it is defined");
        match expectation.elements {
            Elements::Exact(elements) | Elements::EitherZero(elements) => {
                (expectation.shape, elements.into_iter().map(Element::integer).collect())
            }
            other => panic!("{other:?}"),
        }
    }

    /// The only element of a result.
    fn one(expectation: Result<ArrayExpectation, Undefined>) -> Near {
        match expectation.expect("it is defined").elements {
            Elements::Near(near) => near[0],
            Elements::Exact(elements) | Elements::EitherZero(elements) => {
                let (re, im) = elements[0].components();
                Near { re, im, bound: 0.0 }
            }
            other => panic!("{other:?}"),
        }
    }

    fn accepts(near: Near, got: f64) -> bool {
        near.bound == INF || near.re == got || near.re.is_nan() && got.is_nan() || (near.re - got).abs() <= near.bound
    }

    #[test]
    fn axes_are_reduced_in_any_order_and_kept_on_demand() {
        let x = integers(DType::Int64, &[2, 3], &[1, 2, 3, 10, 20, 30]);
        assert_eq!(exact(same("sum", &x, &[])), (vec![], vec![66]));
        assert_eq!(exact(same("sum", &x, &[("axis", int(-1))])), (vec![2], vec![6, 60]));
        assert_eq!(exact(same("max", &x, &[("axis", int(0)), ("keepdims", flag(true))])), (vec![1, 3], vec![10, 20, 30]));
        assert_eq!(exact(same("min", &x, &[("axis", axes(&[-1, 0])), ("keepdims", flag(true))])), (vec![1, 1], vec![1]));
        assert_eq!(same("sum", &x, &[("axis", axes(&[]))]).unwrap_err(), Undefined::Open);
        assert!(matches!(same("sum", &x, &[("axis", axes(&[0, -2]))]), Err(Undefined::Illegal(_))));
        let x = integers(DType::Int64, &[2, 2, 2], &[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(exact(same("sum", &x, &[("axis", axes(&[2, 0]))])), (vec![2], vec![1 + 2 + 5 + 6, 3 + 4 + 7 + 8]));
    }

    #[test]
    fn empty_reductions_give_what_the_text_defines() {
        let x = Array::from_elements(DType::Float64, vec![2, 0], []);
        for (function, value) in [("sum", 0.0), ("prod", 1.0), ("mean", NAN), ("var", NAN), ("std", NAN)] {
            let result = same(function, &x, &[("axis", int(1))]);
            assert_eq!(result.as_ref().map(|e| e.shape.clone()), Ok(vec![2]));
            assert!(accepts(Near { bound: 0.0, ..one(result) }, value), "{function}");
            assert_eq!(same(function, &x, &[("axis", int(0))]).map(|e| e.example().shape), Ok(vec![0]), "{function}");
        }
        assert_eq!(same("max", &x, &[("axis", int(1))]).unwrap_err(), Undefined::Open);
        assert_eq!(same("max", &x, &[("axis", int(0))]).map(|e| e.shape), Ok(vec![0]));
        assert!(same("var", &x, &[("correction", int(-1))]).is_ok_and(|e| one(Ok(e)).bound == INF));
    }

    #[test]
    fn integers_are_cast_first_and_open_where_they_overflow() {
        let x = integers(DType::Uint8, &[3], &[200, 100, 2]);
        assert_eq!(exact(call("sum", &x, DType::Uint64, &[])).1, [302]);
        assert_eq!(exact(call("prod", &x, DType::Uint64, &[])).1, [40_000]);
        assert_eq!(same("sum", &x, &[]).unwrap_err(), Undefined::Open);
        assert_eq!(call("sum", &integers(DType::Int8, &[1], &[-1]), DType::Uint8, &[]).unwrap_err(), Undefined::Open);
        let least = |factors: &[i128]| same("prod", &integers(DType::Int8, &[factors.len()], factors), &[]);
        assert_eq!(exact(least(&[-128, 1])).1, [-128]);
        assert_eq!(exact(least(&[-2, 64])).1, [-128]);
        assert_eq!(exact(least(&[0, -7, 3])).1, [0]);
        for factors in [&[-1, 2, 64][..], &[-128, -1], &[2, 64], &[0, 64, 64]] {
            assert_eq!(least(factors).unwrap_err(), Undefined::Open, "{factors:?}");
        }
    }

    #[test]
    fn sums_may_be_added_in_any_order() {
        let sum = |elements: &[f64]| one(same("sum", &reals(DType::Float64, elements), &[]));
        let cancelling = sum(&[1e16, 1.0, -1e16]);
        assert_eq!(cancelling.re, 1.0);
        assert!(accepts(cancelling, 0.0) && !accepts(cancelling, 32.0));
        let tenths = sum(&[0.1; 10]);
        assert!(accepts(tenths, 1.0) && accepts(tenths, 0.1 * 9.0 + 0.1) && !accepts(tenths, 1.0 + 1e-14));
        assert_eq!(sum(&[0.3]), near(0.3, 0.0));
        assert_eq!(sum(&[1e308, 1e308, -1e308]).bound, INF);
        assert_eq!(sum(&[1e308, 1e308]), near(INF, 0.0));
        assert_eq!(sum(&[INF, -1e308]), near(INF, 0.0));
        assert_eq!(sum(&[INF, -1e308, -1e308]).bound, INF);
        assert!(accepts(sum(&[INF, 1.0, -INF]), NAN) && !accepts(sum(&[INF, 1.0, -INF]), INF));
        assert!(!accepts(sum(&[INF, NAN]), INF));
        assert!(accepts(sum(&[5e-324, 1e-308]), 0.0), "subnormal terms may be flushed");
    }

    #[test]
    fn bounds_are_those_of_the_dtype_of_the_result() {
        let x = reals(DType::Float32, &[0.1; 4]);
        let single = one(same("sum", &x, &[]));
        assert!(single.bound > 1e-8 && single.bound < 1e-6);
        let double = one(call("sum", &x, DType::Float64, &[]));
        assert_eq!(double.re, 4.0 * f64::from(0.1f32));
        assert!(double.bound < 1e-14);
        let complex = one(same("sum", &complexes(&[(1.0, NAN), (2.0, 3.0)]), &[]));
        assert!(complex.re == 3.0 && complex.im.is_nan());
    }

    #[test]
    fn products_keep_the_sign_of_zeros_and_infinities() {
        let prod = |elements: &[f64]| same("prod", &reals(DType::Float64, elements), &[]);
        let sign = |elements: &[f64]| match prod(elements).map(|e| e.elements) {
            Ok(Elements::Exact(e)) => e[0].components().0.to_bits(),
            other => panic!("{other:?}"),
        };
        assert_eq!(sign(&[-0.0, 2.0]), (-0.0f64).to_bits());
        assert_eq!(sign(&[-0.0, -2.0]), 0);
        assert_eq!(sign(&[-INF, 2.0]), (-INF).to_bits());
        assert_eq!(sign(&[1e200, -1e200]), (-INF).to_bits());
        assert!(one(prod(&[INF, 0.0])).re.is_nan());
        assert_eq!(one(prod(&[1e200, 1e200, 0.0])).bound, INF, "infinity times zero, in some order");
        assert_eq!(one(prod(&[1e200, 1e200, 1e-200])).bound, INF);
        assert_eq!(one(prod(&[1e-200, 1e-200, INF])).bound, INF);
        let tiny = one(prod(&[1e-200, 1e-200, 1e200]));
        assert!(accepts(tiny, 0.0) && accepts(tiny, 1e-200) && !accepts(tiny, 1e-100));
        let plain = one(prod(&[0.1, 0.2, 0.3]));
        assert!(accepts(plain, 0.1 * 0.2 * 0.3) && accepts(plain, 0.1 * (0.2 * 0.3)) && !accepts(plain, 0.006 * (1.0 + 1e-14)));
    }

    #[test]
    fn complex_products_are_textbook_products() {
        let prod = |elements: &[(f64, f64)]| one(same("prod", &complexes(elements), &[]));
        let plain = prod(&[(1.0, 2.0), (3.0, -1.0)]);
        assert_eq!((plain.re, plain.im), (5.0, 5.0));
        assert!(plain.bound > 0.0 && plain.bound < 1e-14);
        assert_eq!(prod(&[(1.0, NAN), (2.0, 0.0)]).bound, INF);
        assert_eq!(prod(&[(INF, 0.0), (2.0, 0.0)]).bound, INF);
        assert_eq!(prod(&[(NAN, NAN), (NAN, NAN)]).bound, 0.0);
        assert_eq!(prod(&[(1e200, 0.0), (1e200, 1e200)]).bound, INF);
        assert_eq!(prod(&[(f64::MAX, 2e306), (7.0, 0.0), (1e-100, 0.0)]).bound, INF, "the modulus is beyond all numbers");
        assert_eq!(prod(&[(-3.0, 0.5)]), Near { re: -3.0, im: 0.5, bound: 0.0 });
    }

    #[test]
    fn scans_fold_every_prefix() {
        let x = integers(DType::Int64, &[2, 3], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(exact(same("cumulative_sum", &x, &[("axis", int(1))])), (vec![2, 3], vec![1, 3, 6, 4, 9, 15]));
        assert_eq!(exact(same("cumulative_prod", &x, &[("axis", int(-2))])), (vec![2, 3], vec![1, 2, 3, 4, 10, 18]));
        let initial = [("axis", int(0)), ("include_initial", flag(true))];
        assert_eq!(exact(same("cumulative_sum", &x, &initial)), (vec![3, 3], vec![0, 0, 0, 1, 2, 3, 5, 7, 9]));
        assert_eq!(exact(same("cumulative_prod", &integers(DType::Int64, &[0, 2], &[]), &initial)), (vec![1, 2], vec![1, 1]));
        assert!(matches!(same("cumulative_sum", &x, &[]), Err(Undefined::Illegal(_))));
        assert_eq!(same("cumulative_sum", &integers(DType::Int64, &[], &[1]), &[]).unwrap_err(), Undefined::Open);
        let x = reals(DType::Float32, &[0.1, 0.2, NAN, 1.0]);
        let Ok(Elements::Near(prefixes)) = same("cumulative_sum", &x, &[]).map(|e| e.elements) else { panic!() };
        assert_eq!(prefixes[0], near(f64::from(0.1f32), 0.0));
        assert!(prefixes[1].bound > 0.0 && prefixes[2].re.is_nan() && prefixes[3].re.is_nan());
    }

    #[test]
    fn extremes_propagate_nan_and_leave_the_order_of_zeros() {
        let x = reals(DType::Float32, &[1.0, NAN, 2.0]);
        assert!(one(same("max", &x, &[])).re.is_nan() && one(same("min", &x, &[])).re.is_nan());
        let x = reals(DType::Float64, &[-1.0, -0.0, 0.0]);
        assert!(matches!(same("max", &x, &[]).map(|e| e.elements), Ok(Elements::EitherZero(e)) if e[0].components().0 == 0.0));
        assert_eq!(one(same("min", &x, &[])).re, -1.0);
        let x = integers(DType::Uint64, &[3], &[u64::MAX.into(), (u64::MAX - 1).into(), 0]);
        assert_eq!(exact(same("max", &x, &[])).1, [u64::MAX.into()]);
        assert_eq!(exact(same("min", &x, &[])).1, [0]);
        assert_eq!(same("max", &complexes(&[(1.0, 0.0)]), &[]).unwrap_err(), Undefined::Open);
    }

    #[test]
    fn means_are_near_the_mean() {
        let mean = |elements: &[f64]| one(same("mean", &reals(DType::Float64, elements), &[]));
        let plain = mean(&[1.0, 2.0, 4.0]);
        assert!(accepts(plain, 7.0 / 3.0) && !accepts(plain, 7.0 / 3.0 + 1e-13));
        assert_eq!(mean(&[1e308, 1e308]), any(1e308));
        assert!(mean(&[1.0, NAN]).re.is_nan());
        let complex = |elements: &[(f64, f64)]| one(same("mean", &complexes(elements), &[]));
        let half = complex(&[(NAN, 1.0), (0.0, 2.0)]);
        assert!(half.re.is_nan() && half.im == 1.5 && half.bound < 1e-14);
        assert_eq!(complex(&[(INF, 1.0), (0.0, 2.0)]).bound, INF);
        let empty = complex(&[]);
        assert!(empty.re.is_nan() && empty.im.is_nan());
    }

    #[test]
    fn variances_divide_by_the_degrees_of_freedom() {
        let spread = |function, elements: &[f64], correction: Scalar| {
            one(same(function, &reals(DType::Float64, elements), &[("correction", Given::Scalar(correction))]))
        };
        let x = [1.0, 2.0, 3.0, 4.0];
        for (correction, variance) in
            [(Scalar::Int(0), 1.25), (Scalar::Int(1), 5.0 / 3.0), (Scalar::Float(1.5), 2.0), (Scalar::Int(-1), 1.0)]
        {
            let (var, std) = (spread("var", &x, correction), spread("std", &x, correction));
            assert!(accepts(var, variance) && !accepts(var, variance * (1.0 + 1e-12) + 1e-12), "{correction:?}: {var:?}");
            assert!(accepts(std, variance.sqrt()) && !accepts(std, variance.sqrt() + 1e-12), "{correction:?}: {std:?}");
        }
        for correction in [Scalar::Int(4), Scalar::Float(4.5)] {
            assert!(spread("var", &x, correction).re.is_nan() && spread("std", &x, correction).re.is_nan(), "{correction:?}");
        }
        assert!(accepts(spread("std", &[3.0, 3.0], Scalar::Int(0)), 0.0));
        assert!(spread("var", &[1.0, NAN], Scalar::Int(0)).re.is_nan());
        assert_eq!(spread("var", &[1.0, INF], Scalar::Int(0)).bound, INF);
        assert_eq!(spread("std", &[1e200, -1e200], Scalar::Int(0)).bound, INF, "the variance overflows on the way");
        let naive = spread("var", &[1e8, 1e8 + 1.0], Scalar::Int(0));
        assert!(naive.re == 0.25 && accepts(naive, 0.0), "the difference of the mean square and the squared mean is no fault");
    }

    /// Numbers of many magnitudes, with some zeros, infinities and NaN.
    fn wild(seed: u64, count: usize, spread: u64) -> Vec<f32> {
        let mut state = seed;
        let mut draw = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut number = || match draw(40) {
            0 => 0.0,
            1 => -0.0,
            2 if seed.is_multiple_of(5) => f32::INFINITY,
            3 if seed.is_multiple_of(5) => f32::NEG_INFINITY,
            4 if seed.is_multiple_of(11) => f32::NAN,
            _ => {
                let fraction = 1.0 + draw(1 << 23) as f32 / (1 << 23) as f32;
                let sign = if draw(2) == 0 { 1.0 } else { -1.0 };
                sign * fraction * f32::powi(2.0, draw(2 * spread) as i32 - spread as i32)
            }
        };
        (0..count).map(|_| number()).collect()
    }

    fn pairwise(x: &[f32], f: fn(f32, f32) -> f32) -> f32 {
        match x {
            [one] => *one,
            _ => f(pairwise(&x[..x.len() / 2], f), pairwise(&x[x.len() / 2..], f)),
        }
    }

    /// The fold from the front, from the back, and by halves.
    fn orders(x: &[f32], f: fn(f32, f32) -> f32) -> Vec<f32> {
        let front = x.iter().copied().reduce(f);
        let back = x.iter().rev().copied().reduce(f);
        front.into_iter().chain(back).chain([pairwise(x, f)]).collect()
    }

    /// Mean and variance by Welford's updates.
    fn welford(x: &[f32]) -> (f32, f32) {
        let (mut mean, mut squares) = (0.0, 0.0);
        for (i, v) in x.iter().enumerate() {
            let deviation = v - mean;
            mean += deviation / (i + 1) as f32;
            squares += deviation * (v - mean);
        }
        (mean, squares / x.len() as f32)
    }

    #[test]
    fn honest_algorithms_stay_within_the_bounds() {
        for seed in 0..4000 {
            let x = wild(seed, 1 + seed as usize % 19, [1, 4, 20, 126][seed as usize % 4]);
            let n = x.len() as f32;
            let array = reals(DType::Float32, &x.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
            let expect = |function: &str, got: &[f32]| {
                let near = one(same(function, &array, &[]));
                for got in got {
                    assert!(accepts(near, f64::from(*got)), "{function} of {x:?}: {got} beside {near:?}");
                }
            };
            let sums = orders(&x, |a, b| a + b);
            let means: Vec<f32> = sums.iter().map(|sum| sum / n).chain([welford(&x).0]).collect();
            let squares: Vec<f32> = x.iter().map(|v| v * v).collect();
            let naive = orders(&squares, |a, b| a + b)[0] / n - means[0] * means[0];
            let deviations: Vec<f32> = x.iter().map(|v| (v - means[0]) * (v - means[0])).collect();
            let two_pass = orders(&deviations, |a, b| a + b)[0] / n;
            expect("sum", &sums);
            expect("prod", &orders(&x, |a, b| a * b));
            expect("mean", &means);
            expect("var", &[naive, two_pass, welford(&x).1]);
            expect("std", &[two_pass.sqrt(), welford(&x).1.sqrt()]);
        }
    }
}
