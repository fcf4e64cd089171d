//! Sums and products, one element at a time.
//!
//! A reduction or scan may apply its operations in any order. The result is exact if every order gives it. Otherwise the bounds are those
//! of any order of evaluation: the error of a sum of `n` numbers is at most `(n - 1) * u * sum(abs(x))` to first order (Higham, "Accuracy
//! and Stability of Numerical Algorithms", 4.2), that of a product `(n - 1) * u * abs(product)`. They are doubled for directed rounding. If
//! some order overflows on the way, any result is right.

use array_assay_interface::{Array, DType, Element};

use crate::accuracy::Format;
use crate::call::{Near, Undefined};
use crate::precise::{self, Pair, Real};

/// The operation of a fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::call) enum Operation {
    Sum,
    Product,
}

/// The result of a fold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::call) enum Outcome {
    Integer(i128),
    /// A result near a number.
    Near(Near),
    /// A real number that every order of evaluation gives. The sign of a zero counts.
    Settled(f64),
}

impl Outcome {
    pub(in crate::call) fn near(self) -> Near {
        match self {
            Outcome::Integer(v) => near(v as f64, 0.0),
            Outcome::Near(near) => near,
            Outcome::Settled(v) => near(v, 0.0),
        }
    }

    pub(in crate::call) fn element(self) -> Option<Element> {
        match self {
            Outcome::Integer(v) => Some(Element::Int(v)),
            Outcome::Settled(v) => Some(Element::F64(v)),
            Outcome::Near(_) => None,
        }
    }
}

/// A real number and the largest distance of a result from it.
pub(in crate::call) fn near(re: f64, bound: f64) -> Near {
    Near { re, im: 0.0, bound }
}

/// Any result. `re` is the result of an ideal library.
pub(in crate::call) fn any(re: f64) -> Near {
    near(re, f64::INFINITY)
}

/// The elements that a fold combines, cast to the dtype of its result.
pub(in crate::call) struct Terms {
    pub(in crate::call) elements: Vec<Element>,
    dtype: DType,
    /// Whether the cast rounded some element.
    rounded: bool,
}

impl Terms {
    /// Open if a value does not fit the dtype, or if a cast between kinds of dtypes loses information.
    pub(in crate::call) fn of(x: &Array, dtype: DType) -> Result<Terms, Undefined> {
        let mut rounded = false;
        let cast = |element: Element| {
            let cast = element.cast(dtype);
            let lossless = match (element, cast) {
                (Element::Bool(_), _) | (_, Element::Bool(_)) => return None,
                (Element::Int(a), Element::Int(b)) => return (a == b).then_some(cast),
                (_, Element::Int(_)) => return None,
                (Element::Int(a), _) => a == cast.components().0 as i128,
                (Element::C64(..) | Element::C128(..), Element::F32(_) | Element::F64(_)) => return None,
                _ => {
                    let ((a, b), (c, d)) = (element.components(), cast.components());
                    if a.is_infinite() != c.is_infinite() || b.is_infinite() != d.is_infinite() {
                        return None;
                    }
                    (a == c || a.is_nan()) && (b == d || b.is_nan())
                }
            };
            rounded |= !lossless;
            Some(cast)
        };
        let elements = x.elements().map(cast).collect::<Option<Vec<_>>>().ok_or(Undefined::Open)?;
        Ok(Terms { elements, dtype, rounded })
    }

    /// A fold without elements.
    pub(in crate::call) fn accumulator(&self, operation: Operation) -> Accumulator {
        let arithmetic = Arithmetic::of(self.dtype, self.rounded);
        match (operation, self.dtype.integer_range(), self.dtype.is_complex()) {
            (Operation::Sum, Some(range), _) => Accumulator::IntegerSum(IntegerSum::new(range)),
            (Operation::Product, Some(range), _) => Accumulator::IntegerProduct(IntegerProduct::new(range)),
            (Operation::Sum, None, false) => Accumulator::RealSum(RealSum::new(arithmetic)),
            (Operation::Sum, None, true) => Accumulator::ComplexSum(RealSum::new(arithmetic), RealSum::new(arithmetic)),
            (Operation::Product, None, false) => Accumulator::RealProduct(RealProduct::new(arithmetic)),
            (Operation::Product, None, true) => Accumulator::ComplexProduct(ComplexProduct::new(arithmetic)),
        }
    }
}

