//! The functions of the category `linear_algebra`.
//!
//! All products are sums over terms `x1[i] * x2[j]`, whose order and grouping the text leaves open. Floating-point results are judged by
//! the bound that holds for every order (Higham, Accuracy and Stability of Numerical Algorithms, 2002, sections 3.1 and 3.6). The reference
//! is the compensated dot product of Ogita, Rump and Oishi (2005), which is as good as one in twice the precision.

use array_assay_interface::{Array, DType, Defaults, Element};

use super::arguments::{illegal, normalized};
use super::searching::{Integer, integers, is_finite, names_invalid_axis};
use super::shape::{advance, broadcast_shapes, gather, strides};
use super::{ArrayExpectation, Call, Elements, Expectation, Given, Near, Table, Undefined};

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("matmul", |call| matmul(call, call.array("x1")?, call.array("x2")?)),
    ("matrix_transpose", matrix_transpose),
    ("tensordot", tensordot),
    ("vecdot", vecdot),
    ("operator.matmul", |call| matmul(call, call.array("self")?, call.array("other")?)),
    ("method.__rmatmul__", |call| matmul(call, call.array("other")?, call.array("self")?)),
    ("operator.imatmul", imatmul),
];

/// Roundings for each term of a sum of real products: one of the product, one of the sum, and as many again for safety.
const REAL_ROUNDINGS: f64 = 2.0;

/// Like [`REAL_ROUNDINGS`], but normwise, for complex products by four real products or by three.
const COMPLEX_ROUNDINGS: f64 = 4.0;

/// The product that replaces its left factor, whose shape it has to have.
fn imatmul(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (left, right) = (call.array("self")?, call.array("other")?);
    match matmul(call, left, right)? {
        Expectation::Array(product) if product.shape == left.shape => Ok(Expectation::Array(product)),
        _ => Err(illegal("the product has another shape than its left factor")),
    }
}

pub(super) fn matmul(call: &Call<'_>, x1: &Array, x2: &Array) -> Result<Expectation, Undefined> {
    let dtype = numeric(call)?;
    let (Some((left, rows, inner)), Some((right, columns, same))) = (matrices(&x1.shape, true), matrices(&x2.shape, false)) else {
        return Ok(Expectation::Raises);
    };
    if inner != same {
        return Ok(Expectation::Raises);
    }
    let mut shape = broadcast_shapes([left, right]).ok_or_else(|| illegal("the stacks of matrices do not broadcast"))?;
    let (strides1, strides2) = (strides(&x1.shape), strides(&x2.shape));
    let mut along1 = spread(left, &strides1[..left.len()], &shape);
    let mut along2 = spread(right, &strides2[..right.len()], &shape);
    // The rows of the result come from the first operand, its columns from the second; a vector has neither.
    if let Some(rows) = rows {
        shape.push(rows);
        along1.push(strides1[left.len()]);
        along2.push(0);
    }
    if let Some(columns) = columns {
        shape.push(columns);
        along1.push(0);
        along2.push(strides2[right.len() + 1]);
    }
    let step1 = strides1[x1.shape.len() - 1];
    let step2 = strides2[right.len()];
    let terms = |step| (0..inner).map(|k| k * step).collect();
    let (x1, x2) = (Operand::new(x1, along1, terms(step1)), Operand::new(x2, along2, terms(step2)));
    Ok(products(dtype, shape, &x1, &x2))
}

/// The shape of a stack of matrices, the length of the axis that goes into the result (the rows of the left operand, the columns of the
/// right one), and that of the contracted axis. A vector has only the last one. `None` for rank 0.
fn matrices(shape: &[usize], on_the_left: bool) -> Option<(&[usize], Option<usize>, usize)> {
    match (shape, on_the_left) {
        ([], _) => None,
        ([inner], _) => Some((&[], None, *inner)),
        ([stack @ .., rows, inner], true) => Some((stack, Some(*rows), *inner)),
        ([stack @ .., inner, columns], false) => Some((stack, Some(*columns), *inner)),
    }
}

pub(super) fn vecdot(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let dtype = numeric(call)?;
    let axis = call.integer("axis").unwrap_or(-1);
    if axis >= 0 {
        // Legal only until 2022.12. Since then the text only counts from the back.
        return Err(Undefined::Open);
    }
    let (contracted1, contracted2) = (normalized(axis, x1.shape.len())?, normalized(axis, x2.shape.len())?);
    let length = x1.shape[contracted1];
    if length != x2.shape[contracted2] {
        return Ok(Expectation::Raises);
    }
    let (free1, steps1) = without(&x1.shape, contracted1);
    let (free2, steps2) = without(&x2.shape, contracted2);
    let shape = broadcast_shapes([&free1[..], &free2]).ok_or_else(|| illegal("the other axes do not broadcast"))?;
    let terms = |array: &Array, axis: usize| (0..length).map(|k| k * strides(&array.shape)[axis]).collect();
    let x1 = Operand { conjugated: true, ..Operand::new(x1, spread(&free1, &steps1, &shape), terms(x1, contracted1)) };
    let x2 = Operand::new(x2, spread(&free2, &steps2, &shape), terms(x2, contracted2));
    Ok(products(dtype, shape, &x1, &x2))
}

/// The sizes and strides of all axes except one.
fn without(shape: &[usize], axis: usize) -> (Vec<usize>, Vec<usize>) {
    let (mut sizes, mut steps) = (shape.to_vec(), strides(shape));
    sizes.remove(axis);
    steps.remove(axis);
    (sizes, steps)
}

pub(super) fn tensordot(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let dtype = numeric(call)?;
    let (rank1, rank2) = (x1.shape.len(), x2.shape.len());
    let Some((axes1, axes2)) = contraction(call, rank1, rank2)? else { return Ok(Expectation::Raises) };
    let sizes = |array: &Array, axes: &[usize]| -> Vec<usize> { axes.iter().map(|axis| array.shape[*axis]).collect() };
    let contracted = sizes(x1, &axes1);
    if contracted != sizes(x2, &axes2) {
        return Err(illegal("contracted axes differ in length"));
    }
    let free = |rank: usize, axes: &[usize]| -> Vec<usize> { (0..rank).filter(|axis| !axes.contains(axis)).collect() };
    let (free1, free2) = (free(rank1, &axes1), free(rank2, &axes2));
    let steps = |array: &Array, axes: &[usize]| -> Vec<usize> { axes.iter().map(|axis| strides(&array.shape)[*axis]).collect() };
    let along1 = [steps(x1, &free1), vec![0; free2.len()]].concat();
    let along2 = [vec![0; free1.len()], steps(x2, &free2)].concat();
    let x1_operand = Operand::new(x1, along1, offsets(&contracted, &steps(x1, &axes1)));
    let x2_operand = Operand::new(x2, along2, offsets(&contracted, &steps(x2, &axes2)));
    Ok(products(dtype, [sizes(x1, &free1), sizes(x2, &free2)].concat(), &x1_operand, &x2_operand))
}

/// Axes of two operands, pair by pair.
type AxisPairs = (Vec<usize>, Vec<usize>);

/// The axes of the operands that `tensordot` contracts. `None` if an axis is invalid, so that the call has to raise.
fn contraction(call: &Call<'_>, rank1: usize, rank2: usize) -> Result<Option<AxisPairs>, Undefined> {
    if let Some(Given::Tuple(sequences)) = call.get("axes") {
        return match &sequences[..] {
            [first, second] if first.items().is_some() && second.items().is_some() => {
                paired(&[("first", first.clone()), ("second", second.clone())], rank1, rank2)
            }
            _ => Err(illegal("`axes` is no pair of sequences")),
        };
    }
    let number = if call.is_given("axes") { call.integer("axes") } else { Some(2) };
    let number = number.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= rank1.min(rank2));
    let number = number.ok_or_else(|| illegal("`axes` is no number of axes that both operands have"))?;
    Ok(Some(((rank1 - number..rank1).collect(), (0..number).collect())))
}

/// The axes that two sequences name, as [`contraction`] returns them.
fn paired(sequences: &[(&str, Given)], rank1: usize, rank2: usize) -> Result<Option<AxisPairs>, Undefined> {
    let sequences = Call { given: sequences, dtype: None, defaults: Defaults::default() };
    if names_invalid_axis(&sequences, "first", rank1) || names_invalid_axis(&sequences, "second", rank2) {
        return Ok(None);
    }
    let axes = |name, rank| Ok(sequences.axes(name, rank)?.unwrap_or_default());
    let (axes1, axes2) = (axes("first", rank1)?, axes("second", rank2)?);
    if axes1.len() == axes2.len() { Ok(Some((axes1, axes2))) } else { Err(illegal("the sequences of `axes` differ in length")) }
}