/// A fold in progress.
pub(in crate::call) enum Accumulator {
    IntegerSum(IntegerSum),
    IntegerProduct(IntegerProduct),
    RealSum(RealSum),
    ComplexSum(RealSum, RealSum),
    RealProduct(RealProduct),
    ComplexProduct(ComplexProduct),
}

impl Accumulator {
    pub(in crate::call) fn push(&mut self, element: Element) {
        let (re, im) = element.components();
        match self {
            Accumulator::IntegerSum(sum) => sum.push(element.integer()),
            Accumulator::IntegerProduct(product) => product.push(element.integer()),
            Accumulator::RealSum(sum) => sum.push(re),
            Accumulator::ComplexSum(sum_re, sum_im) => {
                sum_re.push(re);
                sum_im.push(im);
            }
            Accumulator::RealProduct(product) => product.push(re),
            Accumulator::ComplexProduct(product) => product.push(re, im),
        }
    }

    /// The result so far. Open if some order of evaluation overflows the integers.
    pub(in crate::call) fn outcome(&self) -> Result<Outcome, Undefined> {
        Ok(match self {
            Accumulator::IntegerSum(sum) => Outcome::Integer(sum.value().ok_or(Undefined::Open)?),
            Accumulator::IntegerProduct(product) => Outcome::Integer(product.value().ok_or(Undefined::Open)?),
            Accumulator::RealSum(sum) => Outcome::Near(sum.near()),
            Accumulator::ComplexSum(re, im) => Outcome::Near(joined(re.near(), im.near())),
            Accumulator::RealProduct(product) => product.outcome(),
            Accumulator::ComplexProduct(product) => Outcome::Near(product.near()),
        })
    }
}

/// A complex number whose components are each near a real number.
pub(in crate::call) fn joined(re: Near, im: Near) -> Near {
    Near { re: re.re, im: im.re, bound: re.bound.hypot(im.bound) }
}

/// A sum of integers.
pub(in crate::call) struct IntegerSum {
    range: (i128, i128),
    positive: i128,
    negative: i128,
}

impl IntegerSum {
    fn new(range: (i128, i128)) -> IntegerSum {
        IntegerSum { range, positive: 0, negative: 0 }
    }

    fn push(&mut self, x: i128) {
        // Elements have at most 64 bits.
        if x > 0 { self.positive += x } else { self.negative += x }
    }

    fn value(&self) -> Option<i128> {
        (self.positive <= self.range.1 && self.negative >= self.range.0).then_some(self.positive + self.negative)
    }
}

/// A product of integers.
pub(in crate::call) struct IntegerProduct {
    range: (i128, i128),
    /// The product of the magnitudes of the nonzero factors. `None` beyond 127 bits.
    magnitude: Option<i128>,
    zeros: usize,
    negatives: usize,
    /// Whether -1 is among the factors.
    minus_one: bool,
}

impl IntegerProduct {
    fn new(range: (i128, i128)) -> IntegerProduct {
        IntegerProduct { range, magnitude: Some(1), zeros: 0, negatives: 0, minus_one: false }
    }

    fn push(&mut self, x: i128) {
        self.negatives += usize::from(x < 0);
        self.minus_one |= x == -1;
        if x == 0 {
            self.zeros += 1;
        } else {
            self.magnitude = self.magnitude.and_then(|m| m.checked_mul(x.abs()));
        }
    }

    fn value(&self) -> Option<i128> {
        let magnitude = self.magnitude?;
        // The magnitude of the smallest integer is out of range. It is fine only if it never occurs before its sign does.
        let least = magnitude == -self.range.0 && self.negatives == 1 && !self.minus_one;
        if magnitude > self.range.1 && !least {
            return None;
        }
        Some(match (self.zeros, self.negatives % 2) {
            (0, 0) => magnitude,
            (0, _) => -magnitude,
            _ => 0,
        })
    }
}