pub(super) fn matrix_transpose(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let [stack @ .., rows, columns] = &x.shape[..] else { return Err(illegal("`x` has fewer than two axes")) };
    let shape = [stack, &[*columns, *rows]].concat();
    let mut along = strides(&x.shape);
    along.swap(stack.len(), stack.len() + 1);
    let elements: Vec<Element> = x.elements().collect();
    let elements = gather(&elements, &shape, |index| offset(&along, index));
    Ok(Expectation::exact(call.result_dtype()?, shape, elements))
}

/// The dtype of the result, which has to be numeric.
pub(super) fn numeric(call: &Call<'_>) -> Result<DType, Undefined> {
    let dtype = call.result_dtype()?;
    if dtype == DType::Bool { Err(illegal("the operands are not of numbers")) } else { Ok(dtype) }
}

/// One factor of the products whose sums are the elements of the result.
struct Operand {
    elements: Vec<Element>,
    /// The step from an element of the result to the next one, by axis of the result. It is 0 if the factor does not depend on the axis.
    along: Vec<usize>,
    /// The offsets of the terms.
    terms: Vec<usize>,
    /// Whether complex elements are conjugated.
    conjugated: bool,
}

impl Operand {
    fn new(array: &Array, along: Vec<usize>, terms: Vec<usize>) -> Operand {
        Operand { elements: array.elements().collect(), along, terms, conjugated: false }
    }

    /// The factor in each term of an element of the result.
    fn factors(&self, index: &[usize]) -> impl Iterator<Item = Element> + '_ {
        let base = offset(&self.along, index);
        self.terms.iter().map(move |term| match self.elements[base + term] {
            Element::C64(re, im) if self.conjugated => Element::C64(re, -im),
            Element::C128(re, im) if self.conjugated => Element::C128(re, -im),
            other => other,
        })
    }
}

/// The offset of an index into an array with these strides.
fn offset(strides: &[usize], index: &[usize]) -> usize {
    strides.iter().zip(index).map(|(step, i)| step * i).sum()
}

/// The offsets of all indices into some axes, in C order.
fn offsets(sizes: &[usize], strides: &[usize]) -> Vec<usize> {
    let mut index = vec![0; sizes.len()];
    (0..sizes.iter().product())
        .map(|_| {
            let at = offset(strides, &index);
            advance(&mut index, sizes);
            at
        })
        .collect()
}

/// The strides of axes after a broadcast to `shape`.
fn spread(sizes: &[usize], strides: &[usize], shape: &[usize]) -> Vec<usize> {
    let own = sizes.iter().zip(strides).map(|(n, step)| if *n == 1 { 0 } else { *step });
    std::iter::repeat_n(0, shape.len() - sizes.len()).chain(own).collect()
}

/// An array of `shape` whose elements are sums of products.
fn products(dtype: DType, shape: Vec<usize>, x1: &Operand, x2: &Operand) -> Expectation {
    let mut index = vec![0; shape.len()];
    let mut sums = Vec::new();
    for _ in 0..shape.iter().product() {
        sums.push(x1.factors(&index).zip(x2.factors(&index)).collect::<Vec<_>>());
        advance(&mut index, &shape);
    }
    sums_of_products(dtype, shape, sums)
}

/// An array of `shape` by the terms of the sums that are its elements.
pub(super) fn sums_of_products(dtype: DType, shape: Vec<usize>, sums: Vec<Vec<(Element, Element)>>) -> Expectation {
    if dtype.is_integer() {
        let sums: Vec<Integer> = sums.iter().map(|terms| integer_sum(dtype, terms)).collect();
        let overflows = sums.iter().any(|sum| matches!(sum, Integer::Free(_)));
        return integers(dtype, shape, sums).refusable(overflows);
    }
    let sum = if dtype.is_complex() { complex_sum } else { real_sum };
    let elements = Elements::Near(sums.iter().map(|terms| sum(dtype, terms)).collect());
    Expectation::Array(ArrayExpectation { dtype, shape, elements })
}