/// The properties of the arithmetic of a floating-point dtype's components.
#[derive(Debug, Clone, Copy)]
pub(in crate::call) struct Arithmetic {
    /// The unit roundoff.
    pub(in crate::call) u: f64,
    /// The smallest normal number.
    pub(in crate::call) least: f64,
    /// The exponent of the smallest power of two that overflows.
    limit: f64,
    /// The number of roundings of each operand before any operation.
    casts: f64,
}

/// The unit roundoff of the references.
pub(in crate::call) const REFERENCE: f64 = f64::EPSILON / 2.0;

/// The possible error of logarithms of magnitudes, and of sums of rounding errors, near an overflow.
const MARGIN: f64 = 1e-3;

impl Arithmetic {
    pub(in crate::call) fn of(dtype: DType, rounded: bool) -> Arithmetic {
        let format = Format::of(dtype);
        Arithmetic {
            u: f64::powi(2.0, -format.precision),
            least: f64::powi(2.0, format.emin()),
            limit: f64::from(format.emax + 1),
            casts: if rounded { 1.0 } else { 0.0 },
        }
    }

    /// The bound for `steps` operations on operands of `magnitude`, including the casts and the reference. One operand needs no operation.
    fn bound(self, steps: f64, magnitude: f64) -> f64 {
        let steps = steps + self.casts;
        if steps == 0.0 { 0.0 } else { 2.0 * steps * self.u * magnitude + REFERENCE * magnitude }
    }

    /// Whether a magnitude overflows for some rounding errors.
    pub(in crate::call) fn may_overflow(self, magnitude: f64) -> bool {
        magnitude.log2() > self.limit - MARGIN
    }

    /// Whether a magnitude overflows for all rounding errors.
    pub(in crate::call) fn overflows(self, magnitude: f64) -> bool {
        magnitude.log2() > self.limit + MARGIN
    }
}

/// A sum of real numbers.
pub(in crate::call) struct RealSum {
    arithmetic: Arithmetic,
    /// The sum of the finite terms.
    exact: Real,
    count: usize,
    positive: f64,
    negative: f64,
    /// The smallest magnitude of a nonzero term.
    smallest: f64,
    nan: bool,
    pub(in crate::call) plus_infinity: bool,
    pub(in crate::call) minus_infinity: bool,
}

impl RealSum {
    pub(in crate::call) fn new(arithmetic: Arithmetic) -> RealSum {
        RealSum {
            arithmetic,
            exact: Real::ZERO,
            count: 0,
            positive: 0.0,
            negative: 0.0,
            smallest: f64::INFINITY,
            nan: false,
            plus_infinity: false,
            minus_infinity: false,
        }
    }

    pub(in crate::call) fn push(&mut self, x: f64) {
        self.count += 1;
        self.nan |= x.is_nan();
        self.plus_infinity |= x == f64::INFINITY;
        self.minus_infinity |= x == f64::NEG_INFINITY;
        if !x.is_finite() || x == 0.0 {
            return;
        }
        self.smallest = self.smallest.min(x.abs());
        if x > 0.0 {
            self.positive += x
        } else {
            self.negative -= x
        }
        if let Some(sum) = precise::with(|p| p.add(&self.exact, &p.real(x)?)) {
            self.exact = sum;
        }
    }

    /// The sum, if every order of evaluation gives the same special value, or may overflow.
    fn special(&self) -> Option<Near> {
        let (up, down) = (self.arithmetic.may_overflow(self.positive), self.arithmetic.may_overflow(self.negative));
        if self.nan || self.plus_infinity && self.minus_infinity {
            return Some(near(f64::NAN, 0.0));
        }
        if self.plus_infinity {
            return Some(near(f64::INFINITY, if down { f64::INFINITY } else { 0.0 }));
        }
        if self.minus_infinity {
            return Some(near(f64::NEG_INFINITY, if up { f64::INFINITY } else { 0.0 }));
        }
        if !up && !down || self.count == 1 {
            return None;
        }
        Some(match (self.positive, self.negative) {
            (sum, 0.0) if self.arithmetic.overflows(sum) => near(f64::INFINITY, 0.0),
            (0.0, sum) if self.arithmetic.overflows(sum) => near(f64::NEG_INFINITY, 0.0),
            _ => any(self.exact.to_f64().value()),
        })
    }

    /// The largest error from flushing subnormal terms and partial sums to zero. There are none if the last place of every term is normal.
    fn flushed(&self) -> f64 {
        let Arithmetic { u, least, .. } = self.arithmetic;
        if self.smallest * u < least { self.count as f64 * least } else { 0.0 }
    }

    fn magnitude(&self) -> f64 {
        self.positive + self.negative
    }

    pub(in crate::call) fn near(&self) -> Near {
        let bound = || self.arithmetic.bound(self.count.saturating_sub(1) as f64, self.magnitude()) + self.flushed();
        self.special().unwrap_or_else(|| near(self.exact.to_f64().value(), bound()))
    }

    /// The mean of the terms. It needs one more operation than the sum, and algorithms that update a mean need four for each term.
    pub(in crate::call) fn mean(&self) -> Near {
        if self.count == 0 {
            return near(f64::NAN, 0.0);
        }
        let count = self.count as f64;
        let exact = || precise::with(|p| p.div(&self.exact, &p.real(count)?)).map_or(f64::NAN, |mean| mean.to_f64().value());
        match self.special() {
            Some(special) if special.re.is_nan() => special,
            // An update of an infinite mean gives NaN, and the text mentions only NaN.
            Some(special) if self.plus_infinity || self.minus_infinity => any(special.re),
            // The mean of numbers is in range even if their sum is not.
            Some(_) => any(exact()),
            None if self.count == 1 => self.near(),
            None => near(exact(), self.arithmetic.bound(2.0 * (count + 1.0), self.magnitude() / count) + self.flushed()),
        }
    }
}

/// A product of real numbers.
pub(in crate::call) struct RealProduct {
    arithmetic: Arithmetic,
    range: PartialProducts,
    /// The product of the finite nonzero factors.
    exact: Real,
    /// Whether an odd number of factors has the sign bit set.
    negative: bool,
    nan: bool,
    zero: bool,
    infinity: bool,
}

/// The largest and the smallest partial product in some order of evaluation.
#[derive(Debug, Clone, Copy, Default)]
struct PartialProducts {
    count: usize,
    /// The binary logarithm of the largest one.
    high: f64,
    /// The binary logarithm of the smallest one.
    low: f64,
}

impl PartialProducts {
    fn push(&mut self, magnitude: f64) {
        self.count += 1;
        if magnitude > 0.0 && magnitude.is_finite() {
            let log = magnitude.log2();
            if log > 0.0 { self.high += log } else { self.low += log }
        }
    }

    /// The largest error of the result from underflow to zero at each step. A product of `2**bits` times the smallest normal number loses
    /// nothing.
    fn flushed(&self, arithmetic: Arithmetic, bits: f64) -> f64 {
        let safe = self.low > arithmetic.least.log2() + bits;
        if safe { 0.0 } else { self.count as f64 * arithmetic.least * self.high.exp2() }
    }
}

impl RealProduct {
    fn new(arithmetic: Arithmetic) -> RealProduct {
        let range = PartialProducts::default();
        RealProduct { arithmetic, range, exact: Real::ONE, negative: false, nan: false, zero: false, infinity: false }
    }

    fn push(&mut self, x: f64) {
        self.range.push(x.abs());
        self.negative ^= x.is_sign_negative();
        self.nan |= x.is_nan();
        self.zero |= x == 0.0;
        self.infinity |= x.is_infinite();
        if let Some(product) = precise::with(|p| p.mul(&self.exact, &p.real(x).filter(|_| x != 0.0)?)) {
            self.exact = product;
        }
    }