/// A sum of products of integers. Open if some order of summation leaves the range of the dtype.
fn integer_sum(dtype: DType, terms: &[(Element, Element)]) -> Integer {
    let (mut positive, mut negative) = (Some(0i128), Some(0i128));
    let mut wrapped = 0i128;
    for (a, b) in terms {
        let product = a.integer().checked_mul(b.integer());
        wrapped = wrapped.wrapping_add(a.integer().wrapping_mul(b.integer()));
        let side = if product.is_some_and(|p| p < 0) { &mut negative } else { &mut positive };
        *side = side.zip(product).and_then(|(sum, product)| sum.checked_add(product));
    }
    match (dtype.integer_range(), positive, negative) {
        (Some((low, high)), Some(positive), Some(negative)) if positive <= high && negative >= low => Integer::Is(positive + negative),
        _ => Integer::Free(wrapped),
    }
}

/// The limits of the floating-point arithmetic of a dtype.
struct Arithmetic {
    unit_roundoff: f64,
    /// The largest error of a product from underflow, with subnormal numbers flushed.
    underflow: f64,
    /// Sums of magnitudes above this may overflow.
    largest: f64,
}

impl Arithmetic {
    fn of(dtype: DType) -> Arithmetic {
        match dtype.real() {
            DType::Float32 => Arithmetic {
                unit_roundoff: f64::from(f32::EPSILON) / 2.0,
                underflow: f64::from(f32::MIN_POSITIVE),
                largest: f64::from(f32::MAX) / 4.0,
            },
            _ => Arithmetic { unit_roundoff: f64::EPSILON / 2.0, underflow: f64::MIN_POSITIVE, largest: f64::MAX / 4.0 },
        }
    }

    /// The largest distance of a sum of `terms` products from the exact one, whose magnitudes add up to `magnitude`. It includes the
    /// rounding of the reference to double precision.
    fn bound(&self, roundings: f64, terms: usize, magnitude: f64) -> f64 {
        let terms = terms as f64;
        let rounded = if terms == 0.0 { 0.0 } else { roundings * (terms + 1.0) * self.unit_roundoff * magnitude };
        rounded + f64::EPSILON / 2.0 * magnitude + 4.0 * terms * self.underflow
    }
}

/// A sum of real products. If infinities and NaN give the same result in every order, that result is exact.
fn real_sum(dtype: DType, terms: &[(Element, Element)]) -> Near {
    let arithmetic = Arithmetic::of(dtype);
    let (mut sum, mut magnitude) = (Compensated::default(), 0.0);
    // The sum of the products that are infinite or NaN, and whether some are NaN only because of a zero factor: a library that skips zeros
    // has no NaN there, and the text does not forbid that.
    let (mut special, mut skipped) = (0.0, false);
    for (a, b) in terms.iter().map(|(a, b)| (a.components().0, b.components().0)) {
        if a.is_finite() && b.is_finite() {
            sum.add_product(a, b);
            magnitude += (a * b).abs();
        } else if a == 0.0 || b == 0.0 {
            skipped = true;
        } else {
            special += a * b;
        }
    }
    let overflows = magnitude > arithmetic.largest;
    if special.is_nan() {
        exactly(special)
    } else if skipped {
        open(f64::NAN, 0.0)
    } else if special != 0.0 {
        if overflows { open(special, 0.0) } else { exactly(special) }
    } else if overflows {
        open(terms.iter().map(|(a, b)| a.components().0 * b.components().0).sum(), 0.0)
    } else {
        Near { re: sum.total(), im: 0.0, bound: arithmetic.bound(REAL_ROUNDINGS, terms.len(), magnitude) }
    }
}

/// A sum of complex products. The text does not define them for infinities and NaN.
fn complex_sum(dtype: DType, terms: &[(Element, Element)]) -> Near {
    let arithmetic = Arithmetic::of(dtype);
    let (mut re, mut im, mut magnitude) = (Compensated::default(), Compensated::default(), 0.0);
    let mut naive = (0.0, 0.0);
    for (x, y) in terms {
        let ((a, b), (c, d)) = (x.components(), y.components());
        naive = (naive.0 + (a * c - b * d), naive.1 + (a * d + b * c));
        re.add_product(a, c);
        re.add_product(-b, d);
        im.add_product(a, d);
        im.add_product(b, c);
        magnitude += a.hypot(b) * c.hypot(d);
    }
    let finite = terms.iter().all(|(x, y)| is_finite(*x) && is_finite(*y));
    // The modulus of finite components may be infinite, and its product with zero is NaN.
    if !finite || magnitude.is_nan() || magnitude > arithmetic.largest {
        return open(naive.0, naive.1);
    }
    Near { re: re.total(), im: im.total(), bound: arithmetic.bound(COMPLEX_ROUNDINGS, terms.len() + 1, magnitude) }
}