    fn outcome(&self) -> Outcome {
        let Arithmetic { limit, least, .. } = self.arithmetic;
        let signed = |magnitude: f64| if self.negative { -magnitude } else { magnitude };
        let settled = |sure: bool, v: f64| if sure { Outcome::Settled(v) } else { Outcome::Near(any(v)) };
        let overflow = self.range.count > 1 && self.range.high > limit - MARGIN;
        let underflow = self.range.low < least.log2() + MARGIN;
        let value = self.exact.to_f64().value();
        match (self.nan || self.zero && self.infinity, self.zero, self.infinity) {
            (true, ..) => Outcome::Settled(f64::NAN),
            (_, true, _) => settled(!overflow, signed(0.0)),
            (_, _, true) => settled(!underflow || self.range.count == 1, signed(f64::INFINITY)),
            _ if self.range.count == 0 => Outcome::Settled(1.0),
            _ if self.range.count == 1 && self.arithmetic.casts == 0.0 => Outcome::Settled(value),
            _ if overflow => settled(self.range.low == 0.0 && self.range.high > limit + MARGIN, signed(f64::INFINITY)),
            _ => {
                let steps = (self.range.count - 1) as f64 * (1.0 + self.arithmetic.casts);
                Outcome::Near(near(value, self.arithmetic.bound(steps, value.abs()) + self.range.flushed(self.arithmetic, 1.0)))
            }
        }
    }
}

/// A product of complex numbers.
pub(in crate::call) struct ComplexProduct {
    arithmetic: Arithmetic,
    range: PartialProducts,
    /// The product of the finite factors.
    exact: Pair,
    zero: bool,
    /// Whether some component of a factor is not finite.
    special: bool,
    /// Whether all components of all factors are NaN.
    all_nan: bool,
}

/// The normwise error of a complex multiplication in units of `u`: the square root of 5 by the textbook's formula (Brent, Percival,
/// Zimmermann, Math. Comp. 76, 2007), more with three multiplications.
const COMPLEX_MULTIPLICATION: f64 = 4.0;

impl ComplexProduct {
    fn new(arithmetic: Arithmetic) -> ComplexProduct {
        let range = PartialProducts::default();
        ComplexProduct { arithmetic, range, exact: [Real::ONE, Real::ZERO], zero: false, special: false, all_nan: true }
    }

    fn push(&mut self, re: f64, im: f64) {
        // The modulus of finite components may be beyond all numbers: it is less than twice the largest one.
        if re.is_finite() && im.is_finite() && re.hypot(im).is_infinite() {
            self.range.push(f64::MAX);
            self.range.high += 1.0;
        } else {
            self.range.push(re.hypot(im));
        }
        self.zero |= re == 0.0 && im == 0.0;
        self.special |= !re.is_finite() || !im.is_finite();
        self.all_nan &= re.is_nan() && im.is_nan();
        let product = precise::with(|p| {
            let ([a, b], c, d) = (&self.exact, p.real(re)?, p.real(im)?);
            let (ac, bd, ad, bc) = (p.mul(a, &c)?, p.mul(b, &d)?, p.mul(a, &d)?, p.mul(b, &c)?);
            Some([p.sub(&ac, &bd)?, p.add(&ad, &bc)?])
        });
        if let Some(product) = product {
            self.exact = product;
        }
    }

    fn near(&self) -> Near {
        let (count, nan) = (self.range.count, f64::NAN);
        if self.special {
            let bound = if self.all_nan { 0.0 } else { f64::INFINITY };
            return Near { re: nan, im: nan, bound };
        }
        let (re, im) = (self.exact[0].to_f64().value(), self.exact[1].to_f64().value());
        // Sums of components, and of products of components, are up to four times as large.
        let bound = if count > 1 && self.range.high > self.arithmetic.limit - 2.0 - MARGIN {
            f64::INFINITY
        } else if self.zero {
            0.0
        } else {
            let steps = count.saturating_sub(1) as f64 * (COMPLEX_MULTIPLICATION + self.arithmetic.casts);
            let flushed = if count > 1 { 4.0 * self.range.flushed(self.arithmetic, f64::INFINITY) } else { 0.0 };
            self.arithmetic.bound(steps, re.hypot(im)) + flushed
        };
        Near { re, im, bound }
    }
}