fn exactly(re: f64) -> Near {
    Near { re, im: 0.0, bound: 0.0 }
}

fn open(re: f64, im: f64) -> Near {
    Near { re, im, bound: f64::INFINITY }
}

/// A sum in twice the precision.
#[derive(Debug, Clone, Copy, Default)]
struct Compensated {
    high: f64,
    low: f64,
}

impl Compensated {
    fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        let error = a.mul_add(b, -product);
        let sum = self.high + product;
        let other = sum - self.high;
        self.low += (self.high - (sum - other)) + (product - other) + error;
        self.high = sum;
    }

    fn total(self) -> f64 {
        self.high + self.low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use array_assay_interface::Scalar;

    fn floats(dtype: DType, shape: &[usize], values: &[f64]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), values.iter().map(|v| Element::F64(*v)))
    }

    fn counting(shape: &[usize]) -> Array {
        let count: usize = shape.iter().product();
        Array::from_elements(DType::Int32, shape.to_vec(), (0..count).map(|i| Element::Int(i as i128)))
    }

    fn ints(dtype: DType, shape: &[usize], values: &[i128]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    fn int(v: i128) -> Given {
        Given::Scalar(Scalar::Int(v))
    }

    fn tuple(axes: &[i128]) -> Given {
        Given::Tuple(axes.iter().map(|v| int(*v)).collect())
    }

    fn run(function: &str, dtype: DType, x1: &Array, x2: &Array, more: &[(&'static str, Given)]) -> Result<Expectation, Undefined> {
        let given = [&[("x1", Given::Array(x1.clone())), ("x2", Given::Array(x2.clone()))], more].concat();
        let semantics = crate::call::semantics(function).expect("the function has semantics");
        semantics(&Call { given: &given, dtype: Some(dtype), defaults: Defaults::default() })
    }

    fn example(function: &str, x1: &Array, x2: &Array, more: &[(&'static str, Given)]) -> Array {
        match run(function, x1.dtype, x1, x2, more) {
            Ok(Expectation::Array(array)) => array.example(),
            other => panic!("{function}: {other:?}"),
        }
    }

    fn near(function: &str, dtype: DType, x1: &Array, x2: &Array) -> Vec<Near> {
        match run(function, dtype, x1, x2, &[]) {
            Ok(Expectation::Array(ArrayExpectation { elements: Elements::Near(near), .. })) => near,
            other => panic!("{function}: {other:?}"),
        }
    }

    #[test]
    fn matrices_vectors_and_stacks_multiply_as_the_text_says() {
        let int32 = |shape: &[usize], values: &[i128]| ints(DType::Int32, shape, values);
        let product = |a: &[usize], b: &[usize]| example("matmul", &counting(a), &counting(b), &[]);
        assert_eq!(product(&[3], &[3]), int32(&[], &[5]));
        assert_eq!(product(&[2, 3], &[3, 2]), int32(&[2, 2], &[10, 13, 28, 40]));
        assert_eq!(product(&[3], &[3, 2]), int32(&[2], &[10, 13]));
        assert_eq!(product(&[2, 3], &[3]), int32(&[2], &[5, 14]));
        assert_eq!(product(&[2], &[2, 2, 1]), int32(&[2, 1], &[1, 3]));
        assert_eq!(product(&[2, 1, 2], &[2]), int32(&[2, 1], &[1, 3]));
        assert_eq!(product(&[1, 2], &[2, 2, 1]), int32(&[2, 1, 1], &[1, 3]));
        assert_eq!(product(&[2, 1, 1, 2], &[1, 3, 2, 1]), int32(&[2, 3, 1, 1], &[1, 3, 5, 3, 13, 23]));
        assert_eq!(product(&[2, 0], &[0, 1]), int32(&[2, 1], &[0, 0]));
        assert_eq!(product(&[0, 2], &[2, 1]), int32(&[0, 1], &[]));
    }

    #[test]
    fn matrix_products_of_rank_zero_or_other_lengths_raise() {
        for (a, b) in [(&[][..], &[1][..]), (&[2], &[3]), (&[2], &[3, 2]), (&[2, 3], &[2]), (&[2, 1], &[3, 2])] {
            assert!(matches!(run("matmul", DType::Int32, &counting(a), &counting(b), &[]), Ok(Expectation::Raises)), "{a:?} {b:?}");
        }
        let stacks = run("matmul", DType::Int32, &counting(&[2, 1, 1]), &counting(&[3, 1, 1]), &[]);
        assert!(matches!(stacks, Err(Undefined::Illegal(_))));
    }

    #[test]
    fn a_modulus_beyond_all_numbers_leaves_a_complex_sum_open() {
        let (large, zero) = (Element::C128(3.8e300, f64::MAX), Element::C128(0.0, 0.0));
        assert!(f64::MAX.hypot(3.8e300).is_infinite());
        assert_eq!(complex_sum(DType::Complex128, &[(large, zero)]).bound, f64::INFINITY);
    }

    #[test]
    fn integers_are_exact_unless_some_order_overflows() {
        let of = |dtype: DType, a: &[i128], b: &[i128]| {
            let terms: Vec<_> = a.iter().zip(b).map(|(a, b)| (Element::Int(*a), Element::Int(*b))).collect();
            integer_sum(dtype, &terms)
        };
        assert_eq!(of(DType::Int8, &[100, -100, 27], &[1, 1, 1]), Integer::Is(27));
        assert_eq!(of(DType::Int8, &[100, 100, -100], &[1, 1, 1]), Integer::Free(100));
        assert_eq!(of(DType::Int8, &[-64, -64], &[1, 1]), Integer::Is(-128));
        assert_eq!(of(DType::Uint64, &[i128::from(u64::MAX)], &[i128::from(u64::MAX)]), Integer::Free(1 - (1i128 << 65)));
        assert_eq!(of(DType::Int64, &[3037000499], &[3037000499]), Integer::Is(9223372030926249001));
        let promoted = run("matmul", DType::Int16, &ints(DType::Int8, &[1], &[100]), &ints(DType::Uint8, &[1], &[200]), &[]);
        let Ok(Expectation::Array(array)) = promoted else { panic!("legal") };
        assert_eq!(array.example(), ints(DType::Int16, &[], &[20000]));
    }

    #[test]
    fn the_reference_is_exact_where_terms_cancel() {
        let x1 = floats(DType::Float64, &[4], &[1e16, 1.0, -1e16, 3.0]);
        let x2 = floats(DType::Float64, &[4], &[1.0, 1.0, 1.0, 0.5]);
        let near = near("matmul", DType::Float64, &x1, &x2)[0];
        assert_eq!(near.re, 2.5);
        // Five times two roundings of 2**-53 of the magnitudes, and half an eps of the reference.
        assert!(near.bound > 10.0 * 2f64.powi(-53) * 2e16 && near.bound < 12.0 * 2f64.powi(-53) * 2e16, "{near:?}");
        let squares = floats(DType::Float64, &[1], &[1.0 + f64::EPSILON]);
        let near = super::tests::near("vecdot", DType::Float64, &squares, &squares)[0];
        assert_eq!(near.re, 1.0 + 2.0 * f64::EPSILON);
    }

    #[test]
    fn infinities_and_nan_are_exact_where_every_order_agrees() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let of = |a: &[f64], b: &[f64]| {
            let terms: Vec<_> = a.iter().zip(b).map(|(a, b)| (Element::F64(*a), Element::F64(*b))).collect();
            real_sum(DType::Float32, &terms)
        };
        assert_eq!(of(&[inf, 1.0], &[-2.0, 1.0]), exactly(-inf));
        assert!(of(&[inf, inf], &[1.0, -1.0]).re.is_nan() && of(&[inf, inf], &[1.0, -1.0]).bound == 0.0);
        assert!(of(&[nan, inf, 1e38], &[2.0, 1.0, 1e38]).bound == 0.0);
        assert_eq!(of(&[inf, 1.0], &[0.0, 1.0]).bound, inf);
        assert_eq!(of(&[nan, 1.0], &[0.0, 1.0]).bound, inf);
        assert_eq!(of(&[2e38, 2e38, -2e38], &[1.0, 1.0, 1.0]).bound, inf);
        assert_eq!(of(&[2e38, 2e38, -inf], &[1.0, 1.0, 1.0]).bound, inf);
        assert_eq!(of(&[], &[]), exactly(0.0));
    }

    #[test]
    fn only_vecdot_conjugates_and_only_its_first_operand() {
        let array = |values: &[(f32, f32)]| {
            Array::from_elements(DType::Complex64, vec![values.len()], values.iter().map(|(re, im)| Element::C64(*re, *im)))
        };
        let (x1, x2) = (array(&[(1.0, 2.0), (0.0, 1.0)]), array(&[(3.0, -1.0), (2.0, 0.0)]));
        let of = |function| near(function, DType::Complex64, &x1, &x2)[0];
        assert_eq!((of("matmul").re, of("matmul").im), (5.0, 7.0));
        assert_eq!((of("vecdot").re, of("vecdot").im), (1.0, -9.0));
        let real = floats(DType::Float64, &[2], &[1.0, 2.0]);
        let mixed = near("vecdot", DType::Complex128, &x1, &real)[0];
        assert_eq!((mixed.re, mixed.im), (1.0, -4.0));
        let special = near("vecdot", DType::Complex64, &array(&[(f32::INFINITY, 0.0)]), &array(&[(1.0, 0.0)]))[0];
        assert_eq!(special.bound, f64::INFINITY);
    }

    #[test]
    fn dot_products_broadcast_all_axes_but_one() {
        let dot = |a: &[usize], b: &[usize], axis: i128| example("vecdot", &counting(a), &counting(b), &[("axis", int(axis))]);
        assert_eq!(dot(&[3], &[3], -1), ints(DType::Int32, &[], &[5]));
        assert_eq!(dot(&[2, 3], &[3], -1), ints(DType::Int32, &[2], &[5, 14]));
        assert_eq!(dot(&[2, 3], &[2, 1], -2), ints(DType::Int32, &[3], &[3, 4, 5]));
        assert_eq!(dot(&[2, 2, 1], &[2, 3], -2), ints(DType::Int32, &[2, 3], &[3, 4, 5, 9, 14, 19]));
        let contracted = run("vecdot", DType::Int32, &counting(&[2, 3]), &counting(&[2, 1]), &[]);
        assert!(matches!(contracted, Ok(Expectation::Raises)), "the contracted axis does not broadcast");
        let beyond = run("vecdot", DType::Int32, &counting(&[2, 3]), &counting(&[2]), &[("axis", int(-2))]);
        assert!(matches!(beyond, Err(Undefined::Illegal(_))));
    }

    #[test]
    fn tensors_contract_over_numbers_and_tuples_of_axes() {
        let dot = |a: &[usize], b: &[usize], axes: Given| example("tensordot", &counting(a), &counting(b), &[("axes", axes)]);
        let int32 = |shape: &[usize], values: &[i128]| ints(DType::Int32, shape, values);
        assert_eq!(dot(&[2], &[3], int(0)), int32(&[2, 3], &[0, 0, 0, 0, 1, 2]));
        assert_eq!(dot(&[2, 3], &[3, 2], int(1)), int32(&[2, 2], &[10, 13, 28, 40]));
        assert_eq!(example("tensordot", &counting(&[2, 2]), &counting(&[2, 2]), &[]), int32(&[], &[14]));
        let pair = |first: &[i128], second: &[i128]| Given::Tuple(vec![tuple(first), tuple(second)]);
        assert_eq!(dot(&[2, 3], &[2, 1], pair(&[0], &[-2])), int32(&[3, 1], &[3, 4, 5]));
        assert_eq!(dot(&[2, 2], &[2, 2], pair(&[0, 1], &[1, 0])), int32(&[], &[13]));
        assert_eq!(dot(&[2], &[1], pair(&[], &[])), int32(&[2, 1], &[0, 0]));
        let refused = |axes: Given| run("tensordot", DType::Int32, &counting(&[2, 3]), &counting(&[3, 2]), &[("axes", axes)]);
        assert!(matches!(refused(pair(&[2], &[0])), Ok(Expectation::Raises)));
        for axes in [pair(&[0], &[0]), pair(&[1, -1], &[0, 1]), pair(&[1], &[]), int(-1), int(3), int(2), Given::None] {
            assert!(matches!(refused(axes.clone()), Err(Undefined::Illegal(_))), "{axes:?}");
        }
    }

    #[test]
    fn the_last_two_axes_are_swapped() {
        let x = counting(&[2, 2, 3]);
        let semantics = crate::call::semantics("matrix_transpose").expect("it has semantics");
        let given = [("x", Given::Array(x))];
        let transposed = semantics(&Call { given: &given, dtype: Some(DType::Int32), defaults: Defaults::default() });
        let Ok(Expectation::Array(array)) = transposed else { panic!("legal") };
        assert_eq!(array.example(), ints(DType::Int32, &[2, 3, 2], &[0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]));
    }
}
